// bench: the figures that the house promises, measured in one run on one machine. Prints; asserts nothing.
//
//   node tests/bench/bench.mjs [api] [lists] [patch] [build] [start] [upload] [memory]        (none: all of them)
//
// Needs a release build in build/ (LOOKIT_BINARY names another), wrk, pgbench and an nginx with its dav module.
// Everything runs on throw-away folders below LOOKIT_BENCH_DIR (default: build/), so on the disk that the house would use.
import { spawn } from 'node:child_process';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync, chownSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Service } from '../support/service.mjs';
import { Client } from '../support/client.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const wanted = new Set(process.argv.slice(2));
const wants = (name) => wanted.size === 0 || wanted.has(name);
const area = mkdtempSync(join(resolve(process.env.LOOKIT_BENCH_DIR ?? join(root, 'build')), 'bench-'));
chmodSync(area, 0o755); // PostgreSQL and the house run as users of their own
const postgresBin = '/usr/lib/postgresql/' + readdirSync('/usr/lib/postgresql').sort((a, b) => b - a)[0] + '/bin';

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
// Not spawnSync: whoever waits must go on reading what the house logs, or the house waits, too.
const run = (command, args, { input, ...options } = {}) =>
  new Promise((done, failed) => {
    const child = spawn(command, args, { stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'], ...options });
    let out = '', err = '';
    child.stdout?.on('data', (bytes) => (out += bytes));
    child.stderr?.on('data', (bytes) => (err += bytes));
    child.on('error', failed);
    child.on('close', (status) => (status === 0 ? done(out) : failed(new Error(`${command}: ${out}${err}`.slice(0, 2000)))));
    if (input !== undefined) child.stdin.end(input);
  });
const as = async (user) => (process.getuid() === 0 ? { uid: Number(await run('id', ['-u', user])), gid: Number(await run('id', ['-g', user])) } : {});
const say = (name, text) => console.log(`${name.padEnd(34)} ${text}`);

// ---- a durable PostgreSQL of its own, open to whoever is on this machine's socket

class Postgres {
  async start() {
    this.dir = join(area, 'pg');
    mkdirSync(this.dir, { mode: 0o755 });
    this.user = await as('postgres');
    if (this.user.uid !== undefined) chownSync(this.dir, this.user.uid, this.user.gid);
    const options = { ...this.user, cwd: '/' };
    await run(`${postgresBin}/initdb`, ['-D', `${this.dir}/data`, '-U', 'lookit', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8'], options);
    await run(`${postgresBin}/pg_ctl`, ['-D', `${this.dir}/data`, '-w', '-l', `${this.dir}/log`, '-o',
      `-c listen_addresses= -c unix_socket_directories=${this.dir} -c max_connections=100`, 'start'], { ...options, stdio: 'ignore' });
    await run(`${postgresBin}/createdb`, ['-h', this.dir, '-U', 'lookit', '-T', 'template0', 'lookit']);
    this.url = `host=${this.dir} user=lookit dbname=lookit`;
    return this;
  }
  async sql(text) {
    return (await run('psql', [this.url, '-qAt', '-v', 'ON_ERROR_STOP=1'], { input: text })).trim();
  }
  async stop() {
    await run(`${postgresBin}/pg_ctl`, ['-D', `${this.dir}/data`, '-m', 'fast', '-w', 'stop'], { ...this.user, cwd: '/', stdio: 'ignore' });
  }
}

// ---- the API over HTTP against the same statements in pgbench

// A statement as pgbench knows it. absent: parameters that are not given.
function statement(path, absent = {}) {
  const lines = readFileSync(join(root, path), 'utf8').split('\n');
  const names = /-- in: (.+?) ·/.exec(lines[0])[1].split(',').map((part) => part.trim().split(' '));
  let text = lines.filter((line) => !line.startsWith('--')).join('\n').trim().replace(/;$/, '');
  for (const [name, type] of names) text = text.replace(new RegExp(`(?<!:):${name}\\b`, 'g'), name in absent ? `null::${type}` : `:${name}::${type}`);
  return { text, names: names.map(([name]) => name).filter((name) => !(name in absent)) };
}

async function pgbenchRate(pg, script, values, clients, seconds) {
  const file = join(area, 'script.sql');
  writeFileSync(file, script);
  const args = ['-n', '-M', 'prepared', '-c', String(clients), '-j', '1', '-T', String(seconds), '-f', file];
  for (const [name, value] of Object.entries(values)) args.push('-D', `${name}=${value}`);
  const out = await run(`${postgresBin}/pgbench`, [...args, '-h', pg.dir, '-U', 'lookit', 'lookit']);
  return Number(/tps = ([0-9.]+)/.exec(out)[1]);
}

// script: Lua, for requests that are not plain GETs.
async function wrkRun(url, token, connections, seconds, script) {
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', '-H', `Authorization: Token ${token}`];
  if (script) {
    const file = join(area, 'script.lua');
    writeFileSync(file, script);
    args.push('-s', file);
  }
  const out = await run('wrk', [...args, url]);
  if (/Non-2xx/.test(out)) throw new Error(out);
  const at = (percent) => new RegExp(`^ +${percent}%\\s+(\\S+)`, 'm').exec(out)[1];
  return { rate: Number(/Requests\/sec:\s+([0-9.]+)/.exec(out)[1]), p50: at(50), p99: at(99) };
}

// Ours and theirs by turns, three rounds, medians.
async function against(title, theirs, ours) {
  const rates = { theirs: [], ours: [] };
  let last;
  for (let round = 0; round < 3; round++) {
    rates.theirs.push(await theirs());
    last = await ours();
    rates.ours.push(last.rate);
  }
  const [own, other] = [median(rates.ours), median(rates.theirs)];
  say(title, `${own.toFixed(0)}/s, pgbench ${other.toFixed(0)}/s, ratio ${(own / other).toFixed(2)}, p50 ${last.p50}, p99 ${last.p99}`);
  return own;
}

async function family(pg) {
  const token = randomBytes(20).toString('hex');
  const account = await pg.sql(`insert into account (username, password, is_active) values ('${token}@example.org', '!', true) returning id`);
  await pg.sql(`insert into token (digest, account) values (sha256('${token}'), ${account})`);
  const child = await pg.sql(`insert into child (account, given_name, birthday, gender) values (${account}, 'Mo', '2024-02-17', 'na') returning id`);
  const study = await pg.sql(`insert into study (name, study_type) values ('Bench', 1) returning id`);
  return { token, account, child, study };
}

async function api(pg, house) {
  const { token, account, child, study } = await family(pg);
  const one = statement('actors/responses/sql/api_response.sql', { child: 1, study: 1 });
  let peak, url;
  for (const [title, bytes, clients] of [['2 KB', 2000, 8], ['2 KB', 2000, 16], ['2 KB', 2000, 32], ['2 KB', 2000, 64], ['200 KB', 200000, 8]]) {
    const data = JSON.stringify({ '0-trial': { frameType: 'DEFAULT', eventTimings: [], text: 'x'.repeat(bytes) } });
    const response = await pg.sql(`insert into response (study, child, exp_data, sequence) values (${study}, ${child}, '${data}', '{0-trial}') returning uuid`);
    const values = Object.fromEntries(one.names.map((name) => [name, { viewer: account, response, v: 'v1', origin: house.url, query: '{}' }[name] ?? '']));
    const place = `${house.url}/api/v1/responses/${response}/`;
    const rate = await against(`GET one response, ${title}, ${clients} clients`, () => pgbenchRate(pg, `${one.text};\n`, values, clients, 4), () => wrkRun(place, token, clients, 4));
    if (clients === 32) [peak, url] = [rate, place];
  }
  const pause = Math.max(1, Math.round(32000 / (peak / 2))); // wrk waits that many ms before each request of a connection
  const half = await wrkRun(url, token, 32, 5, `function delay() return ${pause} end`);
  say('  2 KB at about half the peak', `${half.rate.toFixed(0)}/s, p50 ${half.p50}, p99 ${half.p99}`);
}

// 200 studies, 50 of them open to families; then the sessions of one study, a hundred thousand of them.
async function lists(pg, house) {
  const { token, account, child } = await family(pg);
  await pg.sql(`insert into study (name, study_type, state, public, short_description, purpose, structure)
    select 'Study ' || n, 1, case when n <= 50 then 'active' else 'created' end, n <= 50, repeat('What happens. ', 10), repeat('What for. ', 10),
           '{"frames":{"t":{"kind":"exp-lookit-text"}},"sequence":["t"]}' from generate_series(1, 200) n; analyze study`);
  const list = statement('actors/studies/sql/api_studies.sql', { page: 1, page_size: 1 });
  const values = Object.fromEntries(list.names.map((name) => [name, { viewer: account, v: 'v1', origin: house.url, path: '/api/v1/studies/', query: '{}' }[name] ?? '']));
  await against('GET the study list, 10 of 50', () => pgbenchRate(pg, `${list.text};\n`, values, 8, 4), () => wrkRun(`${house.url}/api/v1/studies/`, token, 8, 4));

  const [id, uuid] = (await pg.sql(`insert into study (name, study_type) values ('Many', 1) returning id || '|' || uuid`)).split('|');
  await pg.sql(`update account set is_researcher = true where id = ${account}; insert into permit (study, permission, account) select ${id}, id, ${account} from permission where name = 'read_data'`);
  const other = await family(pg);
  await pg.sql(`set session_replication_role = replica;
    insert into response (study, child, completed_consent_frame, ruling, sequence, exp_data, date_created, date_modified)
    select ${id}, ${other.child}, true, 'accepted', '{0-t}', '{"0-t":{"frameType":"DEFAULT"}}', now() - n * interval '1 second', now() - n * interval '1 second'
    from generate_series(1, 100000) n; analyze response`);
  for (const place of [`/api/v1/studies/${uuid}/responses/`, '/api/v1/responses/']) {
    const took = {};
    for (const page of ['1', '5000', '10000', 'last']) took[page] = (await wrkRun(`${house.url}${place}?page=${page}`, token, 1, 3)).p50;
    say(`  of 100,000: ${place.replace(uuid, '…')}`, Object.entries(took).map(([page, p50]) => `page ${page} ${p50}`).join(', '));
  }
}

// Eight sittings, each saved whole again and again, as the frame player does it.
async function patch(pg, house) {
  const { token, account, child, study } = await family(pg);
  const absent = Object.fromEntries('child study conditions global_event_timings completed completed_consent_frame survey_consent is_preview recording_method eligibility'.split(' ').map((n) => [n, 1]));
  const [find, change, written] = ['response_for_change', 'response_change', 'response_written'].map((name) => statement(`actors/responses/sql/${name}.sql`, absent));
  const uuid = (n) => `00000000-0000-4000-8000-00000000000${n}`;
  for (let n = 0; n < 8; n++)
    await pg.sql(`delete from response where uuid = '${uuid(n)}'; insert into response (uuid, study, child) values ('${uuid(n)}', ${study}, ${child})`);
  for (const frames of [1, 25, 50]) {
    const ids = Array.from({ length: frames }, (_, i) => `${i}-trial`);
    const data = JSON.stringify(Object.fromEntries(ids.map((id) => [id, { frameType: 'DEFAULT', eventTimings: [], text: 'x'.repeat(1100) }])));
    const script = `begin;\n${find.text.replaceAll(':response::uuid', `('00000000-0000-4000-8000-00000000000' || :client_id)::uuid`)} \\gset\n${change.text};\n${written.text};\ncommit;\n`;
    const values = { viewer: account, v: 'v1', origin: house.url, query: '{}', exp_data: data, sequence: `{${ids}}` };
    const lua = `local n = 0
      function request()
        n = (n + 1) % 8
        local id = "00000000-0000-4000-8000-00000000000" .. n
        local body = '{"data":{"type":"responses","id":"' .. id .. '","attributes":{"sequence":${JSON.stringify(ids)},"exp_data":' .. data .. '}}}'
        return wrk.format("PATCH", "/api/v1/responses/" .. id .. "/", {["Content-Type"] = "application/vnd.api+json", ["Authorization"] = "Token ${token}"}, body)
      end
      data = [==[${data}]==]`;
    await against(`PATCH of ${frames} frames, ${(data.length / 1024).toFixed(0)} KB, 8 clients`, () => pgbenchRate(pg, script, values, 8, 4), () => wrkRun(house.url, token, 8, 4, lua));
  }
}

// ---- uploads against nginx

const GIB = 1 << 30, CHUNK = 1 << 20;
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function send(url, method, headers, body) {
  return new Promise((done, failed) => {
    const q = http.request(url, { method, headers: { ...headers, 'Content-Length': body ? body.length : 0 }, agent }, (r) => {
      r.resume();
      r.on('end', () => done(r));
    });
    q.on('error', failed);
    q.end(body);
  });
}

const rss = (pid, field = 'VmRSS') => Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

async function tusUpload(pg, house) {
  const client = await Client.family(house.url);
  const child = await pg.sql(`insert into child (account, given_name, birthday, gender) select id, 'Mo', '2024-02-17', 'na' from account where username = '${client.username}' returning id`);
  const study = await pg.sql(`insert into study (name, study_type) values ('Upload', 1) returning uuid`);
  const response = await pg.sql(`insert into response (study, child) select id, ${child} from study where uuid = '${study}' returning uuid`);
  const name = `videoStream_${study}_1-trial_${response}_${Date.now()}_1.webm`;
  const meta = Object.entries({ filename: name, response, frame: '1-trial', is_consent: 'false', filetype: 'video/webm' })
    .map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`).join(',');
  const common = { ...client.headers(), 'Tus-Resumable': '1.0.0' };
  const made = await send(`${house.url}/uploads/`, 'POST', { ...common, 'Upload-Length': String(GIB), 'Upload-Metadata': meta }, null);
  if (made.statusCode !== 201) throw new Error(`creation: ${made.statusCode}`);
  const place = new URL(made.headers.location, house.url);
  const chunk = randomBytes(CHUNK);
  const checksum = `sha256 ${createHash('sha256').update(chunk).digest('base64')}`;
  const before = rss(house.child.pid);
  let most = before;
  const started = process.hrtime.bigint();
  for (let offset = 0; offset < GIB; offset += CHUNK) {
    const headers = { ...common, 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': String(offset), 'Upload-Checksum': checksum };
    const r = await send(place, 'PATCH', headers, chunk);
    if (r.statusCode !== 204) throw new Error(`chunk at ${offset}: ${r.statusCode}`);
    if (offset % (64 * CHUNK) === 0) most = Math.max(most, rss(house.child.pid));
  }
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  return { seconds, grew: most - before };
}

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((done) => server.on('listening', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

async function nginxUpload(size) {
  const port = await freePort();
  const dir = join(area, `nginx-${size}-${randomUUID()}`);
  mkdirSync(join(dir, 'files'), { recursive: true, mode: 0o777 });
  writeFileSync(join(dir, 'nginx.conf'), `daemon off; worker_processes 1; pid ${dir}/pid; error_log ${dir}/log; ${process.getuid() === 0 ? 'user root;' : ''}
events {}
http { access_log off; client_body_temp_path ${dir}/temp; keepalive_requests 100000;
  server { listen 127.0.0.1:${port}; root ${dir}/files; client_max_body_size 2g; location / { dav_methods PUT; create_full_put_path on; } } }`);
  const child = spawn('/usr/sbin/nginx', ['-c', join(dir, 'nginx.conf')], { stdio: 'inherit' });
  const nginxAgent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const put = (path, body) => new Promise((done, failed) => {
    const q = http.request({ host: '127.0.0.1', port, path, method: 'PUT', headers: { 'Content-Length': size }, agent: nginxAgent }, (r) => {
      r.resume();
      r.on('end', () => (r.statusCode < 300 ? done() : failed(new Error(`PUT ${r.statusCode}`))));
    });
    q.on('error', failed);
    body(q);
  });
  const chunk = randomBytes(CHUNK);
  for (let i = 0; ; i++) {
    const isThere = await new Promise((done) => {
      const q = http.get({ host: '127.0.0.1', port, path: '/none' }, (r) => (r.resume(), done(true)));
      q.on('error', () => done(false));
    });
    if (isThere) break;
    if (i > 200) throw new Error('nginx does not answer');
    await new Promise((r) => setTimeout(r, 50));
  }
  const started = process.hrtime.bigint();
  if (size === GIB)
    await put('/whole', (q) => {
      let left = GIB;
      const more = () => {
        while (left > 0) {
          left -= CHUNK;
          if (!q.write(chunk)) return void q.once('drain', more);
        }
        q.end();
      };
      more();
    });
  else for (let i = 0; i < GIB / CHUNK; i++) await put(`/part${i}`, (q) => q.end(chunk));
  await run('sync', ['-f', join(dir, 'files')]);
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  child.kill('SIGTERM');
  await new Promise((r) => child.on('close', r));
  rmSync(dir, { recursive: true });
  return seconds;
}

async function upload(pg, house) {
  const ours = [], whole = [], parts = [];
  let grew = 0;
  for (let round = 0; round < 3; round++) {
    const got = await tusUpload(pg, house);
    ours.push(got.seconds);
    grew = Math.max(grew, got.grew);
    whole.push(await nginxUpload(GIB));
    parts.push(await nginxUpload(CHUNK));
  }
  const rate = (seconds) => `${(1024 / seconds).toFixed(0)} MiB/s`;
  say('upload of 1 GiB, 1 MiB chunks', `${rate(median(ours))}, each chunk durable before its answer; memory grew by ${grew.toFixed(1)} MiB`);
  say('  nginx, one PUT, then sync', `${rate(median(whole))}, ratio ${(median(whole) / median(ours)).toFixed(2)}`);
  say('  nginx, 1024 PUTs, then sync', `${rate(median(parts))}, ratio ${(median(parts) / median(ours)).toFixed(2)}`);
}

// ---- the others

async function build(house) {
  const lab = await Client.administrator(house);
  const text = readFileSync(join(root, 'ops/demo/protocol.json'), 'utf8');
  const study = await lab.study(text);
  const times = [];
  for (let i = 0; i < 10; i++) {
    await lab.protocol(study, text.replace('There are three short rounds', `Build ${i}: there are three short rounds`));
    const started = process.hrtime.bigint();
    await lab.build(study);
    times.push(Number(process.hrtime.bigint() - started) / 1e6);
  }
  say('study build, over HTTP', `${median(times).toFixed(1)} ms (${Math.min(...times).toFixed(1)} to ${Math.max(...times).toFixed(1)}, 10 builds)`);
}

async function startAndMemory() {
  const house = new Service({ args: ['--no-demo'] });
  await house.prepare();
  const total = [], without = [];
  let idle;
  try {
    await house.start();
    await house.stop();
    for (let i = 0; i < 5; i++) {
      await house.start();
      await new Promise((r) => setTimeout(r, 1500));
      const [, ms, postgres] = /ready ms=(\d+) postgres_ms=(\d+)/.exec(house.err);
      total.push(Number(ms));
      without.push(Number(ms) - Number(postgres));
      idle = { rss: rss(house.child.pid), peak: rss(house.child.pid, 'VmHWM') };
      await house.stop();
    }
  } finally {
    await house.remove();
  }
  if (wants('start')) say('start to ready, existing database', `${median(total)} ms, ${median(without)} ms without PostgreSQL's own time (5 starts)`);
  if (wants('memory')) say('idle memory of lookit', `${idle.rss.toFixed(1)} MiB resident, ${idle.peak.toFixed(1)} MiB at most`);
}

try {
  if (wants('start') || wants('memory')) await startAndMemory();
  if (['api', 'lists', 'patch', 'upload', 'build'].some(wants)) {
    const pg = await new Postgres().start();
    // into a file: this process shall not be woken for every answer
    const log = openSync(join(area, 'log'), 'a');
    const house = new Service({ args: ['--no-demo', '--database-url', pg.url], log });
    await house.prepare();
    try {
      await house.start();
      if (wants('build')) await build(house);
      if (wants('api')) await api(pg, house);
      if (wants('lists')) await lists(pg, house);
      if (wants('patch')) await patch(pg, house);
      if (wants('upload')) await upload(pg, house);
    } finally {
      await house.remove();
      await pg.stop();
    }
  }
} finally {
  rmSync(area, { recursive: true, force: true });
}
