import assert from 'node:assert/strict';
import { test } from 'node:test';

import { from } from './json.mjs';
import { judge } from './judge.mjs';
import { normal } from './neutral.mjs';

const A = '31a2714f-d071-4c30-839b-fd23a1737126';
const B = '0f1e1d61-3b6c-4045-a99f-37c406a2feba';
const C = 'c607804b-9cc2-4f25-9677-baeed679b9da';
const API = 'application/vnd.api+json';

const exchange = (response, rest = {}) => from({
  id: 't-1', title: 'a test', request: { method: 'GET', path: '/' }, volatile: [], ...rest,
  response: { status: 200, headers: { 'Content-Type': API }, ...response },
});
const answer = (status, body, headers = {}) => ({
  status, cookies: headers.cookies ?? [], body: Buffer.from(body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body)),
  headers: new Map(Object.entries({ 'content-type': API, ...headers }).filter(([name]) => name !== 'cookies')),
});
const nothing = { changes: new Map(), jobs: [], normal };
const stored = (changes, jobs = []) => ({ changes: normal(from(changes)), jobs: from(jobs), normal });
const faults = (e, a, s = nothing) => judge(e, a, s).faults;
const good = (...given) => assert.deepEqual(faults(...given), []);
const bad = (pattern, ...given) => assert.match(faults(...given).join(' | '), pattern);

test('the same answer passes, and members of an object come in any order', () => {
  good(exchange({ body: { a: 1, b: [1, { c: null }] } }), answer(200, '{"b":[1.0,{"c":null}],"a":1}'));
});

