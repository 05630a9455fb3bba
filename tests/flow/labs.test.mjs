// A lab puts up a study: from the first administrator to the page on which a family starts it.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';

import { lookit, start } from '../support/service.mjs';
import { Visitor } from '../support/visitor.mjs';

const GOOD = '{\n  "frames": {\n    "hello": {"kind": "exp-lookit-text", "blocks": [{"text": "Hello!"}]}\n  },\n  "sequence": ["hello"]\n}';
const AD = {
  name: 'Ball or box', study_type: '1', priority: '99', public: 'true', preview_summary: 'A ball rolls behind a screen.',
  short_description: 'Your baby watches a ball.', purpose: 'When do babies expect a thing?', exit_url: 'https://lookit.example/studies/history/',
  criteria: 'Children from birth to 18', duration: '10 minutes', contact_info: 'Dr. Maria Klein', min_age_years: '0', min_age_months: '0',
  min_age_days: '0', max_age_years: '18', max_age_months: '0', max_age_days: '0',
};
let house;
let admin;
let kim;
let ann;
let lab;
let study; // path of its page
let uuid;

async function register(link, who) {
  const visitor = new Visitor(house.url);
  const path = new URL(link, house.url);
  await visitor.get(path.pathname + path.search);
  const page = await visitor.post(path.pathname + path.search, {
    key: path.searchParams.get('key'), username: `${who.toLowerCase()}@uni.example`, given_name: who, family_name: 'Sample',
    password1: 'four quiet green chairs', password2: 'four quiet green chairs',
  });
  assert.equal(page.status, 200, page.text.slice(0, 400));
  return visitor;
}

const flash = (page) => page.text.match(/<p class="flash flash-\w+">([^<]*)/)?.[1] ?? '';
const step = (who, trigger, more = {}) => who.post(`${study}change-study-status`, { trigger, ...more });
const state = async () => (await kim.get(study)).text.match(/mark-big[^>]*>([^<]*)/)[1];

before(async () => {
  house = await start();
  admin = await register(house.out.match(/\S+\/setup\/\?key=\S+/)[0], 'Ada');
  const invited = await lookit(['admin', 'invite', 'kim@uni.example', '--data', house.data]);
  kim = await register(invited.out.match(/\S+\/registration\/\?key=\S+/)[0], 'Kim');
});
after(() => house?.remove());

