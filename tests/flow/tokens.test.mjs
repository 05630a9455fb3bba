// Programs and scripts: a researcher makes a token on the account page, an operator on the command line.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { lookit, start } from '../support/service.mjs';
import { Visitor } from '../support/visitor.mjs';

let house;
let kim;
let ann;
const cli = (...args) => lookit(['token', ...args, '--data', house.data]);
const ask = (token) => house.get('/api/v2/users/', { headers: { authorization: `Token ${token}` } });
const shown = (page) => page.text.match(/id="fresh_token"[^>]*value="([0-9a-f]{40})"/)?.[1];
const field = (page) => ({ replaces: page.text.match(/name="replaces" value="(\d+)"/)[1] });

before(async () => {
  house = await start({ args: ['--no-demo'] });
  kim = new Visitor(house.url);
  const link = new URL((await lookit(['admin', 'invite', 'kim@uni.example', '--data', house.data])).out.match(/http\S+/)[0]);
  await kim.get(link.pathname + link.search);
  await kim.post(link.pathname + link.search, {
    key: link.searchParams.get('key'), username: 'kim@uni.example', given_name: 'Kim', family_name: 'Sample',
    password1: 'four quiet green chairs', password2: 'four quiet green chairs',
  });
  ann = new Visitor(house.url);
  await ann.get('/signup/');
  await ann.post('/signup/', { username: 'ann@example.org', nickname: 'Ann', password1: 'four quiet green chairs', password2: 'four quiet green chairs' });
});
after(() => house?.remove());

test('a researcher makes a token, sees it once, and a program gets in with it', async () => {
  const page = await kim.get('/account/manage/');
  assert.match(page.text, /Programs and scripts/);
  const made = await kim.post('/account/token/', field(page));
  assert.equal(made.status, 200);
  const token = shown(made);
  assert.ok(token, made.text.slice(0, 2000));
  assert.equal(made.headers.get('cache-control'), 'no-store');
  assert.equal((await ask(token)).status, 200);
  assert.equal(shown(await kim.get('/account/manage/')), undefined);
  assert.equal(shown(await kim.post('/account/token/', field(page))), undefined, 'the same page again makes no other');
  assert.equal((await ask(token)).status, 200);
});

test('a new one ends the old one at once, revoking ends it at once', async () => {
  const first = shown(await kim.post('/account/token/', field(await kim.get('/account/manage/'))));
  assert.equal((await ask(first)).status, 200);
  const second = shown(await kim.post('/account/token/', field(await kim.get('/account/manage/'))));
  assert.equal((await ask(first)).status, 401);
  assert.equal((await ask(second)).status, 200);
  const revoked = await kim.post('/account/token/revoke/');
  assert.match(revoked.text, /The token is revoked/);
  assert.equal((await ask(second)).status, 401);
});

test('families see their account without it, and cannot make one', async () => {
  const page = await ann.get('/account/manage/');
  assert.match(page.text, /ann@example\.org/);
  assert.doesNotMatch(page.text, /Programs and scripts/);
  assert.equal((await ann.post('/account/token/', { replaces: 0 })).status, 403);
  assert.equal((await ann.post('/account/token/revoke/')).status, 403);
});

test('without the token of the form nothing is made', async () => {
  const page = await kim.send('POST', '/account/token/', { body: new URLSearchParams({ replaces: 0 }) });
  assert.equal(page.status, 403);
});

test('an operator makes, lists, replaces and revokes', async () => {
  assert.match((await cli('list')).out, /There is no token/);
  const made = await cli('make', 'Kim@uni.example');
  assert.equal(made.status, 0, made.err);
  const token = made.out.trim();
  assert.match(token, /^[0-9a-f]{40}$/);
  assert.equal((await ask(token)).status, 200);
  const again = await cli('make', 'kim@uni.example');
  assert.equal(again.status, 1);
  assert.match(again.err, /--replace/);
  const newer = (await cli('make', 'kim@uni.example', '--replace')).out.trim();
  assert.equal((await ask(token)).status, 401);
  assert.equal((await ask(newer)).status, 200);
  const list = (await cli('list')).out;
  assert.match(list, /^\d{4}-\d\d-\d\d {2}kim@uni\.example$/m);
  assert.ok(!list.includes(newer));
  assert.equal((await cli('revoke', 'kim@uni.example')).status, 0);
  assert.equal((await ask(newer)).status, 401);
  assert.equal((await cli('revoke', 'kim@uni.example')).status, 1);
  assert.match((await cli('make', 'nobody@uni.example')).err, /No active account/);
  assert.equal((await cli('make')).status, 2);
});
