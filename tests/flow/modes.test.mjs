// Other ways to run the same house: somebody else's PostgreSQL, only some of the parts, a disk that is full.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';

import { Client } from '../support/client.mjs';
import { start, until } from '../support/service.mjs';

const protocol = readFileSync(new URL('../../ops/demo/protocol.json', import.meta.url), 'utf8');

// A throw-away PostgreSQL that lives until close().
function postgres() {
  const child = spawn(fileURLToPath(new URL('../support/with-postgres', import.meta.url)), ['sh', '-c', 'echo "$DATABASE_URL"; exec cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const url = new Promise((done, failed) => {
    child.stdout.on('data', (bytes) => done(String(bytes).trim()));
    child.on('close', () => failed(new Error('no PostgreSQL')));
  });
  return { url, close: () => new Promise((done) => (child.on('close', done), child.stdin.end())) };
}

async function takesPart(house, family, study) {
  const child = await family.child('Mo');
  const response = await family.openSession(study.uuid, child);
  const saved = await family.saveFrame(response, 0, { frame: '0-hello', data: { frameType: 'DEFAULT' } });
  assert.equal(saved.status, 200, saved.text);
  return response;
}

test("somebody else's PostgreSQL holds everything, and a house of another folder goes on with it", async () => {
  const server = postgres();
  const args = ['--no-demo', '--database-url', await server.url];
  const first = await start({ args });
  let second;
  try {
    const lab = await Client.administrator(first);
    const study = await lab.activeStudy(protocol);
    const family = await Client.family(first.url);
    const response = await takesPart(first, family, study);
    await assert.rejects(first.postgresPid(), { code: 'ENOENT' }, 'no PostgreSQL of its own');
    assert.equal((await first.stop()).status, 0);
    second = await start({ args });
    assert.doesNotMatch(second.out, /setup/, 'there is an administrator already');
    family.url = second.url;
    const { status, doc } = await family.json(`/api/v1/responses/${response}/`);
    assert.equal(status, 200, 'the session in the browser still counts');
    assert.deepEqual(doc.data.attributes.sequence, ['0-hello']);
  } finally {
    await first.remove();
    await second?.remove();
    await server.close();
  }
});

test('the web part alone serves all that a lab and a family need', async () => {
  const server = postgres();
  const house = await start({ args: ['--no-demo', '--database-url', await server.url, '--roles', 'web'] });
  try {
    const lab = await Client.administrator(house);
    const study = await lab.activeStudy(protocol);
    await takesPart(house, await Client.family(house.url), study);
  } finally {
    await house.remove();
    await server.close();
  }
});

test('a full disk refuses with 507, keeps what was sent, and goes on when there is room', async () => {
  const house = await start({ args: ['--no-demo'] });
  try {
    const lab = await Client.administrator(house);
    const study = await lab.activeStudy(protocol);
    const family = await Client.family(house.url);
    const response = await takesPart(house, family, study);
    const bytes = randomBytes(300_000);
    const name = Client.videoName(study.uuid, '1-trial', response);
    const { location } = await family.beginUpload(response, '1-trial', name);
    assert.equal((await family.sendChunk(location, 0, bytes.subarray(0, 100_000))).status, 204);
    const again = async (...args) => {
      await house.stop();
      await house.start(args);
      family.url = house.url;
    };
    await again('--disk-floor', '900G');
    const full = await family.sendChunk(location, 100_000, bytes.subarray(100_000), { length: bytes.length });
    assert.equal(full.status, 507, full.text);
    const other = await family.beginUpload(response, '2-trial', Client.videoName(study.uuid, '2-trial', response));
    assert.equal(other.status, 507);
    assert.deepEqual(await family.uploadOffset(location), { status: 200, offset: 100_000 });
    await again();
    assert.equal((await family.sendChunk(location, 100_000, bytes.subarray(100_000), { length: bytes.length })).status, 204);
    await family.saveFrame(response, 1, { frame: '1-consent', data: { frameType: 'CONSENT' }, completed_consent_frame: true });
    const link = await until(() => family.ask('/studies/history/'), (page) => /history\/videos\//.test(page.text ?? ''));
    const video = /\/studies\/history\/videos\/[0-9a-f-]{36}\//.exec(link.text)[0];
    const answer = await fetch(house.url + video, { headers: family.headers() });
    assert.equal(createHash('sha256').update(Buffer.from(await answer.arrayBuffer())).digest('hex'), createHash('sha256').update(bytes).digest('hex'));
  } finally {
    await house.remove();
  }
});

test('a house for others is told to set its origin; one that has it, or is for this machine only, is not', async () => {
  const house = await start({ args: ['--no-demo'] });
  try {
    assert.doesNotMatch(house.err, /origin-missing/);
    await house.stop();
    await house.start(['--behind-proxy']);
    assert.match(house.err, /warn origin-missing/);
    await house.stop();
    await house.start(['--behind-proxy', '--origin', 'https://studies.example.edu']);
    assert.doesNotMatch(house.err, /origin-missing/);
  } finally {
    await house.remove();
  }
});
