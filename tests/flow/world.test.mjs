// A whole instance comes out of one file: tests/golden/world.json uses every field of the format.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { after, before, test } from 'node:test';

import { lookit, start } from '../support/service.mjs';

const FILE = new URL('../golden/world.json', import.meta.url).pathname;
const TEXT = await readFile(FILE, 'utf8');
const WORLD = JSON.parse(TEXT);
const TABLE = {
  users: 'account', demographics: 'demographic', children: 'child', labs: 'lab', studies: 'study', responses: 'response',
  consent_rulings: 'consent_ruling', feedback: 'feedback', videos: 'video',
};
// Fields that name rows of another section, or of the same one.
const LINK = {
  user: 'users', previous: 'demographics', lab: 'labs', creator: 'users', study: 'studies', child: 'children', demographic_snapshot: 'demographics',
  response: 'responses', arbiter: 'users', researcher: 'users',
};
let house; // its world is WORLD
let bare; // nothing is ever left in it
let folder;

const psql = (where, text) =>
  execFileSync('psql', ['-h', join(where.data, 'run'), '-U', 'lookit', '-d', 'postgres', '-At', '-v', 'ON_ERROR_STOP=1', '-c', text], {
    encoding: 'utf8', env: { ...process.env, PGTZ: 'UTC' },
  }).trim();
const rows = (where, text) => JSON.parse(psql(where, `select coalesce(json_agg(t), '[]') from (${text}) t`));
const load = (where, file = FILE, more = []) => lookit(['world', 'load', file, '--data', where.data, ...more]);
const pk = (section, key) => (key === null ? null : WORLD[section].find((row) => row.key === key).pk);
const everything = (where) =>
  psql(where, `select md5(string_agg(t::text, '|' order by t::text)) from (select a::text from account a union all select l::text from lab l
               union all select p::text from permit p union all select g::text from user_group g union all select m::text from membership m
               union all select s::text from study s union all select r::text from response r) t (t)`);

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lookit-world-'));
  [house, bare] = [await start({ args: ['--no-demo'] }), await start({ args: ['--no-demo'] })];
});
after(async () => {
  await house?.remove();
  await bare?.remove();
  await rm(folder, { recursive: true, force: true });
});

test('an empty house takes the whole world and says what it was', async () => {
  const done = await load(house);
  assert.equal(done.status, 0, done.err);
  assert.match(done.out, /^7 users, 2 demographics, 3 children, 2 labs, 3 studies, 3 responses, 2 consent_rulings, 2 feedback, 2 videos, 2 object_grants: /);
  assert.match(done.out, /--origin https:\/\/lookit\.example\.org\b/);
  assert.match(done.out, /--time-zone Europe\/Berlin --video-hmac-key /);
  assert.doesNotMatch(done.out + done.err, /four owls/, 'a key of the file is not printed');
});

test('every field of every row arrives as it is in the file', () => {
  const elsewhere = new Set(['key', 'pk', 'token', 'site_permissions', 'site_groups', 'members', 'requested', 'groups', 'must_have_participated', 'must_not_have_participated']);
  for (const [section, table] of Object.entries(TABLE)) {
    const stored = new Map(rows(house, `select * from ${table}`).map((row) => [row.id, row]));
    assert.equal(stored.size, WORLD[section].length, section);
    for (const row of WORLD[section])
      for (const [field, value] of Object.entries(row)) {
        if (elsewhere.has(field)) continue;
        const it = stored.get(row.pk);
        const where = `${section} ${row.key} ${field}`;
        if (field === 'min_age' || field === 'max_age')
          assert.deepEqual(['years', 'months', 'days'].map((part) => it[`${field}_${part}`]), value, where);
        else if (field === 'languages_spoken' || field === 'existing_conditions') continue;
        else if (field in LINK) assert.equal(it[field === 'user' ? 'account' : field], pk(LINK[field], value), where);
        else assert.deepEqual(it[field], value, where);
      }
  }
});