test('a fresh site shows its demonstration to everybody', async () => {
  const nobody = new Visitor(house.url);
  const list = await nobody.get('/studies/');
  assert.match(list.text, /Where is the ball\?/);
  assert.equal((await nobody.get('/demo/img/ball.svg')).status, 200);
  assert.match((await nobody.get('/studies/?search=xyzzy')).text, /No study fits right now/);
  assert.equal((await nobody.get('/studies/no-such-lab/')).status, 404);
  assert.match((await nobody.get('/exp/studies/')).path, /^\/login\//);
});

test('a researcher founds a lab and an administrator approves it', async () => {
  const fields = {
    name: 'Early Minds Lab', slug: 'early-minds', principal_investigator_name: 'Kim Sample', contact_email: 'lab@uni.example', contact_phone: '1',
    description: 'We study babies.', irb_contact_info: 'ethics@uni.example',
  };
  await kim.get('/exp/labs/create/');
  const again = await kim.post('/exp/labs/create/', { ...fields, slug: 'babies', contact_phone: '' });
  assert.match(again.text, /Another page of this site lives at this address/);
  assert.match(again.text, /value="Early Minds Lab"/, 'what was typed stays');
  const page = await kim.post('/exp/labs/create/', fields);
  lab = page.path.match(/^\/exp\/labs\/(\d+)\/$/)[1];
  assert.match(page.text, /not approved yet/);
  assert.doesNotMatch((await kim.get(`/exp/labs/${lab}/edit/`)).text, /approved_to_test/);
  assert.match((await admin.get(`/exp/labs/${lab}/edit/`)).text, /approved_to_test/);
  await kim.post(`/exp/labs/${lab}/edit/`, { ...fields, approved_to_test: 'true' });
  assert.match((await kim.get(`/exp/labs/${lab}/`)).text, /not approved yet/);
  assert.match((await admin.post(`/exp/labs/${lab}/edit/`, { ...fields, approved_to_test: 'true' })).text, /its studies may run/);
});

test('a study is drafted, its protocol broken and mended', async () => {
  assert.match((await kim.get('/exp/studies/create/')).text, /Early Minds Lab/);
  const wrong = await kim.post('/exp/studies/create/', { ...AD, lab, max_age_years: '0', min_age_years: '3', criteria_expression: 'speaks_en AND deff' });
  assert.match(wrong.text, /ends \(0 days\) before it begins \(1095 days\)/);
  assert.match(wrong.text, /column 15/);
  const page = await kim.post('/exp/studies/create/', { ...AD, lab });
  study = page.path.replace('design/efp/', '');
  assert.match(study, /^\/exp\/studies\/\d+\/$/);
  assert.equal((await kim.get(`${study}design/`)).path, `${study}design/efp/`);

  const broken = await kim.post(`${study}design/efp/`, { structure: '{\n  "frames": {},\n  "sequence": [,]\n}' });
  assert.equal(broken.status, 200);
  assert.match(broken.text, /Line 3, column 16/);
  assert.match(broken.text, /&quot;sequence&quot;: \[,\]/, 'the text is on the form');

  await kim.post(`${study}design/efp/`, { structure: GOOD.replace('exp-lookit-text', 'exp-lookit-txt') });
  assert.match((await kim.get(`${study}design/efp/`)).text, /line 3, column 23<\/a>[^<]*exp-lookit-text/);
  const live = await kim.json('POST', `${study}design/check/`, { structure: '{"frames":{"a":{"kind":"nothing"}},"sequence":["a"]}' });
  assert.equal(live.status, 200, live.text);
  assert.equal(JSON.parse(live.text).findings.some((f) => f.is_error && f.line === 1), true);
});

test('a broken protocol is not built, a good one is, and its files are served for ever', async () => {
  uuid = (await kim.get(study)).text.match(/\/exp\/studies\/([0-9a-f-]{36})\/build\//)[1];
  const failed = await kim.post(`/exp/studies/${uuid}/build/`);
  assert.equal(failed.path, study);
  assert.match(failed.text, /The last build failed\. Line 3, column 23/);
  await kim.post(`${study}design/efp/`, { structure: GOOD });
  const built = await kim.post(`/exp/studies/${uuid}/build/`);
  assert.match(flash(built), /built/);
  assert.match(flash(await kim.post(`/exp/studies/${uuid}/build/`)), /Nothing has changed/);
  assert.match(built.text, /version <code>[0-9a-f]{12}/);
});

test('the way to families has its guards', async () => {
  const early = await step(kim, 'activate');
  assert.match(flash(early), /Nothing was changed/);
  assert.match(early.text, /class="flash flash-error"/);
  assert.equal((await step(kim, 'approve')).status, 403);
  assert.match(flash(await step(kim, 'submit', { 'comments-text': 'Please look.', issue_length: 'true', issues_description: 'Long, but fun.' })), /submitted/);
  const seen = await admin.get(study);
  assert.match(seen.text, /Sessions over 30 minutes/);
  assert.match(seen.text, /Please look\./);
  assert.match(flash(await step(admin, 'approve', { 'comments-text': 'Lovely.' })), /approved/);
  assert.match(flash(await step(kim, 'activate')), /activated/);
  assert.equal(await state(), 'Active');
});

test('a family finds it and gets the built version, and nobody else does', async () => {
  ann = new Visitor(house.url);
  const shown = await ann.get(`/studies/${uuid}/`);
  assert.match(shown.text, /Log in to take part/);
  await ann.get('/signup/');
  await ann.post('/signup/', { username: 'ann@example.org', nickname: 'Ann', password1: 'six loud blue tables', password2: 'six loud blue tables' });
  assert.match((await ann.get(`/studies/${uuid}/`)).text, /Add a child/);
  await ann.post('/account/add-child/', { given_name: 'Mo', birthday_year: '2024', birthday_month: '2', birthday_day: '17', gender: 'na' });
  await ann.post('/account/demographics/', {});
  const page = await ann.get(`/studies/${uuid}/`);
  const child = page.text.match(/name="child_id" value="([0-9a-f-]{36})"/)[1];
  const play = await ann.post(`/studies/${uuid}/`, { child_id: child });
  assert.equal(play.path, `/studies/${uuid}/${child}/`);
  assert.match(play.headers.get('content-security-policy'), /script-src 'self'/);
  const player = play.text.match(/\/v\/[0-9a-f]{64}\/player\.js/)[0];
  const script = await ann.get(player);
  assert.equal(script.status, 200);
  assert.match(script.headers.get('cache-control'), /immutable/);
  assert.equal((await ann.get(player.replace('player.js', 'protocol.json'))).text, GOOD);
  assert.equal((await ann.get(player.replace('player.js', 'other.js'))).status, 404);
  assert.equal((await kim.get(`/studies/${uuid}/${child}/`)).status, 404, "another's child");
  assert.match((await new Visitor(house.url).get(player)).path, /^\/login\//);
  const other = randomUUID();
  assert.match((await ann.post(`/studies/${uuid}/`, { child_id: other })).text, /Please choose one of your children/);

  const api = await ann.get(`/api/v1/studies/${uuid}/`, { headers: { accept: 'application/vnd.api+json' } });
  const { data } = JSON.parse(api.text);
  assert.equal(data.attributes.structure.exact_text, GOOD);
  assert.equal(data.relationships.responses.links.related, `${house.url}/api/v1/studies/${uuid}/responses/`);
});

test('what was approved cannot be changed unseen, and a paused study tells whom to ask', async () => {
  await kim.post(`${study}design/efp/`, { structure: GOOD.replace('Hello!', 'Good day!') });
  assert.equal(await state(), 'Rejected');
  const closed = await ann.get(`/studies/${uuid}/`);
  assert.equal(closed.status, 403);
  assert.match(closed.text, /Dr\. Maria Klein/);
});

test('a copy is a draft of its own, and what is archived is gone from the lists', async () => {
  const copy = await kim.post(`${study}clone-study`);
  assert.match(copy.text, /Copy of Ball or box/);
  await step(kim, 'archive');
  assert.doesNotMatch((await kim.get('/exp/studies/mystudies/?match=ball')).text, />Ball or box</);
  assert.match((await kim.get('/exp/studies/created/')).text, /Copy of Ball or box/);
});
