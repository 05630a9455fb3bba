// replay: sends recorded exchanges (`chs-golden-exchanges/1`) to a service and says where its answers differ.
//
//   tests/golden/replay DIR                                     starts a service of its own on a throw-away database
//   tests/golden/replay --base-url URL DIR                      one that runs, with its private PostgreSQL where `ops/run` puts it
//   tests/golden/replay --base-url URL --data FOLDER DIR        … in FOLDER
//   tests/golden/replay --base-url URL --database-url CONN DIR  one that runs on another database (or LOOKIT_DATABASE_URL)
//
//   --world FILE    default: world.json beside DIR
//   --only TEXT     those whose id begins with it; may be given several times
//
// Each exchange meets the world as it was loaded: what the one before changed is put back, which takes a superuser of the
// database. An empty database is filled with the world, one that holds exactly that world is used, any other is refused.
// LOOKIT_BINARY names the program (default: build/ops/lookit). What is compared, and how: judge.mjs. One line per failure,
// "N passed, M failed" at the end; status 1 when something failed, 2 when it could not be tried.
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { lookit, Service } from '../support/service.mjs';
import { get, parse } from './json.mjs';
import { judge } from './judge.mjs';
import { normal } from './neutral.mjs';
import { Psql } from './psql.mjs';
import { close, send } from './send.mjs';
import { State } from './state.mjs';
import { closeSessions, filler, openSessions, readWorld, worldIn } from './world.mjs';

const FORMAT = 'chs-golden-exchanges/1';
const SHOWN_MAX = 4; // faults of one exchange in its line

async function readExchanges(folder) {
  const all = [];
  for (const name of (await readdir(folder)).filter((one) => one.endsWith('.json')).sort()) {
    const file = parse(await readFile(join(folder, name), 'utf8'));
    if (get(file, '/format') === FORMAT) all.push(...file.get('exchanges'));
  }
  if (!all.length) throw new Error(`${folder} has no exchanges (${FORMAT})`);
  return all;
}

const ofFolder = (data) => `user=lookit dbname=postgres host='${resolve(data, 'run').replace(/[\\']/g, '\\$&')}'`;

// Where a house lies whose folder nobody named (ops/cli/home.c); undefined: none does.
function usualFolder() {
  const own = process.env.XDG_DATA_HOME?.startsWith('/') ? process.env.XDG_DATA_HOME : join(homedir(), '.local/share');
  const folder = process.getuid() === 0 ? '/var/lib/lookit' : join(own, 'lookit');
  return existsSync(join(folder, 'run')) ? folder : undefined;
}

// What is said counts before what the environment says, and that before what is usual.
function databaseOf(given, house) {
  if (given['database-url']) return given['database-url'];
  const named = house?.data ?? given.data;
  if (!named && process.env.LOOKIT_DATABASE_URL) return process.env.LOOKIT_DATABASE_URL;
  const folder = named ?? usualFolder();
  if (!folder) throw new Error('where is the database? --data FOLDER, --database-url CONNINFO or LOOKIT_DATABASE_URL');
  return ofFolder(folder);
}

async function loadWorld(file, where) {
  const { status, out, err } = await lookit(['world', 'load', file, ...where]);
  if (status !== 0) throw new Error(`lookit world load failed\n${out}${err}`);
}

// A service that knows what the world says of its settings. Links begin with the Host that was asked for: no --origin.
async function startOwn(worldFile, world) {
  const [key, zone] = [get(world, '/settings/video_hmac_key'), get(world, '/settings/time_zone')];
  const env = { ...(key && { LOOKIT_VIDEO_HMAC_KEY: key }), ...(zone && { LOOKIT_TIME_ZONE: zone }) };
  const house = new Service({ args: ['--no-demo'], env });
  await house.prepare();
  try {
    await loadWorld(worldFile, ['--data', house.data]);
    await house.start();
  } catch (error) {
    await house.remove();
    throw error;
  }
  return house;
}

// A service that does not end well (a leak that the sanitizer found, a crash) has not passed, whatever it answered.
async function endOwn(house) {
  const { status, signal } = await house.stop();
  if (status !== 0) throw new Error(`the service ended with ${status ?? signal}\n${house.err.slice(-2000)}`);
}

async function checkWorld(psql, world, file, conninfo) {
  let found = await worldIn(psql, world);
  if (found === 'empty') {
    await loadWorld(file, ['--database-url', conninfo]);
    found = await worldIn(psql, world);
  }
  if (found !== 'same') throw new Error(`the database does not hold that world: ${found}`);
}

function tell(exchange, faults) {
  const more = faults.length > SHOWN_MAX ? `; and ${faults.length - SHOWN_MAX} more` : '';
  console.log(`${exchange.get('id')}  ${exchange.get('title')}: ${faults.slice(0, SHOWN_MAX).join('; ')}${more}`);
}

async function replay(exchanges, url, psql, world) {
  const count = { passed: 0, failed: 0, refused: 0 };
  const sessions = await openSessions(psql, world);
  const state = new State(psql);
  await state.save();
  try {
    const fill = filler(world, sessions);
    for (const exchange of exchanges) {
      const answer = await send(url, exchange.get('request'), fill).catch((error) => ({ error }));
      const stored = await state.changes();
      const { faults, isRefusal } = answer.error ? { faults: [`no answer: ${answer.error.message}`] } : judge(exchange, answer, { ...stored, normal });
      await state.restore(stored.touched);
      if (faults.length) tell(exchange, faults);
      count.failed += faults.length > 0;
      count.passed += faults.length === 0;
      count.refused += Boolean(isRefusal);
    }
  } finally {
    await state.drop();
    await closeSessions(psql, sessions);
  }
  return count;
}

async function run(given, folder) {
  const worldFile = given.world ?? join(dirname(resolve(folder)), 'world.json');
  const world = await readWorld(worldFile);
  const isAsked = (exchange) => !given.only || given.only.some((start) => exchange.get('id').startsWith(start));
  const exchanges = (await readExchanges(folder)).filter(isAsked);
  if (!exchanges.length) throw new Error(`nothing to replay: ${folder} holds no exchange${given.only ? ' of that id' : ''}`);
  const house = given['base-url'] ? null : await startOwn(worldFile, world);
  const conninfo = databaseOf(given, house);
  const psql = new Psql(conninfo);
  try {
    await checkWorld(psql, world, worldFile, conninfo);
    const count = await replay(exchanges, new URL(house?.url ?? given['base-url']), psql, world);
    await psql.close();
    if (house) await endOwn(house);
    return count;
  } finally {
    await psql.close();
    close();
    await house?.remove();
  }
}

export async function main(args) {
  const options = { 'base-url': { type: 'string' }, 'database-url': { type: 'string' }, data: { type: 'string' },
    world: { type: 'string' }, only: { type: 'string', multiple: true } };
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    if (positionals.length !== 1) throw new Error('usage: replay [--base-url URL] [--data FOLDER | --database-url CONNINFO] [--world FILE] [--only ID] DIR');
    const { passed, failed, refused } = await run(values, positionals[0]);
    if (refused) console.log(`${refused} of those passed are optional and were refused`);
    console.log(`${passed} passed, ${failed} failed`);
    process.exitCode = failed ? 1 : 0;
  } catch (error) {
    console.error(`replay: ${error.message}`);
    process.exitCode = 2;
  }
}
