// service: one whole Lookit for a test, started as `ops/run` starts it, on a data folder and a port of its own.
//
//   const house = await start();                 // folder, started, ready
//   await house.get('/login/');                  // fetch against it
//   await house.kill();  await house.start();    // kill -9, and again on the same folder
//   await house.stop();                          // SIGTERM, waits, checks the status
//   await house.remove();                        // at the end of the test
import { spawn } from 'node:child_process';
import { chmod, chown, copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const binary = process.env.LOOKIT_BINARY ?? 'build/ops/lookit';
export const isRoot = process.getuid() === 0;
const READY_MS = 120_000; // a bound, not a measure: sanitized builds on a busy machine are slow

// The environment without what would be taken for settings.
export function cleanEnv(extra = {}) {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('LOOKIT_') && name !== 'XDG_DATA_HOME');
  return { ...Object.fromEntries(kept), ...extra };
}

// Runs `lookit ARGS` to its end: {status, out, err}. One that does not end is killed: status null.
export function lookit(args, { env = {}, program = binary, uid, gid } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: cleanEnv(env), uid, gid, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let err = '';
    child.stdout.on('data', (bytes) => (out += bytes));
    child.stderr.on('data', (bytes) => (err += bytes));
    const timer = setTimeout(() => child.kill('SIGKILL'), READY_MS);
    child.on('error', reject);
    child.on('close', (status) => {
      clearTimeout(timer);
      resolve({ status, out, err });
    });
  });
}

export class Service {
  // user: {uid, gid} to run as (only when the test is root). log: descriptor of a file for what it logs; else it is read
  // into err.
  constructor({ args = [], env = {}, user, log } = {}) {
    Object.assign(this, { args, env, user, log, program: binary, out: '', err: '', child: null });
  }

  async prepare() {
    this.folder = await mkdtemp(join(tmpdir(), 'lookit-'));
    this.data = join(this.folder, 'data');
    await chmod(this.folder, 0o755);
    if (this.user) {
      await chown(this.folder, this.user.uid, this.user.gid);
      this.program = join(this.folder, 'lookit'); // the build folder may be out of that user's reach
      await copyFile(binary, this.program);
      await chmod(this.program, 0o755);
    }
  }

  // Ready when this returns; throws with everything that was printed when it ends before.
  async start(extra = []) {
    const args = ['run', '--data', this.data, '--listen', '127.0.0.1:0', '--ready-fd', '3', ...this.args, ...extra];
    this.out = '';
    this.err = '';
    this.child = spawn(this.program, args, { env: cleanEnv(this.env), stdio: ['ignore', 'pipe', this.log ?? 'pipe', 'pipe'], ...this.user });
    this.child.stdout.on('data', (bytes) => (this.out += bytes));
    this.child.stderr?.on('data', (bytes) => (this.err += bytes));
    this.ended = new Promise((resolve) => this.child.on('close', (status, signal) => resolve({ status, signal })));
    let timer;
    const ready = new Promise((resolve) => {
      let text = '';
      this.child.stdio[3].on('data', (bytes) => {
        text += bytes;
        if (text.includes('\n')) resolve(text.trim());
      });
    });
    const late = new Promise((resolve) => (timer = setTimeout(() => resolve(null), READY_MS)));
    const address = await Promise.race([ready, this.ended.then(() => null), late]);
    clearTimeout(timer);
    if (!address) {
      this.child.kill('SIGKILL');
      throw new Error(`lookit did not become ready\n${this.out}${this.err}`);
    }
    this.url = address.replace(/\/$/, '');
    return this;
  }

  get(path, options = {}) {
    return fetch(this.url + path, { redirect: 'manual', ...options });
  }

  async postgresPid() {
    return Number((await readFile(join(this.data, 'postgres/postmaster.pid'), 'utf8')).split('\n')[0]);
  }

  async kill() {
    this.child.kill('SIGKILL');
    await this.ended;
    this.child = null;
  }

  // How it ended: {status, signal}.
  async stop(signal = 'SIGTERM') {
    this.child.kill(signal);
    const end = await this.ended;
    this.child = null;
    return end;
  }

  async remove() {
    if (this.child) await this.kill();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

export async function start(options) {
  const house = new Service(options);
  await house.prepare();
  try {
    return await house.start();
  } catch (error) {
    await house.remove();
    throw error;
  }
}

// Asks again until the answer satisfies; a test fails by its own deadline, never by a measured time.
export async function until(ask, isGood, { tries = 600, pause_ms = 50 } = {}) {
  let last;
  for (let i = 0; i < tries; i++) {
    last = await ask().catch((error) => error);
    if (isGood(last)) return last;
    await new Promise((resolve) => setTimeout(resolve, pause_ms));
  }
  throw new Error(`never came true; last: ${last?.status ?? last}`);
}
