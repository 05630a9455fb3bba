// The life of one house: it starts, is killed, comes back, and says plainly when it cannot.
import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { test } from 'node:test';

import { binary, cleanEnv, isRoot, lookit, start, Service, until } from '../support/service.mjs';

const nobody = { uid: 65534, gid: 65534 };
// Who shows a login cookie is looked up in the database, and sent to the log-in page when it is nobody's.
const ask = (house) => house.get('/account/children/', { headers: { cookie: `sessionid=${randomUUID()}` } });
const serves = async (house) => assert.equal((await ask(house)).status, 302);

async function withHouse(options, story) {
  const house = await start(options);
  try {
    await story(house);
  } finally {
    await house.remove();
  }
}

test('a fresh folder becomes a house that serves, and stops when asked', () =>
  withHouse({}, async (house) => {
    assert.match(house.url, /^http:\/\/127\.0\.0\.1:\d+$/);
    await serves(house);
    assert.match(house.out, new RegExp(house.url));
    assert.match(house.out, new RegExp(house.data));
    assert.match(house.out, /\/setup\/\?key=\S{43}\n/, 'a link for the first administrator');
    const postgres = await house.postgresPid();
    assert.deepEqual(await house.stop(), { status: 0, signal: null });
    assert.throws(() => process.kill(postgres, 0), { code: 'ESRCH' }, 'its PostgreSQL is gone too');
  }));

test('nothing in the data folder is open to others, nothing in it belongs to root', () =>
  withHouse({}, async (house) => {
    const folder = await stat(house.data);
    assert.equal(folder.mode & 0o077, 0);
    const owned = execFileSync('find', [house.data, '-uid', '0'], { encoding: 'utf8' });
    assert.equal(owned, '');
  }));

test('a second start finds what the first one left', () =>
  withHouse({}, async (house) => {
    const invited = await lookit(['admin', 'invite', 'new@example.org', '--data', house.data]);
    const link = new URL(invited.out.match(/http\S+/)[0]);
    const form = async () => (await (await house.get(link.pathname + link.search)).text()).includes('name="password1"');
    assert.ok(await form());
    await house.stop();
    await house.start();
    assert.ok(await form());
    assert.doesNotMatch(house.err, /migrated/);
  }));

