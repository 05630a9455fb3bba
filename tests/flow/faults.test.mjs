// A lab puts up studies and families take part while the service and its PostgreSQL are killed at ten random moments. What was
// acknowledged is there afterwards, once, in order, to the byte; what was not acknowledged is sent again, as a browser would.
import assert from 'node:assert/strict';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { Client } from '../support/client.mjs';
import { start } from '../support/service.mjs';

const protocol = readFileSync(new URL('../../ops/demo/protocol.json', import.meta.url), 'utf8');
const KILLS = 10;
const FAMILIES = 3;
const CHUNK = 200_000;
const seed = Number(process.env.FAULT_SEED ?? Math.floor(Math.random() * 2 ** 31));

// mulberry32: the same seed, the same moments.
function dice(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Does it again, as a browser's outbox would, while nobody answers or the answer is "not now". A bound, not a measure.
async function surely(house, client, deed) {
  let last;
  for (let i = 0; i < 1200; i++) {
    client.url = house.url;
    try {
      last = await deed();
      if (last.status < 500 && last.status !== 429) return last;
    } catch (error) {
      last = error;
    }
    await pause(50);
  }
  throw new Error(`nobody answered: ${last?.status ?? last}`);
}

async function session(house, client, study, child, roll, acknowledged) {
  const op = randomUUID();
  const { id: response } = await surely(house, client, async () => ({ status: 201, id: await client.openSession(study.uuid, child, op) }));
  const record = { response, frames: [], video: null };
  acknowledged.push(record);
  const frames = 3 + Math.floor(roll() * 5);
  const video = randomBytes(CHUNK * 2 + Math.floor(roll() * CHUNK));
  const name = Client.videoName(study.uuid, '1-trial', response);
  const begun = await surely(house, client, () => client.beginUpload(response, '1-trial', name));
  assert.equal(begun.status, 201, begun.text);
  for (let n = 0; n < frames; n++) {
    const body = { frame: `${n}-frame`, data: { frameType: 'DEFAULT', eventTimings: [{ eventType: 'x', n }], text: randomBytes(20).toString('hex') },
      ...(n === 1 ? { completed_consent_frame: true } : {}) };
    const saved = await surely(house, client, () => client.saveFrame(response, n, body));
    assert.equal(saved.status, 200, `frame ${n}: ${saved.text}`);
    assert.deepEqual(saved.doc, { next: n + 1 });
    record.frames.push(body);
  }
  for (let offset = 0; offset < video.length;) {
    const piece = video.subarray(offset, offset + CHUNK);
    const isLast = offset + piece.length === video.length;
    const sent = await surely(house, client, () => client.sendChunk(begun.location, offset, piece, isLast ? { length: video.length } : {}));
    if (sent.status === 204) {
      offset += piece.length;
      assert.equal(Number(sent.headers.get('upload-offset')), offset);
    } else {
      assert.equal(sent.status, 409, sent.text); // the answer to an earlier try was lost
      offset = Number(sent.headers.get('upload-offset'));
    }
  }
  record.video = createHash('sha256').update(video).digest('hex');
  record.name = name;
}

// ---- the lab

async function step(house, lab, path, fields, expected = 303) {
  const op_id = randomUUID();
  const answer = await surely(house, lab, () => lab.send(path, { ...fields, op_id }));
  assert.equal(answer.status, expected, `${path}: ${answer.text.slice(0, 500)}`);
  return answer;
}

async function putUp(house, lab, labId, name) {
  const { location } = await step(house, lab, '/exp/studies/create/', lab.studyFields(labId, name));
  const id = Number(/\/exp\/studies\/(\d+)\//.exec(location)[1]);
  const broken = await step(house, lab, `/exp/studies/${id}/design/efp/`, { structure: protocol.replace('"camera": {', '"camera" {'), generator: '' }, 200);
  assert.match(broken.text, /Line 3, column \d+/);
  await step(house, lab, `/exp/studies/${id}/design/efp/`, { structure: protocol, generator: '' });
  const page = await surely(house, lab, () => lab.ask(`/exp/studies/${id}/`));
  const uuid = /\/exp\/studies\/([0-9a-f-]{36})\/build\//.exec(page.text)[1];
  await step(house, lab, `/exp/studies/${uuid}/build/`, {});
  for (const trigger of ['submit', 'approve', 'activate']) await step(house, lab, `/exp/studies/${id}/change-study-status`, { trigger, 'comments-text': '' });
  return { id, uuid, name };
}

async function verifyStudies(house, lab, studies) {
  for (const { id, name } of studies) {
    const list = await surely(house, lab, () => lab.ask(`/exp/studies/?match=${encodeURIComponent(name)}`));
    const ids = new Set([...list.text.matchAll(/href="\/exp\/studies\/(\d+)\/"/g)].map((m) => Number(m[1])));
    assert.deepEqual([...ids], [id], `${name} is there once`);
    const page = await surely(house, lab, () => lab.ask(`/exp/studies/${id}/`));
    for (const action of ['submitted', 'approved', 'started']) // "active" reads "started"
      assert.equal(page.text.split(`<strong>${action}</strong>`).length - 1, 1, `${name}: ${action} once\n${page.text.match(/<ol class="log">[\s\S]*?<\/ol>/)}`);
  }
}

async function verifyData(house, lab, study, records) {
  for (const record of records) await step(house, lab, `/exp/studies/${study.id}/responses/consent_videos/`, { accepted: record.response });
  const { doc } = await surely(house, lab, () => lab.json(`/exp/studies/${study.id}/responses/all/download_json/`));
  const uuids = doc.map((one) => one.response.uuid);
  assert.deepEqual([...uuids].sort(), records.map((r) => r.response).sort(), 'each session is in the download, once');
  for (const one of doc) assert.equal(one.consent.ruling, 'accepted');
}

async function killer(house, roll, isOver) {
  for (let i = 0; i < KILLS && !isOver(); i++) {
    await pause(100 + roll() * 900);
    if (i % 2 === 0) {
      await house.kill();
      await house.start();
    } else {
      process.kill(await house.postgresPid(), 'SIGKILL');
    }
  }
}

test(`ten kills, nothing lost and nothing doubled (FAULT_SEED=${seed})`, { timeout: 600_000 }, async () => {
  const roll = dice(seed);
  const house = await start({ args: ['--no-demo'] });
  try {
    const lab = await Client.administrator(house);
    const labId = await lab.lab();
    const study = await putUp(house, lab, labId, 'The first study');
    const studies = [study];
    const families = await Promise.all(Array.from({ length: FAMILIES }, () => Client.family(house.url)));
    const children = await Promise.all(families.map((family) => family.child('Mo')));
    const acknowledged = families.map(() => []);
    let isOver = false;
    const kills = killer(house, roll, () => false).finally(() => (isOver = true));
    const putUpMore = async () => {
      do studies.push(await putUp(house, lab, labId, `Study ${randomUUID()}`));
      while (!isOver);
    };
    await Promise.all([kills, putUpMore(), ...families.map(async (family, i) => {
      do await session(house, family, study, children[i], roll, acknowledged[i]);
      while (!isOver);
    })]);
    for (const [i, family] of families.entries()) {
      family.url = house.url;
      await verify(house, family, study, children[i], acknowledged[i]);
    }
    await verifyStudies(house, lab, studies);
    await verifyData(house, lab, study, acknowledged.flat());
    const sessions = acknowledged.flat().length;
    console.log(`${studies.length} studies, ${sessions} sessions, ${acknowledged.flat().reduce((sum, r) => sum + r.frames.length, 0)} frames acknowledged`);
    assert.ok(sessions >= FAMILIES);
  } finally {
    await house.remove();
  }
});

async function verify(house, family, study, child, records) {
  const seen = new Set();
  for (const record of records) {
    const { status, doc } = await surely(house, family, () => family.json(`/api/v1/responses/${record.response}/`));
    assert.equal(status, 200);
    const { sequence, exp_data: data, completed_consent_frame: hasConsented } = doc.data.attributes;
    assert.deepEqual(sequence, record.frames.map((f) => f.frame));
    assert.deepEqual(data, Object.fromEntries(record.frames.map((f) => [f.frame, f.data])));
    assert.equal(hasConsented, true);
    assert.ok(!seen.has(record.response));
    seen.add(record.response);
  }
  const { doc } = await family.json(`/api/v1/studies/${study.uuid}/responses/?child=${child}&page_size=100`);
  const ids = doc.data.map((d) => d.id);
  assert.equal(doc.links.meta.count, seen.size, 'no session was opened twice');
  for (const id of ids) assert.ok(seen.has(id));
  const history = (await family.ask('/studies/history/')).text;
  const videos = [...new Set([...history.matchAll(/\/studies\/history\/videos\/([0-9a-f-]{36})\//g)].map((m) => m[1]))];
  const digests = [];
  for (const video of videos) {
    const answer = await fetch(`${family.url}/studies/history/videos/${video}/`, { headers: family.headers() });
    assert.equal(answer.status, 200);
    digests.push(createHash('sha256').update(Buffer.from(await answer.arrayBuffer())).digest('hex'));
  }
  for (const record of records.slice(-10)) // the page shows ten sessions of a study
    assert.equal(digests.filter((d) => d === record.video).length, 1, `video of ${record.response}`);
}
