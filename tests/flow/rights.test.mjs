// Who may do what: every role, every permission held alone, on every route (model.md 5).
//
// What each role may is typed here once more, from the model, so that a slip in schemas/database shows. Every line of the table of
// routes must be told here; a request of somebody who may is answered, whatever is wrong with its empty form; of others it is refused.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { setCookies } from '../support/cookies.mjs';
import { Service, lookit } from '../support/service.mjs';

// ---- what the model says

const CODENAMES = { // permission: [on the study, its twin on the lab]
  read_details: ['read_study__<DETAILS>', 'read_lab__study__<DETAILS>'],
  write_details: ['edit_study__<DETAILS>', 'edit_lab__study__<DETAILS>'],
  change_status: ['edit_study__status', 'edit_lab__study__status'],
  manage_researchers: ['edit_study__<GROUP>__user_set', 'edit_lab__study__<GROUP>__user_set'],
  read_data: ['read_study__responses', 'read_lab__study__responses'],
  read_preview_data: ['read_study__responses(is_preview=True)', 'read_lab__study__responses(is_preview=True)'],
  code_consent: ['edit_study__responses__consent_rulings', 'edit_lab__study__responses__consent_rulings'],
  code_preview_consent: ['edit_study__responses__consent_rulings(is_preview=True)', 'edit_lab__study__responses__consent_rulings(is_preview=True)'],
  contact: ['edit_study__message_set', 'edit_lab__study__message_set'],
  edit_feedback: ['edit_study__feedback', 'edit_lab__study__feedback'],
  change_lab: ['edit_study__lab', 'edit_lab__study__lab'],
  delete_preview_data: ['delete_study__responses(is_preview=True)', 'delete_lab__study__responses(is_preview=True)'],
  approve: ['edit_study__<APPROVAL>', null],
};
const PREVIEW = ['read_details', 'read_preview_data', 'code_preview_consent'];
const STUDY_GROUPS = {
  PREVIEW,
  DESIGN: [...PREVIEW, 'delete_preview_data', 'write_details'],
  ANALYSIS: [...PREVIEW, 'delete_preview_data', 'read_data'],
  SUBMISSION_PROCESSOR: [...PREVIEW, 'delete_preview_data', 'change_status', 'code_consent', 'edit_feedback', 'contact'],
  RESEARCHER: [...PREVIEW, 'delete_preview_data', 'change_status', 'read_data', 'code_consent', 'edit_feedback', 'contact'],
  MANAGER: [...PREVIEW, 'delete_preview_data', 'write_details', 'change_status', 'manage_researchers'],
  ADMIN: Object.keys(CODENAMES).filter((name) => name !== 'approve'),
};
const LAB_GROUPS = {
  GUEST: ['create_study'],
  READONLY: ['read_details', 'read_preview_data'],
  MEMBER: ['create_study', 'read_lab_researchers', 'read_details', 'read_preview_data', 'code_preview_consent'],
  ADMIN: ['create_study', 'read_lab_researchers', 'read_details', 'read_preview_data', 'code_preview_consent', 'delete_preview_data', 'write_details',
    'change_status', 'manage_researchers', 'edit_lab', 'manage_lab_researchers'],
};
const LOOKIT_ADMIN = ['approve', 'change_status', 'approve_lab', 'edit_lab', 'read_lab_researchers', 'manage_lab_researchers'];

const people = {}; // key: {may: Set, is_researcher, …}
const person = (key, may, more = {}) => (people[key] = { key, may: new Set(may), is_researcher: true, ...more });
for (const [group, may] of Object.entries(STUDY_GROUPS)) person(`study_${group}`, may, { group });
for (const [group, may] of Object.entries(LAB_GROUPS)) person(`lab_${group}`, may, { labGroup: group });
for (const [name, [own, twin]] of Object.entries(CODENAMES)) {
  person(`holds_${name}`, [name], { grant: own });
  if (twin) person(`twin_${name}`, [name], { twin });
}
person('of_another_lab', [], { otherLab: true });
person('site_admin', LOOKIT_ADMIN, { site: true });
person('superuser', ['everything'], { is_superuser: true });
person('holder_no_researcher', ['read_data'], { grant: CODENAMES.read_data[0], is_researcher: false });
person('parent', [], { is_researcher: false, isParent: true });
person('other_family', [], { is_researcher: false });
const may = (who, ...any) => who.may.has('everything') || any.some((name) => who.may.has(name));

