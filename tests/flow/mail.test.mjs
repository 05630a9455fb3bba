// Mails about studies: whoever is to know gets one, also when the house dies between the step and the mail.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Client } from '../support/client.mjs';
import { lookit, start, until } from '../support/service.mjs';

const PATIENCE = { tries: 2000, pause_ms: 50 }; // a lease that a crash left runs out after half a minute
let house;
let kim; // administrator by the first link
let study;

const sql = (text) => execFileSync('psql', ['-h', join(house.data, 'run'), '-U', 'lookit', '-d', 'postgres', '-At', '-c', text], { encoding: 'utf8' }).trim();
const step = (trigger, comments = '') => kim.done(`/exp/studies/${study.id}/change-study-status`, { trigger, 'comments-text': comments }, `/exp/studies/${study.id}/`);
const jobs = async (...words) => lookit(['jobs', ...words, '--data', house.data]);

async function mails() {
  const folder = join(house.data, 'mail/new');
  const files = (await readdir(folder)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  return texts.map((text) => ({ text, to: /^Delivered-To: (.*)\r$/m.exec(text)[1], id: /^Message-ID: (.*)\r$/m.exec(text)[1], subject: /^Subject: (.*)\r$/m.exec(text)[1] }));
}
const mailsAre = (n) => until(mails, (found) => found.length >= n, PATIENCE);

async function again(extra) {
  await house.kill();
  await house.start(extra);
  kim.url = house.url;
}

before(async () => {
  house = await start();
  kim = await Client.administrator(house);
  study = await kim.study(null);
  sql(`with a as (insert into account (username, password, is_active) values ('ada@site.example', '!', true), ('gone@site.example', '!', false) returning id)
       insert into membership (account, user_group) select a.id, g.id from a, user_group g where g.name = 'LOOKIT_ADMIN'`);
});
after(() => house?.remove());

test('a submitted study is one mail to each administrator, with a link that leads there', async () => {
  await step('submit', 'Please look.');
  const found = await mailsAre(2);
  assert.deepEqual(found.map((m) => m.to).sort(), ['ada@site.example', kim.username].sort());
  for (const mail of found) {
    assert.equal(mail.subject, 'Study Submission Notification');
    assert.match(mail.text, new RegExp(`^Reply-To: <${kim.username}>\r$`, 'm'));
    assert.match(mail.text, /\r\nPlease look\.\r\n/);
    const link = /\r\n(http:\/\/\S+)\r\n/.exec(mail.text)[1];
    assert.equal(link, `${house.url}/exp/studies/${study.id}/`);
    assert.equal((await kim.ask(new URL(link).pathname)).status, 200);
  }
});

test('researchers hear of an approval', async () => {
  const before = new Set((await mails()).map((m) => m.id));
  await step('approve', 'Lovely.');
  const [mail, ...more] = (await mailsAre(before.size + 1)).filter((m) => !before.has(m.id));
  assert.deepEqual(more, []);
  assert.equal(mail.to, kim.username);
  assert.equal(mail.subject, 'Where is the ball? Approval Notification');
  assert.doesNotMatch(mail.text, /Reply-To/);
});

test('a house that dies between the step and the mails sends them when it lives again', async () => {
  const before = (await mails()).length;
  await house.stop();
  await house.start(['--roles', 'web']); // nobody here sends mails
  kim.url = house.url;
  await step('reject', 'One more thing.');
  await step('resubmit');
  await again();
  const found = await mailsAre(before + 3);
  assert.equal(found.length, before + 3);
  assert.equal(new Set(found.map((m) => m.id)).size, found.length);
});

test('kill -9 at any moment loses none and doubles none', async () => {
  const before = (await mails()).length;
  const steps = ['retract', 'resubmit', 'retract', 'resubmit', 'retract'];
  for (const [i, trigger] of steps.entries()) {
    await step(trigger);
    await new Promise((resolve) => setTimeout(resolve, i * 4)); // during the lease, the sending, the writing down …
    await again();
  }
  await until(() => jobs(), (said) => /Nothing is left/.test(said.out), PATIENCE);
  const found = await mails();
  assert.equal(found.length, before + 2 * steps.length);
  assert.equal(new Set(found.map((m) => m.id)).size, found.length);
  assert.deepEqual(await readdir(join(house.data, 'mail/cur')), []);
});

test('what cannot be sent is put aside, shown, and sent when an operator says so', async () => {
  sql("update account set username = 'ada at site' where username = 'ada@site.example'");
  const before = (await mails()).length;
  await step('resubmit');
  const { out } = await until(() => jobs(), (said) => /parked/.test(said.out) && /none that mail can be sent to/.test(said.out), PATIENCE);
  const id = /^\s*(\d+) mail\.send\s+parked/m.exec(out)[1];
  assert.doesNotMatch(out, /ada/);
  sql("update account set username = 'ada@site.example' where username = 'ada at site'");
  assert.equal((await jobs('retry', id)).status, 0);
  assert.equal((await mailsAre(before + 2)).length, before + 2);
  await until(() => jobs(), (said) => /Nothing is left/.test(said.out), PATIENCE);
  const twice = await jobs('retry', id);
  assert.equal(twice.status, 1);
  assert.match(twice.err, /No parked job has the number/);
  assert.equal((await jobs('retry', 'x')).status, 2);
});

test('check says what will become of mails, and refuses a sender that is none', async () => {
  const fine = await lookit(['check', '--data', house.data]);
  assert.match(fine.out, /ok +mail: no --smtp-url/);
  const away = await lookit(['check', '--data', house.data, '--smtp-url', 'smtp://127.0.0.1:9']);
  assert.equal(away.status, 1);
  assert.match(away.out, /BAD +mail: the server of --smtp-url/);
  const bad = await lookit(['check', '--data', house.data, '--mail-from', 'nobody']);
  assert.equal(bad.status, 1);
  assert.match(bad.out, /--mail-from is an address/);
});
