// world: the instance that the exchanges speak of, `chs-golden-world/1`: is it in the database, and who is logged in.
import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import { get, kind, parse, same, write } from './json.mjs';
import { entities, isSet, rowsQuery, worldRow } from './neutral.mjs';
import { quote } from './psql.mjs';

export async function readWorld(file) {
  const world = parse(await readFile(file, 'utf8'));
  if (get(world, '/format') !== 'chs-golden-world/1') throw new Error(`${file} is not a world (chs-golden-world/1)`);
  return world;
}

// 'empty', 'same', or what is there instead.
export async function worldIn(psql, world) {
  const [counts] = await psql.ask(`select json_build_array((select count(*) from account), (select count(*) from study), (select count(*) from child))`);
  if (parse(counts).every((n) => n.text === '0')) return 'empty';
  const keys = Object.fromEntries(entities.map((entity) => [entity, new Map((world.get(entity) ?? []).map((row) => [row.get('key'), row.get('uuid')]))]));
  for (const entity of entities) {
    const expected = new Map((world.get(entity) ?? []).map((row) => [row.get('uuid'), worldRow(entity, row, keys)]));
    const rows = (await psql.ask(`select row from (${rowsQuery(entity, 'public')}) r`)).map((line) => parse(line));
    if (rows.length !== expected.size) return `${rows.length} ${entity} where the world has ${expected.size}`;
    for (const row of rows) {
      const due = expected.get(row.get('uuid'));
      if (!due) return `${entity}: ${row.get('uuid')} is not of that world`;
      const actual = worldRow(entity, row, {});
      const odd = [...due].find(([name, value]) => !sameColumn(name, value, actual.get(name)));
      if (odd) return `${entity}: ${row.get('uuid')} has ${odd[0]} ${write(actual.get(odd[0]) ?? null)}, not ${write(odd[1])}`;
    }
  }
  return 'same';
}

const sameColumn = (name, due, actual) => (isSet(name) && kind(due) === 'list' ? same([...due].sort(), [...(actual ?? [])].sort()) : same(due, actual));

// One logged-in session for each user of the world: key → value of the cookie.
export async function openSessions(psql, world) {
  const sessions = new Map((world.get('users') ?? []).map((user) => [user.get('key'), { uuid: user.get('uuid'), cookie: randomBytes(24).toString('base64url') }]));
  const rows = [...sessions.values()].map(({ uuid, cookie }) => `(${quote(uuid)}::uuid, '\\x${createHash('sha256').update(cookie).digest('hex')}'::bytea)`);
  if (rows.length)
    await psql.ask(`insert into session (digest, account, expires_at) select v.digest, a.id, now() + interval '1 day'
      from (values ${rows.join(', ')}) v (uuid, digest) join account a on a.uuid = v.uuid`);
  return sessions;
}

export async function closeSessions(psql, sessions) {
  const digests = [...sessions.values()].map(({ cookie }) => `'\\x${createHash('sha256').update(cookie).digest('hex')}'::bytea`);
  if (digests.length) await psql.ask(`delete from session where digest in (${digests.join(', ')})`);
}

// Replaces {session:KEY} and {csrf} in a header's value.
export function filler(world, sessions) {
  return (text) => text.replace(/\{session:([^}]*)\}/g, (whole, key) => sessions.get(key)?.cookie ?? whole)
    .replaceAll('{csrf}', get(world, '/settings/csrf_secret') ?? '{csrf}');
}