// ---- the world in which they live

const NOW = '2026-11-01T12:00:00Z';
const uuid = (n) => `0d3f0000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const STUDY = { pk: 501, uuid: uuid(501) }, LAB = { pk: 401, uuid: uuid(401) }, CHILD = uuid(301);
const REAL = uuid(601), PREVIEWED = uuid(602), FEEDBACK = uuid(801), VIDEO = uuid(901), SNAPSHOT = uuid(701);

function world() {
  const keys = Object.values(people);
  const inGroups = (names, field) => Object.fromEntries(Object.keys(names).map((g) => [g, keys.filter((p) => p[field] === g).map((p) => p.key)]));
  const lab = (key, pk, groups, members) => ({
    key, pk, uuid: uuid(pk), name: `Lab ${key}`, slug: `lab-${key}`, principal_investigator_name: 'P. I.', contact_email: `${key}@uni.example`, contact_phone: '1',
    description: 'A lab.', irb_contact_info: 'i', approved_to_test: true, members, groups });
  const response = (key, pk, is_preview) => ({
    key, pk, uuid: uuid(pk), study: 's', child: 'c', demographic_snapshot: 'd', study_type: 1, completed: true, completed_consent_frame: true, is_preview,
    exp_data: { '0-t': { frameType: 'DEFAULT' } }, sequence: ['0-t'], recording_method: 'recordrtc', eligibility: ['Eligible'], date_created: NOW, date_modified: NOW });
  return {
    format: 'chs-golden-world/1',
    settings: { base_url: 'http://localhost/', time_zone: 'America/New_York', next_pk: { 'all entities': '2001' } },
    users: keys.map((p, i) => ({
      key: p.key, pk: 101 + i, uuid: uuid(101 + i), username: `${p.key.toLowerCase()}@example.org`, given_name: p.key, nickname: p.key, is_active: true,
      is_researcher: p.is_researcher, is_superuser: p.is_superuser ?? false, date_created: NOW, token: createHash('sha1').update(p.key).digest('hex'),
      site_permissions: [], site_groups: p.site ? ['LOOKIT_ADMIN'] : [] })),
    demographics: [{ key: 'd', pk: 701, uuid: SNAPSHOT, user: 'parent', created_at: NOW, number_of_children: '1' }],
    children: [{ key: 'c', pk: 301, uuid: CHILD, user: 'parent', given_name: 'Mo', birthday: '2024-02-17', gender: 'na' }],
    labs: [lab('l', 401, inGroups(LAB_GROUPS, 'labGroup'), [...keys.filter((p) => p.labGroup).map((p) => p.key), 'other_family']),
      lab('o', 402, { ADMIN: ['of_another_lab'] }, ['of_another_lab'])],
    studies: [{
      key: 's', pk: 501, uuid: STUDY.uuid, salt: uuid(1), name: 'Turns', date_modified: NOW, study_type: 1, lab: 'l', max_age: [18, 0, 0], state: 'paused', public: true,
      structure: { frames: { t: { kind: 'exp-lookit-text', blocks: [{ text: 'Hello' }] } }, sequence: ['t'], exact_text: '{"frames":{"t":{"kind":"exp-lookit-text","blocks":[{"text":"Hello"}]}},"sequence":["t"]}' },
      groups: inGroups(STUDY_GROUPS, 'group') }],
    responses: [response('r', 601, false), response('p', 602, true)],
    consent_rulings: ['r', 'p'].map((key, i) => ({ key: `k${i}`, pk: 1001 + i, uuid: uuid(1001 + i), response: key, action: 'accepted', created_at: NOW })),
    feedback: [{ key: 'f', pk: 801, uuid: FEEDBACK, response: 'r', comment: 'Thank you' }],
    videos: [{ key: 'v', pk: 901, uuid: VIDEO, created_at: NOW, s3_timestamp: NOW, frame_id: '0-t', full_name: 'v.webm', study: 's', response: 'r' }],
    object_grants: keys.flatMap((p) => [
      ...(p.grant ? [{ user: p.key, permission: `studies.${p.grant}`, study: 's' }] : []), ...(p.twin ? [{ user: p.key, permission: `studies.${p.twin}`, lab: 'l' }] : [])]),
  };
}

// ---- what each route asks for: true, false, or how an answer looks to those who may (a list's length)

const all = () => true;
const researcher = (who) => who.is_researcher;
const asks = (...any) => (who) => who.is_researcher && may(who, ...any);
const reads = asks('read_data', 'read_preview_data');
const isParent = (who) => !!who.isParent;
const sees = (who) => isParent(who) || may0(who, 'read_data'); // of the API: no researcher's page
const may0 = (who, ...any) => any.some((name) => who.may.has(name)) || who.may.has('everything');
const knows = (who) => isParent(who) || may0(who, 'read_data', 'read_preview_data'); // the family
const PARENT = uuid(101 + Object.keys(people).indexOf('parent'));
// A session that could not be stored, so that the others find the world as it was: who may hears what is wrong with it.
const SITTING = { type: 'responses', attributes: { completed: 'perhaps' }, relationships: {
  child: { data: { type: 'children', id: CHILD } }, study: { data: { type: 'studies', id: STUDY.uuid } } } };
const S = (rest) => `/exp/studies/${STUDY.pk}/${rest}`;
const rows = (n) => ({ rows: n });

const ROUTES = {
  'GET /exp/studies/{study}/responses/attachments/': [S('responses/attachments/'), reads],
  'GET /exp/studies/{study}/responses/videos/{video}/': [S('responses/videos/901/'), asks('read_data'), { gone: true }],
  'GET /exp/labs/': ['/exp/labs/', researcher],
  'GET /exp/labs/create/': ['/exp/labs/create/', researcher],
  'POST /exp/labs/create/': ['/exp/labs/create/', researcher],
  'GET /exp/labs/{lab}/': [`/exp/labs/${LAB.pk}/`, researcher],
  'GET /exp/labs/{lab}/edit/': [`/exp/labs/${LAB.pk}/edit/`, asks('edit_lab')],
  'POST /exp/labs/{lab}/edit/': [`/exp/labs/${LAB.pk}/edit/`, asks('edit_lab')],
  'POST /exp/labs/request/{lab}/': [`/exp/labs/request/${LAB.pk}/`, researcher],
  'POST /exp/labs/{lab}/members/': [`/exp/labs/${LAB.pk}/members/`, asks('manage_lab_researchers'), { form: { user_id: String(101 + Object.keys(people).indexOf('other_family')), user_action: 'make_guest' } }],
  'GET /exp/studies/': ['/exp/studies/', researcher],
  'GET /exp/studies/{set}/': ['/exp/studies/mystudies/', researcher],
  'GET /exp/studies/create/': ['/exp/studies/create/', asks('create_study'), { other: 'of_another_lab' }],
  'POST /exp/studies/create/': ['/exp/studies/create/', asks('create_study'), { other: 'of_another_lab' }],
  'GET /exp/studies/{study}/': [S(''), asks('read_details')],
  'GET /exp/studies/{study}/edit/': [S('edit/'), asks('write_details')],
  'POST /exp/studies/{study}/edit/': [S('edit/'), asks('write_details')],
  'GET /exp/studies/{study}/design/': [S('design/'), asks('write_details')],
  'GET /exp/studies/{study}/design/efp/': [S('design/efp/'), asks('write_details')],
  'POST /exp/studies/{study}/design/efp/': [S('design/efp/'), asks('write_details')],
  'POST /exp/studies/{study}/design/check/': [S('design/check/'), asks('write_details'), { json: { structure: '{}' } }],
  'POST /exp/studies/{study}/change-study-status': [S('change-study-status'), (who) => who.site || asks('change_status')(who), { form: { trigger: 'pause' } }],
  'POST /exp/studies/{study}/build/': [`/exp/studies/${STUDY.uuid}/build/`, asks('write_details')],
  'GET /exp/studies/{study}/preview-detail/': [`/exp/studies/${STUDY.uuid}/preview-detail/`, asks('read_details')],
  'GET /exp/studies/{study}/responses/': [S('responses/'), reads],
  'GET /exp/studies/{study}/responses/all/': [S('responses/all/'), reads],
  'GET /exp/studies/{study}/responses/download/': [S(`responses/download/?response_id=601&data-type-selector=json`), asks('read_data')],
  'GET /exp/studies/{study}/responses/all/download_json/': [S('responses/all/download_json/'), reads],
  'GET /exp/studies/{study}/responses/all/download_summary_csv/': [S('responses/all/download_summary_csv/'), reads],
  'GET /exp/studies/{study}/responses/all/download_summary_dict_csv/': [S('responses/all/download_summary_dict_csv/'), reads],
  'GET /exp/studies/{study}/responses/all/download_summary_children_csv/': [S('responses/all/download_summary_children_csv/'), reads],
  'GET /exp/studies/{study}/responses/all/download_summary_children_dict_csv/': [S('responses/all/download_summary_children_dict_csv/'), reads],
  'GET /exp/studies/{study}/responses/all/download_frame_zip_csv/': [S('responses/all/download_frame_zip_csv/'), reads],
  'POST /exp/studies/{study}/responses/feedback/': [S('responses/feedback/'), asks('edit_feedback'), { form: { response_id: '601', comment: '' } }],
  'POST /exp/studies/{study}/responses/researcher_update/': [S('responses/researcher_update/'), asks('edit_feedback'), { json: { responseId: 601, field: 'researcher_star', value: true } }],
  'GET /exp/studies/{study}/responses/consent_videos/': [S('responses/consent_videos/'), asks('code_consent', 'code_preview_consent')],
  'POST /exp/studies/{study}/responses/consent_videos/': [S('responses/consent_videos/'), asks('code_consent', 'code_preview_consent')],
  'GET /studies/history/': ['/studies/history/', all],
  'GET /studies/history/videos/{video}/': [`/studies/history/videos/${VIDEO}/`, isParent, { gone: true }],
  'GET /account/children/': ['/account/children/', all],
  'GET /account/children/{child}/': [`/account/children/${CHILD}/`, isParent],
  'GET /account/demographics/': ['/account/demographics/', all],
  'GET /account/add-child/': ['/account/add-child/', all],
  'GET /account/manage/': ['/account/manage/', all],
  'POST /account/token/': ['/account/token/', researcher, { form: { replaces: '0' } }], // they have one: nothing is made
  'GET /api/{v}/users/': ['/api/v1/users/', (who) => rows(who.is_superuser ? Object.keys(people).length : isParent(who) ? 1 : may0(who, 'read_data', 'read_preview_data') ? 2 : 1)],
  'GET /api/{v}/users/{user}/': [`/api/v1/users/${PARENT}/`, knows],
  'GET /api/{v}/users/{user}/children/': [`/api/v1/users/${PARENT}/children/`, (who) => rows(knows(who) ? 1 : 0)],
  'GET /api/{v}/users/{user}/children/{child}/': [`/api/v1/users/${PARENT}/children/${CHILD}/`, knows],
  'GET /api/{v}/users/{user}/demographics/': [`/api/v1/users/${PARENT}/demographics/`, (who) => rows(knows(who) ? 1 : 0)],
  'GET /api/{v}/users/{user}/demographics/{demographic}/': [`/api/v1/users/${PARENT}/demographics/${SNAPSHOT}/`, knows],
  'GET /api/{v}/children/': ['/api/v1/children/', (who) => rows(knows(who) ? 1 : 0)],
  'GET /api/{v}/children/{child}/': [`/api/v1/children/${CHILD}/`, knows],
  'GET /api/{v}/demographics/': ['/api/v1/demographics/', (who) => rows(knows(who) ? 1 : 0)],
  'GET /api/{v}/demographics/{demographic}/': [`/api/v1/demographics/${SNAPSHOT}/`, knows],
  'GET /api/{v}/labs/': ['/api/v1/labs/', () => rows(2)],
  'GET /api/{v}/labs/{lab}/': [`/api/v1/labs/${LAB.uuid}/`, all],
  'GET /api/{v}/studies/': ['/api/v1/studies/', (who) => rows(asks('read_details')(who) ? 1 : 0)],
  'GET /api/{v}/studies/{study}/': [`/api/v1/studies/${STUDY.uuid}/`, asks('read_details')],
  'GET /api/{v}/studies/{study}/responses/': [`/api/v1/studies/${STUDY.uuid}/responses/`, (who) => rows(isParent(who) ? 2 : may0(who, 'read_data') + may0(who, 'read_preview_data'))],
  'GET /api/{v}/studies/{study}/responses/{response}/': [`/api/v1/studies/${STUDY.uuid}/responses/${REAL}/`, sees],
  'GET /api/{v}/responses/': ['/api/v1/responses/', (who) => rows(isParent(who) ? 2 : may0(who, 'read_data') + may0(who, 'read_preview_data'))],
  'GET /api/{v}/responses/{response}/': [`/api/v1/responses/${REAL}/`, sees],
  'GET /api/{v}/past-sessions/{response}/': [`/api/v1/past-sessions/${PREVIEWED}/`, (who) => isParent(who) || may0(who, 'read_preview_data')],
  'GET /api/{v}/feedback/': ['/api/v1/feedback/', (who) => rows(isParent(who) || may0(who, 'read_data') ? 1 : 0)],
  'GET /api/{v}/feedback/{feedback}/': [`/api/v1/feedback/${FEEDBACK}/`, sees],
  'POST /api/{v}/responses/': ['/api/v1/responses/', isParent, { api: SITTING }],
  'POST /api/{v}/studies/{in_study}/responses/': [`/api/v1/studies/${STUDY.uuid}/responses/`, isParent, { api: SITTING }],
  'PATCH /api/{v}/responses/{response}/': [`/api/v1/responses/${REAL}/`, isParent, { api: { type: 'responses', id: REAL } }],
  'PUT /api/{v}/responses/{response}/': [`/api/v1/responses/${REAL}/`, isParent, { api: { type: 'responses', id: REAL } }],
  'PATCH /api/{v}/studies/{in_study}/responses/{response}/': [`/api/v1/studies/${STUDY.uuid}/responses/${REAL}/`, isParent, { api: { type: 'responses', id: REAL } }],
  'PUT /api/{v}/studies/{in_study}/responses/{response}/': [`/api/v1/studies/${STUDY.uuid}/responses/${REAL}/`, isParent, { api: { type: 'responses', id: REAL } }],
  'PATCH /api/{v}/feedback/{feedback}/': [`/api/v1/feedback/${FEEDBACK}/`, (who) => may0(who, 'read_data') && may0(who, 'edit_feedback'),
    { api: { type: 'feedback', id: FEEDBACK, attributes: { comment: 'Thank you' } } }],
  'PUT /api/{v}/feedback/{feedback}/': [`/api/v1/feedback/${FEEDBACK}/`, (who) => may0(who, 'read_data') && may0(who, 'edit_feedback'),
    { api: { type: 'feedback', id: FEEDBACK, attributes: { comment: 'Thank you' }, relationships: { response: { data: { type: 'responses', id: REAL } } } } }],
  'POST /api/{v}/feedback/': ['/api/v1/feedback/', (who) => may0(who, 'edit_feedback'),
    { api: { type: 'feedback', attributes: { comment: '' }, relationships: { response: { data: { type: 'responses', id: REAL } } } } }],
  'POST /exp/studies/{study}/clone-study': [S('clone-study'), (who) => asks('read_details')(who) && may(who, 'create_study')],
  'POST /exp/studies/{study}/responses/delete_preview/': [S('responses/delete_preview/'), asks('delete_preview_data')], // the last: they are gone then
};

// Routes that are open to everybody, or whose right is a secret or a thing of one's own that other tests walk through.
const ELSEWHERE = /^(GET|POST|HEAD|OPTIONS|PATCH|DELETE|PUT|NONE) (\/healthz|\/readyz|\/metrics|\/static\/.*|\/demo\/.*|\/uploads\/.*|\/|\/login\/|\/logout\/|\/signup\/|\/setup\/|\/registration\/|\/faq\/|\/privacy\/|\/termsofuse\/|\/contact_us\/|\/api\/schema\/|\/v\/.*|\/player\/.*|\/studies\/.*|\/account\/.*|\/api\/\{v\}\/|\/api\/\{v\}\/video\/.*|\/exp\/studies\/\{study\}\/preview-detail\/|\/exp\/studies\/\{study\}\/\{child\}\/preview\/)$/;

// ---- the walk

let house;
const sql = (text) => execFileSync('psql', ['-h', join(house.data, 'run'), '-U', 'lookit', '-d', 'postgres', '-qAt', '-v', 'ON_ERROR_STOP=1'], { input: text, encoding: 'utf8' }).trim();

before(async () => {
  house = new Service({ args: ['--no-demo'] });
  await house.prepare();
  const file = join(house.folder, 'world.json');
  writeFileSync(file, JSON.stringify(world()));
  chmodSync(file, 0o644);
  await house.start();
  const loaded = await lookit(['world', 'load', file, '--data', house.data]);
  assert.equal(loaded.status, 0, loaded.err);
  sql(Object.values(people).map((p) => `select session_open(sha256('session-of-${p.key}'), id, '1 day') from account where username = '${p.key.toLowerCase()}@example.org';`).join('\n'));
  for (const who of Object.values(people)) {
    const answer = await fetch(`${house.url}/faq/`, { headers: { cookie: `sessionid=session-of-${who.key}` } });
    who.csrf = setCookies(answer.headers).map((line) => /^csrftoken=([^;]+)/.exec(line)?.[1]).find(Boolean);
    assert.ok(who.csrf, `no form token for ${who.key}`);
  }
});
after(() => house?.remove());

async function call(route, who) {
  const [path, , { form, json, api } = {}] = ROUTES[route];
  const method = route.split(' ')[0];
  const headers = who ? { cookie: `sessionid=session-of-${who.key}; csrftoken=${who.csrf}` } : {};
  let body;
  if (method !== 'GET') {
    Object.assign(headers, { origin: house.url, 'x-csrftoken': who?.csrf ?? '' });
    headers['content-type'] = api ? 'application/vnd.api+json' : json ? 'application/json' : 'application/x-www-form-urlencoded';
    body = api ? JSON.stringify({ data: api }) : json ? JSON.stringify(json) : new URLSearchParams(form ?? {}).toString();
  }
  const answer = await fetch(house.url + path, { method, headers, body, redirect: 'manual' });
  const text = await answer.text();
  assert.ok(answer.status < 500, `${route} as ${who?.key ?? 'nobody'}: ${answer.status} ${text.slice(0, 300)}`);
  if (answer.status === 401 || (answer.status === 302 && /^\/login\//.test(answer.headers.get('location') ?? ''))) return 'login';
  if (answer.status === 403) return false;
  if (answer.status === 404) return 404;
  return answer.headers.get('content-type')?.includes('vnd.api') && method === 'GET' ? JSON.parse(text).links?.meta?.count ?? true : true;
}

test('every route is told', () => {
  const table = readFileSync(join(process.env.LOOKIT_SOURCE ?? '.', 'gateway/routes.def'), 'utf8');
  const known = [...table.matchAll(/^ROUTE\((\w+),\s*"([^"]+)"/gm)].map(([, method, pattern]) => `${method} ${pattern.replace(/:[^}]*\}/g, '}').replace(/\*\}/g, '}')}`);
  assert.ok(known.length > 70);
  assert.deepEqual(known.filter((route) => !ROUTES[route] && !ELSEWHERE.test(route)), []);
  assert.deepEqual(Object.keys(ROUTES).filter((route) => !known.includes(route)), []);
});

for (const [route, [, rule, more = {}]] of Object.entries(ROUTES))
  test(route, async () => {
    assert.equal(await call(route, null), 'login', 'nobody');
    const wrong = [];
    for (const who of Object.values(people)) {
      const due = more.other === who.key ? true : rule(who);
      const got = await call(route, who);
      const isSo = typeof due === 'object' ? got === due.rows : due ? got === true || (more.gone && got === 404) || typeof got === 'number' && got !== 404 : got === false || got === 404;
      if (!isSo) wrong.push(`${who.key}: ${typeof due === 'object' ? `${due.rows} rows` : due ? 'may' : 'may not'}, got ${got}`);
    }
    assert.equal(wrong.join('; '), '');
  });
