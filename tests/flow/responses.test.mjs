// A session of one child, over HTTP alone: begun, saved, killed in the middle, ruled on, read, taken away, shown to the family.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';

import { start } from '../support/service.mjs';
import { Visitor } from '../support/visitor.mjs';

const API = 'application/vnd.api+json';
let house;
let ada; // the administrator
let ann;
let bob;
let study; // uuid of the demonstration
let number; // its number
let child;
let response;
let video;

const api = (who, method, path, document) =>
  who.send(method, `/api/v1/${path}`, {
    follow: false,
    headers: { accept: API, 'x-csrftoken': who.cookies.get('csrftoken') ?? '', ...(document && { 'content-type': API }) },
    body: document && JSON.stringify(document),
  });

const frame = (who, n, body) =>
  who.send('PUT', `/player/v1/responses/${response}/frames/${n}/`, {
    follow: false,
    headers: { 'content-type': 'application/json', 'x-csrftoken': who.cookies.get('csrftoken') ?? '' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

async function family(name) {
  const visitor = new Visitor(house.url);
  await visitor.get('/signup/');
  await visitor.post('/signup/', {
    username: `${name.toLowerCase()}@example.org`, nickname: name, password1: 'six loud blue tables', password2: 'six loud blue tables',
  });
  await visitor.post('/account/demographics/', {});
  await visitor.post('/account/add-child/', { given_name: `Child of ${name}`, birthday_year: '2024', birthday_month: '2', birthday_day: '17', gender: 'na' });
  return visitor;
}

before(async () => {
  house = await start();
  const link = new URL(house.out.match(/\S+\/setup\/\?key=\S+/)[0]);
  ada = new Visitor(house.url);
  await ada.get(link.pathname + link.search);
  await ada.post(link.pathname + link.search, {
    key: link.searchParams.get('key'), username: 'ada@uni.example', given_name: 'Ada', family_name: 'Sample',
    password1: 'four quiet green chairs', password2: 'four quiet green chairs',
  });
  ann = await family('Ann');
  bob = await family('Bob');
  study = (await ann.get('/studies/')).text.match(/\/studies\/([0-9a-f-]{36})\//)[1];
  child = (await ann.get(`/studies/${study}/`)).text.match(/name="child_id" value="([0-9a-f-]{36})"/)[1];
});
after(() => house?.remove());

test('the player starts: study, child, a new response, earlier ones', async () => {
  assert.equal((await api(ann, 'GET', `studies/${study}/`)).status, 200);
  const mine = JSON.parse((await api(ann, 'GET', `children/${child}/`)).text).data;
  assert.equal(mine.attributes.given_name, 'Child of Ann');
  const begun = await api(ann, 'POST', 'responses/', {
    data: {
      type: 'responses',
      attributes: { global_event_timings: [], exp_data: {}, sequence: [], completed: false, is_preview: false, created_on: null, recording_method: 'recordrtc' },
      relationships: { study: { data: { type: 'studies', id: study } }, child: { data: { type: 'children', id: child } } },
    },
  });
  assert.equal(begun.status, 201, begun.text);
  response = JSON.parse(begun.text).data.id;
  assert.equal(begun.headers.get('location'), `${house.url}/api/v1/responses/${response}/`);
  assert.equal(begun.headers.get('content-type'), API);
  const past = JSON.parse((await api(ann, 'GET', `studies/${study}/responses/?page_size=100&page=1&child=${child}`)).text);
  assert.equal(past.links.meta.count, 1);
  assert.equal(past.data[0].id, response);
  assert.equal(past.data[0].attributes.hash_child_id.length, 6);
  assert.match(past.data[0].attributes.created_on, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?-0[45]:00$/);
});

test('saves are numbered: once is enough, twice does no harm, a gap is told', async () => {
  const first = '{"frame":null,"conditions":{"2-pick":{"side":"left"}},"global_event_timings":[],"recording_method":"recordrtc"}';
  assert.deepEqual(JSON.parse((await frame(ann, 0, first)).text), { next: 1 });
  assert.equal((await frame(ann, 0, first)).status, 200);
  const gap = await frame(ann, 2, { frame: '1-x', data: {} });
  assert.equal(gap.status, 409);
  assert.equal(JSON.parse(gap.text).next, 1);
  const other = await frame(ann, 0, `${first} `);
  assert.equal(other.status, 409);
  assert.equal(JSON.parse(other.text).next, 1);
});

test('what cannot be a save is refused with a reason, and nothing is kept', async () => {
  for (const [body, status] of [['{', 400], ['"x"', 422], ['{"frame":"a","data":{"x":"\\u0000"}}', 400], [`${'['.repeat(65)}${']'.repeat(65)}`, 400],
                                ['{"frame":"1-x"}', 422], ['{"surprise":1}', 422], ['', 422]]) {
    const answer = await frame(ann, 1, body);
    assert.equal(answer.status, status, `${body}: ${answer.text}`);
    assert.ok(answer.text.length > 20);
  }
  const big = await frame(ann, 1, JSON.stringify({ frame: '1-x', data: { x: 'y'.repeat(17 << 20) } })).catch(() => ({ status: 413 }));
  assert.equal(big.status, 413);
  assert.equal((await frame(bob, 1, '{"frame":"1-x","data":{}}')).status, 404);
  assert.equal((await frame(new Visitor(house.url), 1, '{"frame":"1-x","data":{}}')).status, 401);
});

test('kill -9 loses nothing that was acknowledged', async () => {
  assert.equal((await frame(ann, 1, { frame: '0-video-config', data: { frameType: 'DEFAULT', n: 1 } })).status, 200);
  const last = frame(ann, 2, { frame: '1-video-consent', data: { frameType: 'CONSENT' }, completed_consent_frame: true }).catch(() => null);
  await house.kill();
  const acknowledged = (await last)?.status === 200;
  await house.start();
  for (const who of [ada, ann, bob]) who.url = house.url;
  const again = await frame(ann, 2, { frame: '1-video-consent', data: { frameType: 'CONSENT' }, completed_consent_frame: true });
  assert.equal(again.status, 200);
  const { attributes } = JSON.parse((await api(ann, 'GET', `responses/${response}/`)).text).data;
  assert.deepEqual(attributes.sequence, ['0-video-config', '1-video-consent'], `acknowledged: ${acknowledged}`);
  assert.equal(attributes.completed_consent_frame, true);
});

test('a body of a megabyte arrives whole, and the exit frame completes', async () => {
  const data = { frameType: 'DEFAULT', text: 'ü'.repeat(500_000), eventTimings: [{ eventType: 'exp-lookit-text:nextFrame', streamTime: 1.5 }] };
  assert.equal((await frame(ann, 3, { frame: '2-long', data })).status, 200);
  const exit = { frameType: 'EXIT', withdrawal: false, useOfMedia: 'scientific', databraryShare: 'no', feedback: 'so nice', birthDate: '2024-02-18T00:00:00.000Z' };
  assert.equal((await frame(ann, 4, { frame: '3-exit', data: exit, completed: true })).status, 200);
  const last = { data: { type: 'responses', id: response, attributes: { global_event_timings: [{ eventType: 'exitEarly' }] } } };
  assert.equal((await api(ann, 'PATCH', `responses/${response}/`, last)).status, 200);
  assert.equal((await api(bob, 'PATCH', `responses/${response}/`, last)).status, 404);
  const { attributes } = JSON.parse((await api(ann, 'GET', `responses/${response}/`)).text).data;
  assert.equal(attributes.exp_data['2-long'].text.length, 500_000);
  assert.equal(attributes.completed, true);
  assert.equal(attributes.withdrawn, false);
  assert.equal(attributes.global_event_timings[0].eventType, 'exitEarly');
});

test('its consent video arrives', async () => {
  const bytes = Buffer.from('1a45dfa3 not really a film', 'utf8');
  const meta = (fields) => Object.entries(fields).map(([k, v]) => `${k} ${Buffer.from(v).toString('base64')}`).join(',');
  const name = `consent-videoStream_${study}_1-video-consent_${response}_1714567890123_42.webm`;
  const token = { 'x-csrftoken': ann.cookies.get('csrftoken'), 'tus-resumable': '1.0.0' };
  const made = await ann.send('POST', '/uploads/', {
    follow: false,
    headers: { ...token, 'upload-length': String(bytes.length),
               'upload-metadata': meta({ filename: name, response, frame: '1-video-consent', is_consent: 'true', filetype: 'video/webm' }) },
  });
  assert.equal(made.status, 201, made.text);
  const sent = await ann.send('PATCH', new URL(made.location, house.url).pathname, {
    follow: false,
    headers: { ...token, 'content-type': 'application/offset+octet-stream', 'upload-offset': '0',
               'upload-checksum': `sha256 ${createHash('sha256').update(bytes).digest('base64')}` },
    body: bytes,
  });
  assert.equal(sent.status, 204, sent.text);
});

test('the lab sees nothing until it has ruled, then everything', async () => {
  const studies = await ada.get('/exp/studies/');
  number = studies.text.match(/\/exp\/studies\/(\d+)\//)[1];
  assert.match((await ada.get(`/exp/studies/${number}/responses/`)).text, /No session has a confirmed consent yet/);
  assert.equal((await api(ada, 'GET', `responses/${response}/`)).status, 404);
  const consent = await ada.get(`/exp/studies/${number}/responses/consent_videos/`);
  assert.match(consent.text, /Child of Ann/);
  video = consent.text.match(/src="(\/exp\/studies\/\d+\/responses\/videos\/\d+\/)"/)[1];
  assert.equal((await ada.get(video)).text, '1a45dfa3 not really a film');
  const ruled = await ada.post(`/exp/studies/${number}/responses/consent_videos/`, { accepted: response, comment: 'clear <voice>' });
  assert.match(ruled.text, /Saved\./);
  assert.match((await ada.get(`/exp/studies/${number}/responses/consent_videos/?state=accepted`)).text, /clear &lt;voice&gt;/);
  const page = await ada.get(`/exp/studies/${number}/responses/`);
  assert.match(page.text, new RegExp(response));
  assert.match(page.text, /so nice/);
  assert.equal((await ada.get(`/exp/studies/${number}/responses/attachments/`)).status, 200);
});

test('nobody else gets there', async () => {
  for (const path of ['', 'consent_videos/', 'all/', 'all/download_json/', 'all/download_summary_csv/', 'attachments/']) {
    assert.equal((await ann.get(`/exp/studies/${number}/responses/${path}`, { follow: false })).status, 403, path);
    assert.equal((await new Visitor(house.url).get(`/exp/studies/${number}/responses/${path}`, { follow: false })).status, 302, path);
    assert.equal((await ada.get(`/exp/studies/999999/responses/${path}`, { follow: false })).status, 404, path);
  }
  assert.equal((await bob.get(video, { follow: false })).status, 403);
});

test('notes and words for the family are kept', async () => {
  const id = (await ada.get(`/exp/studies/${number}/responses/`)).text.match(/data-response="(\d+)"/)[1];
  const update = (value) => ada.json('POST', `/exp/studies/${number}/responses/researcher_update/`, { responseId: Number(id), field: 'researcher_payment_status', value });
  assert.match(JSON.parse((await update('paid')).text).success, /researcher_payment_status/);
  assert.equal((await update('much')).status, 422);
  const thanked = await ada.post(`/exp/studies/${number}/responses/feedback/`, { response_id: id, comment: 'Thank you, Ann!' });
  assert.match(thanked.text, /Thank you, Ann!/);
  assert.match(thanked.text, /<option value="paid" selected>/);
});

test('the files hold what was recorded', async () => {
  const get = async (path) => ada.get(`/exp/studies/${number}/responses/${path}`, { follow: false });
  const json = await get('all/download_json/?data_options=child__name&data_options=child__age_rounded');
  assert.equal(json.status, 200);
  assert.match(json.headers.get('content-disposition'), /^attachment; filename="[^"]*_all-responses-identifiable\.json"/);
  const [one] = JSON.parse(json.text);
  assert.equal(one.response.uuid, response);
  assert.equal(one.child.name, 'Child of Ann');
  assert.equal(one.exp_data['2-long'].text.length, 500_000);
  assert.deepEqual(one.response.conditions, [{ frameName: '2-pick', side: 'left' }]);
  assert.equal(one.response.birthdate_difference, 1);
  assert.equal(one.response.researcher_payment_status, 'Paid');
  const csv = (await get('all/download_summary_csv/')).text.split('\r\n');
  assert.equal(csv.length, 3);
  assert.match(csv[0], /^"response__id","response__uuid",.*"response__sequence\.0".*"response__conditions\.0\.side"$/);
  assert.match(csv[1], new RegExp(`"${response}".*,True,False,"Eligible","so nice",1,"scientific","no",False,"accepted","Ada  Sample"`));
  assert.match((await get('all/download_summary_dict_csv/')).text, /^"column","description"\r\n"response__id"/);
  assert.match((await get('all/download_summary_children_csv/')).text, /^"participant__hashed_id","child__hashed_id"\r\n/);
  const zip = await get('all/download_frame_zip_csv/');
  assert.equal(zip.text.slice(0, 2), 'PK');
  const id = (await ada.get(`/exp/studies/${number}/responses/`)).text.match(/data-response="(\d+)"/)[1];
  const frames = (await get(`download/?data-type-selector=framedata&response_id=${id}`)).text;
  assert.match(frames, /"2-long","0","eventType","exp-lookit-text:nextFrame"\r\n/);
  assert.match(frames, /"2-long","0","streamTime",1\.5\r\n/);
  assert.doesNotMatch(frames, /2024-02-18/);
});

test('the family finds its session, the video and the thanks', async () => {
  const page = await ann.get('/studies/history/');
  assert.match(page.text, /consent confirmed/);
  assert.match(page.text, /Thank you, Ann!/);
  const own = page.text.match(/\/studies\/history\/videos\/[0-9a-f-]{36}\//)[0];
  assert.equal((await ann.get(own)).text, '1a45dfa3 not really a film');
  assert.equal((await bob.get(own)).status, 404);
  assert.match((await bob.get('/studies/history/')).text, /not taken part in a study yet/);
  assert.match((await ann.post('/studies/history/', { past_studies_tabs: '1' })).path, /past_studies_tabs=1/);
});

test('consent taken back closes everything again', async () => {
  await ada.post(`/exp/studies/${number}/responses/consent_videos/`, { pending: response });
  assert.equal((await ada.get(`/exp/studies/${number}/responses/all/download_json/`)).text, '[]');
  assert.equal((await api(ada, 'GET', `responses/${response}/`)).status, 404);
});