test('sets of codes, groups, grants and tokens arrive, too', () => {
  assert.deepEqual(rows(house, 'select id, language_codes(languages_spoken) l, condition_codes(existing_conditions) c from child where id = 21'),
    [{ id: 21, l: ['en', 'de', 'yue'], c: ['deaf', 'multiple_birth'] }]);
  for (const section of ['labs', 'studies'])
    for (const row of WORLD[section])
      for (const [group, people] of Object.entries(row.groups))
        assert.deepEqual(
          rows(house, `select m.account from ${TABLE[section]} o join membership m on m.user_group = o.${group.toLowerCase()}_group where o.id = ${row.pk} order by 1`).map((m) => m.account),
          people.map((key) => pk('users', key)).sort(), `${row.key} ${group}`);
  assert.deepEqual(rows(house, 'select account from lab_member where lab = 41 order by 1').map((m) => m.account), [13, 14]);
  assert.deepEqual(rows(house, 'select account from lab_request').map((m) => m.account), [15]);
  assert.deepEqual(rows(house, 'select study, other from must_have_participated'), [{ study: 51, other: 52 }]);
  assert.deepEqual(rows(house, 'select study, other from must_not_have_participated order by 2'), [{ study: 51, other: 51 }, { study: 51, other: 53 }]);
  assert.deepEqual(rows(house, `select p.account, p.study, p.lab, q.app || '.' || q.codename as name from permit p join permission q on q.id = p.permission
                                where p.account is not null order by p.account, q.id`),
    [{ account: 14, study: null, lab: 41, name: 'studies.read_lab__study__responses' },
      { account: 15, study: null, lab: null, name: 'studies.read_study__<DETAILS>' },
      { account: 15, study: 52, lab: null, name: 'studies.read_study__responses(is_preview=True)' },
      { account: 15, study: null, lab: null, name: 'accounts.can_read_all_user_data' }]);
  assert.equal(psql(house, "select count(*) from permit p join user_group g on g.id = p.user_group where g.name = 'LOOKIT_ADMIN' and p.object = 0"), '6');
  assert.equal(psql(house, "select may_site(16, 'approve'), may_study(13, 51, 'manage_researchers'), may_study(14, 51, 'read_data'), may_lab(15, 41, 'create_study')"), 't|t|t|t');
  for (const { token, pk: id } of WORLD.users.filter((user) => user.token))
    assert.equal(psql(house, `select encode(digest, 'hex') from token where account = ${id}`), createHash('sha256').update(token).digest('hex'));
});

test('numbers keep every digit, and a null of JSON stays one', () => {
  assert.equal(psql(house, "select conditions ->> 'n', conditions ->> 'x' from response where id = 61"), '12345678901234567890123|1.5');
  assert.equal(psql(house, 'select jsonb_typeof(conditions) from response where id = 62'), 'null');
});

test('loading has no consequences: no logs, no jobs, no groups of labs that were removed', () => {
  assert.equal(psql(house, 'select (select count(*) from study_log), (select count(*) from job)'), '0|0');
  assert.equal(psql(house, "select string_agg(kind, ' ') from event"), 'world.loaded');
  assert.equal(psql(house, 'select count(*) from user_group'), String(1 + 2 * 4 + 3 * 7));
  assert.equal(psql(house, 'select ruling from response where id = 61'), 'accepted');
  assert.equal(psql(house, 'select count(*) from video'), '2', 'a withdrawal of long ago removes nothing');
  assert.equal(psql(house, 'select criteria_program is not null from study where id = 51'), 't');
});

test('new rows are numbered from next_pk on', () => {
  const made = psql(house, "begin; insert into account (username, password) values ('new@example.org', '!') returning id; rollback").split('\n');
  assert.ok(made.includes('2001'), made);
  assert.equal(psql(house, "select last_value, (select last_value from child_id_seq) from video_id_seq"), '3000|2000');
});

test('whom the file gives a token, the API knows; the inactive it does not', async () => {
  const ask = (token) => house.get('/api/v2/users/', { headers: { authorization: `Token ${token}` } });
  assert.equal((await ask('3'.repeat(40))).status, 200);
  assert.equal((await ask('2'.repeat(40))).status, 401);
});

test('a second load is refused and changes nothing', async () => {
  const stood = everything(house);
  const again = await load(house);
  assert.equal(again.status, 1);
  assert.match(again.err, /this one holds 7 accounts, 3 children, 2 labs, 3 studies, 3 responses\./);
  assert.equal(everything(house), stood);
});

test('the demonstration counts as something', async () => {
  const shown = await start();
  try {
    const refused = await load(shown);
    assert.equal(refused.status, 1);
    assert.match(refused.err, /1 study\..*--no-demo/);
  } finally {
    await shown.remove();
  }
});