test('the first start brings a study that everybody can look at, and the second start the same one', () =>
  withHouse({}, async (house) => {
    const study = house.out.match(/\/studies\/[0-9a-f-]{36}\//)?.[0];
    assert.ok(study, 'the greeting names it');
    assert.equal((await house.get(study)).status, 200);
    await house.stop();
    await house.start();
    assert.equal(house.out.match(/\/studies\/[0-9a-f-]{36}\//)?.[0], study);
  }));

test('--no-demo brings none', () =>
  withHouse({ args: ['--no-demo'] }, async (house) => {
    assert.doesNotMatch(house.out, /\/studies\//);
    assert.doesNotMatch(await (await house.get('/studies/')).text(), /\/studies\/[0-9a-f-]{36}\//);
  }));

test('after kill -9 the next start recovers, and no PostgreSQL is left behind', () =>
  withHouse({}, async (house) => {
    for (let i = 0; i < 3; i++) {
      const before = await house.postgresPid();
      await house.kill();
      await house.start();
      assert.notEqual(await house.postgresPid(), before);
      await serves(house);
    }
  }));

test('when PostgreSQL is killed, pages say 503 with Retry-After until it is back, and the house itself lives on', () =>
  withHouse({}, async (house) => {
    await serves(house);
    process.kill(await house.postgresPid(), 'SIGKILL');
    const away = await until(() => ask(house), (answer) => answer.status !== 302);
    assert.equal(away.status, 503);
    assert.ok(Number(away.headers.get('retry-after')) > 0);
    await until(() => ask(house), (answer) => answer.status === 302);
    assert.equal(house.child.exitCode, null);
  }));

test('a pid file that names a stranger does not stop a start', () =>
  withHouse({}, async (house) => {
    await house.stop();
    await writeFile(join(house.data, 'postgres/postmaster.pid'), `${process.pid}\n${house.data}/postgres\n`);
    await house.start();
    await serves(house);
  }));

test('two houses cannot share one data folder', () =>
  withHouse({}, async (house) => {
    const second = await lookit(['run', '--data', house.data, '--listen', '127.0.0.1:0']);
    assert.equal(second.status, 1);
    assert.match(second.err, /Another lookit \(process \d+\) already runs on /);
    await serves(house);
  }));

test('an address that is taken is named', () =>
  withHouse({}, async (house) => {
    const second = await lookit(['run', '--data', `${house.data}2`, '--listen', house.url.replace('http://', '')]);
    assert.equal(second.status, 1);
    assert.match(second.err, new RegExp(house.url.replace('http://', '')));
  }));

test('a setting can come from the environment, and a flag is stronger', () =>
  withHouse({ env: { LOOKIT_SITE_NAME: 'House of Owls', LOOKIT_LISTEN: '127.0.0.1:1' } }, async (house) => {
    assert.match(await (await house.get('/')).text(), /House of Owls/);
    assert.notEqual(new URL(house.url).port, '1');
  }));

test('the bus can be watched from another terminal, by root and by the owner', () =>
  withHouse({}, async (house) => {
    const tap = spawn(binary, ['bus', 'tap', '--data', house.data, '--message', 'account.*'], { env: cleanEnv() });
    let seen = '';
    tap.stdout.on('data', (bytes) => (seen += bytes));
    await until(async () => void (await ask(house)), () => seen.includes('account.whoami'));
    assert.match(seen, /gateway -> accounts {2}account\.whoami {2}request/);
    assert.match(seen, /"session":"…"/, 'private fields are masked');
    tap.kill('SIGINT');
    await new Promise((resolve) => tap.on('close', resolve));
    const table = await lookit(['bus', 'show', '--data', house.data]);
    assert.match(table.out, /^accounts +2 /m);
    const json = await lookit(['bus', 'show', '--json', '--data', house.data]);
    assert.ok(JSON.parse(json.out).services.some((one) => one.name === 'accounts' && one.replicas === 2));
  }));

test('commands about a house that does not run say so', async () => {
  for (const args of [['bus', 'show'], ['bus', 'tap'], ['admin', 'invite', 'a@example.org']]) {
    const none = await lookit([...args, '--data', '/tmp/lookit-nowhere']);
    assert.equal(none.status, 1);
    assert.match(none.err, /no lookit runs on \/tmp\/lookit-nowhere/);
  }
});

test('check reads the settings and changes nothing', () =>
  withHouse({}, async (house) => {
    const good = await lookit(['check', '--data', house.data]);
    assert.equal(good.status, 0, good.out);
    const bad = await lookit(['check', '--data', join(house.folder, 'other'), '--postgres-bin', '/nowhere']);
    assert.equal(bad.status, 1);
    assert.match(bad.out, /BAD +database: .*\/nowhere\/postgres/);
    await assert.rejects(stat(join(house.folder, 'other')));
  }));

test('unknown settings are refused with the nearest name', async () => {
  const flag = await lookit(['run', '--lisen', '127.0.0.1:0']);
  assert.equal(flag.status, 2);
  assert.match(flag.err, /--lisen.*--listen/s);
  const variable = await lookit(['run'], { env: { LOOKIT_DATABSE_URL: 'x' } });
  assert.equal(variable.status, 2);
  assert.match(variable.err, /LOOKIT_DATABSE_URL.*LOOKIT_DATABASE_URL/s);
  const command = await lookit(['walk']);
  assert.equal(command.status, 2);
});

test('the clock of the site is a setting', () =>
  withHouse({ args: ['--time-zone', 'Asia/Kathmandu'] }, async (house) => {
    assert.match((await house.get('/studies/')).headers.get('content-type'), /html/);
    const sql = (text) => execFileSync('psql', ['-h', join(house.data, 'run'), '-U', 'lookit', '-d', 'postgres', '-qAt', '-c', text], { encoding: 'utf8' });
    sql(`insert into account (username, password, is_active) values ('t@example.org', '!', true);
         insert into token (digest, account) select sha256('${'a'.repeat(40)}'), id from account where username = 't@example.org'`);
    const list = await (await house.get('/api/v1/users/', { headers: { authorization: `Token ${'a'.repeat(40)}` } })).json();
    assert.match(list.data[0].attributes.date_created, /\+05:45$/);
    for (const zone of ['Mars/Olympus', "UTC'; drop table account"]) {
      const bad = await lookit(['run', '--data', join(house.folder, 'other'), '--time-zone', zone, '--no-demo']);
      assert.equal(bad.status, 1, zone);
      assert.match(bad.err, /--time-zone is one that PostgreSQL knows/);
    }
  }));

test('help names every setting and starts nothing', async () => {
  for (const args of [['run', '--help'], ['help', 'settings']]) {
    const help = await lookit(args);
    assert.equal(help.status, 0);
    for (const name of ['data', 'listen', 'database-url', 'roles', 'demo', 'origin', 'log-level'])
      assert.match(help.out, new RegExp(`--${name}\\b`));
    assert.match(help.out, /LOOKIT_DATABASE_URL/);
  }
});

test('a folder that cannot be used is refused with its name', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lookit-'));
  await writeFile(join(folder, 'file'), '');
  const file = await lookit(['run', '--data', join(folder, 'file')]);
  assert.equal(file.status, 1);
  assert.match(file.err, new RegExp(join(folder, 'file')));
  const long = await lookit(['run', '--data', join(folder, 'x'.repeat(81))]);
  assert.equal(long.status, 2);
  await rm(folder, { recursive: true });
});

test('a database that is not there is named as the reason, without its password', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lookit-'));
  const url = `postgresql://someone:secretword@127.0.0.1:9/none?connect_timeout=1`;
  await chmod(folder, 0o755);
  const tried = await lookit(['run', '--data', join(folder, 'data'), '--database-url', url, '--database-wait', '1']);
  await rm(folder, { recursive: true });
  assert.equal(tried.status, 1);
  assert.match(tried.err, /database/);
  assert.doesNotMatch(tried.out + tried.err, /secretword/);
});

if (isRoot) {
  test('a user without rights runs it just as well', () =>
    withHouse({ user: nobody }, async (house) => {
      assert.equal((await stat(join(house.data, 'postgres'))).uid, nobody.uid);
      await serves(house);
    }));

  test('a folder that the user lookit cannot reach is refused with the reason', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lookit-')); // closed to all but root
    const tried = await lookit(['run', '--data', join(folder, 'data')]);
    await rm(folder, { recursive: true });
    assert.equal(tried.status, 1);
    assert.match(tried.err, /cannot get into .*: a folder above it is closed/);
  });

  test('started as root it goes on as the owner of the folder, or as the user lookit', async () => {
    await withHouse({}, async (house) => {
      const status = await readFile(`/proc/${house.child.pid}/status`, 'utf8');
      const lookitUser = Number(execFileSync('id', ['-u', 'lookit'], { encoding: 'utf8' }));
      assert.match(status, new RegExp(`^Uid:\\s+${lookitUser}\\s+${lookitUser}\\s+${lookitUser}`, 'm'));
      assert.match(status, /^CapEff:\s+0+$/m);
    });
  });

  test('a full disk at the start is said in a sentence', async () => {
    const house = new Service();
    await house.prepare();
    await mkdir(house.data);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'lookit-test', house.data]);
    try {
      const tried = await lookit(['run', '--data', house.data, '--listen', '127.0.0.1:0']);
      assert.equal(tried.status, 1);
      assert.match(tried.err, /disk .* is full: \d+ MB are free and \d+ MB are needed/);
    } finally {
      execFileSync('umount', [house.data]);
      await house.remove();
    }
  });
}
