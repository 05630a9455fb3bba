// psql: one long-lived psql; each ask is answered by the lines it printed. No driver is needed, only PostgreSQL's own client.
import { spawn } from 'node:child_process';

export class Psql {
  // conninfo: as for `psql CONNINFO`.
  constructor(conninfo) {
    const env = { ...process.env, PGCLIENTENCODING: 'UTF8', PGOPTIONS: '-c timezone=UTC -c client_min_messages=warning' };
    // Errors are read where they happen among the answers, so both go one way.
    this.child = spawn('/bin/sh', ['-c', 'exec psql --no-psqlrc --quiet --no-align --tuples-only --dbname "$0" 2>&1', conninfo],
      { env, stdio: ['pipe', 'pipe', 'inherit'] });
    this.child.stdout.setEncoding('utf8');
    this.child.stdout.on('data', (text) => this.#read(text));
    this.child.stdin.on('error', () => {});
    this.child.on('close', () => this.#end());
    this.text = '';
    this.count = 0;
    this.waiting = [];
  }

  #read(text) {
    this.text += text;
    for (let asked = this.waiting[0]; asked; asked = this.waiting[0]) {
      const at = this.text.indexOf(asked.mark);
      if (at < 0) return;
      const said = this.text.slice(0, at).split('\n').slice(0, -1);
      this.text = this.text.slice(at + asked.mark.length);
      this.waiting.shift();
      const error = said.find((line) => /^(psql:.*)?(ERROR|FATAL):/.test(line));
      if (error) asked.reject(new Error(`${error} in ${asked.sql.slice(0, 200)}`));
      else asked.resolve(said);
    }
  }

  #end() {
    this.isOver = true;
    for (const asked of this.waiting.splice(0)) asked.reject(new Error(`psql ended: ${this.text.trim().slice(0, 300)}`));
  }

  // sql: statements, without the last semicolon. Gives the lines of all their answers; values must not hold a line end.
  ask(sql) {
    if (this.isOver) return Promise.reject(new Error(`psql ended: ${this.text.trim().slice(0, 300)}`));
    const mark = `--answered ${++this.count}--\n`;
    return new Promise((resolve, reject) => {
      this.waiting.push({ mark, sql, resolve, reject });
      this.child.stdin.write(`${sql};\n\\echo ${mark}`);
    });
  }

  async close() {
    if (this.isOver) return;
    const ended = new Promise((resolve) => this.child.on('close', resolve));
    this.child.stdin.end();
    await ended;
  }
}

export const quote = (text) => (text.includes('\\') ? ` E'${text.replace(/\\/g, '\\\\').replace(/'/g, "''")}'` : `'${text.replace(/'/g, "''")}'`);