// [how the text becomes another, what is said of it]
const brokenTexts = [
  [() => '', /:1:1: this is no JSON/],
  [(text) => text.replace('"about"', '\n\n  about'), /\.json:5:3: this is no JSON/],
  [(text) => text.replace('Thank you', 'Thank\\u0000you'), /\.json:\d+:\d+: this is no JSON/],
  [() => '[]', /no world/],
  [(text) => text.replace('-world/1', '-world/2'), /the format "chs-golden-world\/2" is not known/],
  [(text) => text.replace('"feedback": [', '"feedback": [], "feedback": ['), /feedback are there twice/],
];
// [what is changed in the parsed world, what is said of it]
const brokenWorlds = [
  [(w) => delete w.format, /does not say "format"/],
  [(w) => (w.planets = []), /a world has no part "planets"/],
  [(w) => (w.children = {}), /children are a list/],
  [(w) => (w.children[1] = 7), /children are a list of objects/],
  [(w) => (w.settings.next_pk = { moons: 7 }), /next_pk/],
  [(w) => (w.children[0].user = 'nobody'), /:\d+:1: children "mia": its user names "nobody", which is none of the users/],
  [(w) => (w.demographics[0].previous = 'd9'), /demographics "d2": its previous names "d9"/],
  [(w) => (w.studies[0].must_have_participated = ['dusk']), /studies "night": its must_have_participated names "dusk"/],
  [(w) => (w.labs[0].groups.ADMIN = ['nobody']), /labs "owls": its groups names "nobody"/],
  [(w) => (w.labs[0].groups.OWNER = []), /labs "owls": there is no group "OWNER"; the groups are GUEST READONLY/],
  [(w) => (w.users[4].site_permissions = ['studies.fly']), /users "sam": its site_permissions names "studies.fly"/],
  [(w) => (w.object_grants[1].permission = 'studies.fly'), /object_grants, number 2 of them: its permission names "studies\.fly"/],
  [(w) => delete w.object_grants[1].study, /object_grants, number 2 of them: it is on one lab or on one study/],
  [(w) => (w.children[0].languages_spoken = ['en', 'owlish']), /children "mia": its languages_spoken names "owlish"/],
  [(w) => (w.children[2].birthday = '2023-02-29'), /children "finn": its birthday does not fit: a day/],
  [(w) => (w.children[2].birthday = null), /children "finn": its birthday does not fit/],
  [(w) => delete w.children[2].birthday, /children "finn": its birthday is missing/],
  [(w) => (w.children[2].gender = 'x'), /children "finn": its gender does not fit \(child_gender_check\)/],
  [(w) => (w.children[2].shoes = 19), /children "finn": it has a field "shoes", which is not known here/],
  [(w) => (w.children[2].key = 'mia'), /children "mia": an earlier row has this key already/],
  [(w) => (w.children[2].pk = 21), /children "finn": its pk is taken already/],
  [(w) => (w.children[2].uuid = 'finn'), /children "finn": its uuid does not fit: a uuid/],
  [(w) => (w.users[3].username = 'kim@example.org'), /users "lee": its username is taken already/],
  [(w) => (w.users[3].token = w.users[2].token), /users "lee": .* is taken already/],
  [(w) => (w.users[3].username = 'x'.repeat(255)), /users "lee": its username does not fit: text of at most 254 characters/],
  [(w) => (w.users[3].is_active = 'yes'), /users "lee": its is_active does not fit: true or false/],
  [(w) => (w.users[3].date_created = '2026-01-02T03:04:05'), /users "lee": its date_created does not fit: a moment with its offset/],
  [(w) => (w.studies[1].min_age = [0, 12, 0]), /studies "day": its min_age does not fit: an age/],
  [(w) => (w.studies[1].hash_digits = 57), /studies "day": its hash_digits does not fit: a whole number between 1 and 56/],
  [(w) => (w.studies[1].state = 'dreamt'), /studies "day": its state does not fit/],
  [(w) => (w.responses[2].eligibility = ['Fine']), /responses "r3": its eligibility does not fit/],
  [(w) => (w.videos[1].full_name = w.videos[0].full_name), /videos "v2": its full_name is taken already/],
];

test('a file that does not fit is refused with row and field, and nothing of it stays', async () => {
  const stood = everything(bare);
  const spoilt = ([spoil, said]) => {
    const world = JSON.parse(TEXT);
    spoil(world);
    return [JSON.stringify(world).replace(/\{"key"/g, '\n$&'), said, spoil];
  };
  for (const [text, said, how] of [...brokenTexts.map(([change, said]) => [change(TEXT), said, change]), ...brokenWorlds.map(spoilt)]) {
    await writeFile(join(folder, 'bad.json'), text);
    const refused = await load(bare, join(folder, 'bad.json'));
    assert.equal(refused.status, 1, String(how) + refused.out);
    assert.match(refused.err, said);
    assert.equal(refused.err.trim().split('\n').filter((line) => line.startsWith('lookit: ')).length, 1, refused.err);
    assert.equal(everything(bare), stood, String(how));
  }
});

test('what cannot be read is said, with the usage when no file is named', async () => {
  const none = await load(bare, join(folder, 'none.json'));
  assert.equal(none.status, 1);
  assert.match(none.err, /none\.json cannot be opened: No such file/);
  assert.equal((await lookit(['world', 'load'])).status, 2);
  assert.equal((await lookit(['world', 'load', '--data', bare.data])).status, 2);
});

test('a house that does not run is filled as well, and one with a database of its own by its address', async () => {
  await bare.stop();
  const done = await load(bare);
  assert.equal(done.status, 0, done.err);
  await bare.start();
  assert.equal(psql(bare, 'select count(*) from account'), '7');
  assert.match(bare.out, /Address/);
  const url = `host=${join(bare.data, 'run')} user=lookit dbname=postgres`;
  psql(bare, 'create database another');
  const other = await lookit(['world', 'load', FILE, '--database-url', url.replace('=postgres', '=another')]);
  assert.equal(other.status, 0, other.err);
  assert.match((await lookit(['world', 'load', FILE, '--database-url', url])).err, /this one holds 7 accounts/);
});