test('another status, value, member, length or kind is noticed', () => {
  const e = exchange({ body: { a: 1, b: [1, 2] } });
  bad(/status: expected 200, got 404 \(not_found: No\./, e, answer(404, { errors: [{ code: 'not_found', detail: 'No.' }] }));
  bad(/body\/a: expected 1, got 2/, e, answer(200, { a: 2, b: [1, 2] }));
  bad(/body\/a: expected 1, got "1"/, e, answer(200, { a: '1', b: [1, 2] }));
  bad(/body: lacks b/, e, answer(200, { a: 1 }));
  bad(/body: has c besides/, e, answer(200, { a: 1, b: [1, 2], c: 0 }));
  bad(/2 items expected, got 1/, e, answer(200, { a: 1, b: [1] }));
  bad(/body\/b\/0: expected 1, got 2/, e, answer(200, { a: 1, b: [2, 1] }));
  bad(/not JSON/, e, answer(200, '{"a":1'));
});

test('headers: texts are equal, Allow and Vary are sets, cookies go by name', () => {
  const e = exchange({ headers: { 'Content-Type': API, Allow: 'GET, HEAD', Vary: 'Accept, Origin', 'Set-Cookie names': ['sessionid'] }, body: {} });
  good(e, answer(200, {}, { allow: 'HEAD,GET', vary: 'origin, Accept', cookies: ['sessionid', 'other'], 'x-more': '1' }));
  bad(/Allow: expected GET, HEAD, got GET/, e, answer(200, {}, { allow: 'GET', vary: 'Accept, Origin', cookies: ['sessionid'] }));
  bad(/Allow: expected/, e, answer(200, {}, { allow: 'GET, HEAD, POST', vary: 'Accept, Origin', cookies: ['sessionid'] }));
  bad(/Vary: expected/, e, answer(200, {}, { allow: 'GET, HEAD', vary: 'Cookie, Origin, Accept', cookies: ['sessionid'] }));
  bad(/Vary: expected/, e, answer(200, {}, { allow: 'GET, HEAD', vary: 'Accept', cookies: ['sessionid'] }));
  bad(/Set-Cookie: lacks sessionid/, e, answer(200, {}, { allow: 'GET, HEAD', vary: 'Accept, Origin' }));
  bad(/Content-Type: expected/, e, answer(200, {}, { 'content-type': `${API}; charset=utf-8`, allow: 'GET, HEAD', vary: 'Accept, Origin', cookies: ['sessionid'] }));
  bad(/Vary: missing/, e, answer(200, {}, { allow: 'GET, HEAD', cookies: ['sessionid'] }));
});

test('volatile values count by their form', () => {
  const url = (id) => `http://h/api/v1/responses/${id}/`;
  const e = exchange({ headers: { Location: url(A) }, body: { id: A, pk: 7, at: '2026-05-01T10:55:08.010846-04:00', self: url(A), text: 'x', gone: null } },
    { volatile: ['/response/headers/Location', ...['id', 'pk', 'at', 'self', 'text', 'gone'].map((name) => `/response/body/${name}`)] });
  const body = { id: B, pk: 2001, at: '2026-12-01T10:55:08-05:00', self: url(B), text: 'other' };
  good(e, answer(200, body, { location: url(B) }));
  bad(/id: the form <uuid> expected/, e, answer(200, { ...body, id: 'abc' }, { location: url(B) }));
  bad(/pk: a number expected/, e, answer(200, { ...body, pk: '2001' }, { location: url(B) }));
  bad(/pk: a whole number expected/, e, answer(200, { ...body, pk: 1.5 }, { location: url(B) }));
  bad(/at: the form <time zone> expected/, e, answer(200, { ...body, at: '2026-12-01T15:55:08Z' }, { location: url(B) }));
  bad(/does not name what it should/, e, answer(200, { ...body, self: url(C) }, { location: url(B) }));
  bad(/Location: the form/, e, answer(200, body, { location: '/elsewhere/' }));
});

test('errors: status, code and pointer of each; texts may differ', () => {
  const error = { detail: 'x', status: '400', source: { pointer: '/data' }, code: 'required' };
  const e = exchange({ status: 400, body: { errors: [error] } });
  good(e, answer(400, { errors: [{ ...error, detail: 'Please say more.' }] }));
  bad(/code: expected "required", got "null"/, e, answer(400, { errors: [{ ...error, code: 'null' }] }));
  bad(/pointer: expected/, e, answer(400, { errors: [{ ...error, source: { pointer: '/data/x' } }] }));
  bad(/lacks source/, e, answer(400, { errors: [{ ...error, source: undefined }] }));
  bad(/detail/, e, answer(400, { errors: [{ ...error, detail: 5 }] }));
  bad(/1 items expected, got 2/, e, answer(400, { errors: [error, error] }));
});

test('empty bodies are empty, pages are pages', () => {
  good(exchange({ empty_body: true }), answer(200));
  bad(/none expected/, exchange({ empty_body: true }), answer(200, 'x'));
  const page = exchange({ status: 404, headers: { 'Content-Type': 'text/html; charset=utf-8' }, body_kind: 'text/html' });
  good(page, answer(404, '<p>', { 'content-type': 'text/html;charset=UTF-8' }));
  bad(/a page of text\/html expected/, page, answer(404, {}));
});

test('a wanted refusal counts by status, code, pointer, and that nothing was stored', () => {
  const e = exchange({ body: { data: {} } }, { changes: { feedback: { updated: [{ uuid: A, set: { comment: 'x' } }] } }, defect: 'd', wanted: { status: 403, code: 'permission_denied', pointer: '/data' } });
  const refusal = (code, status = '403') => answer(403, { errors: [{ detail: '', status, source: { pointer: '/data' }, code }] });
  good(e, refusal('permission_denied'));
  bad(/code: expected permission_denied/, e, refusal('other'));
  bad(/not all have status/, e, refusal('permission_denied', '400'));
  bad(/an error document expected/, e, answer(403, {}));
  bad(/changes: none expected, got feedback 1 updated/, e, refusal('permission_denied'), stored({ feedback: { updated: [{ uuid: A, set: { comment: 'x' } }] } }));
  bad(/status: expected 403, got 200/, e, answer(200, { data: {} }));
});

test('a wanted success where the reference fails is a document, and a creation stores', () => {
  const e = exchange({ status: 500, body_kind: 'text/html' }, { changes: {}, defect: 'd', wanted: { status: 201, note: 'stored' } });
  const row = { responses: { inserted: [{ pk: 1, uuid: A }] } };
  good(e, answer(201, { data: {} }), stored(row));
  bad(/nothing was inserted/, e, answer(201, { data: {} }));
  bad(/a document with data expected/, e, answer(201, {}), stored(row));
});

test('wanted mends the record: set replaces and adds, order sorts', () => {
  const rows = [{ id: A, n: 1 }, { id: B, n: 2 }, { id: C, n: 3 }];
  const set = exchange({ body: { data: rows } }, { defect: 'd', wanted: { status: 200, set: { '/response/body/data/1/n': 5, '/response/body/data/1/m': false } } });
  good(set, answer(200, { data: [rows[0], { id: B, n: 5, m: false }, rows[2]] }));
  bad(/data\/1\/n: expected 5, got 2/, set, answer(200, { data: rows }));
  const order = exchange({ body: { data: rows } }, { defect: 'd', wanted: { status: 200, order: [C, A] } });
  good(order, answer(200, { data: [rows[2], rows[0], rows[1]] }));
  bad(/data\/0\/id/, order, answer(200, { data: rows }));
  const free = exchange({ body: { data: rows } }, { defect: 'd', wanted: { status: 200, order: [] } });
  good(free, answer(200, { data: [rows[1], rows[2], rows[0]] }));
  bad(/3 items expected, got 2/, free, answer(200, { data: rows.slice(1) }));
});

test('where wanted speaks in words, rows that the record has are as recorded', () => {
  const rows = [{ id: A, n: 1 }, { id: B, n: 2 }];
  const e = exchange({ body: { data: rows } }, { defect: 'd', wanted: { status: 200, note: 'only the first' } });
  good(e, answer(200, { data: [rows[0]] }));
  bad(/data\/0\/n: expected 1, got 9/, e, answer(200, { data: [{ id: A, n: 9 }] }));
  bad(/not a row of the record/, e, answer(200, { data: [{ id: C, n: 1 }] }));
});

test('options: four members count; optional: a refusal is told apart', () => {
  const four = { name: 'N', renders: [API], parses: [API], allowed_methods: ['GET'] };
  const e = exchange({ body: { data: { ...four, description: 'long' } } }, { tags: ['options'] });
  good(e, answer(200, { data: { ...four, actions: {} } }));
  bad(/renders/, e, answer(200, { data: { ...four, renders: [] } }));
  const optional = exchange({ body: {} }, { tags: ['optional'] });
  assert.deepEqual(judge(optional, answer(404, {}), nothing), { faults: [], isRefusal: true });
  assert.deepEqual(judge(optional, answer(200, {}), nothing), { faults: [], isRefusal: false });
  assert.equal(judge(optional, answer(500, {}), nothing).faults.length, 1);
});

test('what was stored is compared: rows, columns, jobs, and that nothing else was', () => {
  const made = { pk: 2001, uuid: A, comment: 'x', created_at: '2026-01-01T00:00:00+00:00' };
  const e = exchange({ body: {} }, { changes: { feedback: { inserted: [made], updated: [{ uuid: C, set: { comment: 'y' } }] } }, volatile: ['/changes/feedback/inserted/0/pk', '/changes/feedback/inserted/0/uuid'] });
  const ours = { ...made, pk: 5, uuid: B, created_at: '2026-01-01T00:00:00.000000Z', ours_alone: 1 };
  const both = { feedback: { inserted: [ours], updated: [{ uuid: C, set: { comment: 'y' } }] } };
  good(e, answer(200, {}), stored(both));
  bad(/inserted\/0\/comment: expected "x", got "z"/, e, answer(200, {}), stored({ feedback: { ...both.feedback, inserted: [{ ...ours, comment: 'z' }] } }));
  bad(/inserted\/0\/created_at/, e, answer(200, {}), stored({ feedback: { ...both.feedback, inserted: [{ ...ours, created_at: '2026-01-01T00:00:01Z' }] } }));
  bad(/updated\/0\/set: has n besides/, e, answer(200, {}), stored({ feedback: { ...both.feedback, updated: [{ uuid: C, set: { comment: 'y', n: 1 } }] } }));
  bad(/1 items expected, got 0/, e, answer(200, {}), nothing);
  bad(/videos\/deleted: none expected/, e, answer(200, {}), stored({ ...both, videos: { deleted: [A] } }));
  bad(/jobs: 0 items expected, got 1/, e, answer(200, {}), stored(both, [{ task: 't', args: ['n'], delay_s: 1 }]));
  bad(/changes: none expected, got users 1 updated/, exchange({ body: {} }), answer(200, {}), stored({ users: { updated: [{ uuid: A, set: { nickname: 'n' } }] } }));
});

test('what is only kept ready does not count', () => {
  const e = exchange({ body: {} }, { changes: { users: { updated: [{ uuid: A, set: { identicon: 'data:…' } }] } } });
  good(e, answer(200, {}));
});
