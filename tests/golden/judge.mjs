// judge: does an answer satisfy an exchange? Knows the format `chs-golden-exchanges/1`, no case and no server.
//
// What is compared, and how:
// - Status: equal.
// - Headers: each recorded one must be there, with the same text. Exceptions: `Allow` and `Vary` are equal as sets; of
//   `Set-Cookie names` each is set; the Content-Type of a page (`body_kind`) counts by its media type alone. An answer may carry
//   more headers.
// - Body: as a JSON value. Member order does not count, numbers count by value and to the last digit. An error document: status,
//   code and source.pointer of each error; `detail` need only be a text.
// - `volatile` values: by type and form (a uuid is a uuid, a timestamp is written in the same kind of zone, a whole number is
//   whole; one that is recorded as null was left out: anything, or nothing). One new uuid is the same one wherever it is named.
// - `picture`: pixel by pixel.
// - `changes` and `jobs`: the difference of the database. Where an exchange has no `changes`, nothing may have been stored.
// - Tag `options`: only name, renders, parses and allowed_methods. Tag `optional`: a plain refusal (4xx) is fine, too.
//
// Where `wanted` is there, it rules. With `set` or `order` the record is mended by them and compared as above (rows that `order` does
// not name may come in any order). Else the record is
// history, and this is checked: status; of the headers those that do not depend on the outcome; for a refusal that it is an error
// document whose first error has `code` and `pointer`, and that nothing was stored; for a success that it is a JSON:API document
// (that a POST answered with 201 stored something; that rows which the record has, too, are as recorded).
import { compare, short } from './differ.mjs';
import { copy, get, join, kind, Numeral, parse, put, same } from './json.mjs';

const API = 'application/vnd.api+json';
const STEADY = ['X-Content-Type-Options', 'Referrer-Policy', 'Cross-Origin-Opener-Policy', 'Content-Language', 'X-Frame-Options'];
const AS_SETS = ['Allow', 'Vary'];
const OPTIONS_KEPT = ['name', 'renders', 'parses', 'allowed_methods'];

const asSet = (text) => [...new Set((text ?? '').toLowerCase().split(',').map((name) => name.trim()).filter(Boolean))].sort();
const mediaType = (text) => (text ?? '').split(';')[0].trim().toLowerCase();
const number = (value) => (value instanceof Numeral ? Number(value.text) : undefined);

// ---- what is expected ----

// The exchange with `set` and `order` of wanted put in. Rows that `order` does not name come last, see unordered().
function mended(exchange) {
  const wanted = exchange.get('wanted');
  if (!wanted?.has('set') && !wanted?.has('order')) return exchange;
  const whole = copy(exchange);
  for (const [pointer, value] of wanted.get('set') ?? []) put(whole, pointer, value);
  if (wanted.has('order')) {
    const place = (row) => wanted.get('order').indexOf(get(row, '/id')) >>> 0;
    put(whole, '/response/body/data', [...get(whole, '/response/body/data')].sort((a, b) => place(a) - place(b)));
  }
  return whole;
}

// Rows of which wanted.order says nothing may come in any order: theirs is put into that of the record.
function unordered(exchange, body) {
  const order = get(exchange, '/wanted/order');
  const [recorded, rows] = [get(exchange, '/response/body/data'), get(body, '/data')];
  if (!order || !Array.isArray(rows)) return body;
  const isNamed = (row) => order.includes(get(row, '/id'));
  const place = (row) => recorded.findIndex((one) => get(one, '/id') === get(row, '/id'));
  const others = rows.filter((row) => !isNamed(row)).sort((x, y) => place(x) - place(y));
  return new Map([...body, ['data', rows.map((row) => (isNamed(row) ? row : others.shift()))]]);
}

// Is the record history, because wanted says only in words or in a status what is due?
function isHistory(exchange) {
  const wanted = exchange.get('wanted');
  if (!wanted) return false;
  if (number(wanted.get('status')) !== number(get(exchange, '/response/status'))) return true;
  return !wanted.has('set') && !wanted.has('order');
}

// ---- headers ----

function headerDiffers(name, expected, answer) {
  const got = answer.headers.get(name.toLowerCase());
  if (name === 'Set-Cookie names') {
    const missing = expected.filter((cookie) => !answer.cookies.includes(cookie));
    return missing.length ? `Set-Cookie: lacks ${missing.join(', ')}` : '';
  }
  if (got === undefined) return `${name}: missing, expected ${expected}`;
  const is_same = AS_SETS.includes(name) ? same(asSet(expected), asSet(got)) : expected === got;
  return is_same ? '' : `${name}: expected ${expected}, got ${got}`;
}

// A new address is compared by its form, like what is in the body.
function headersDiffer(expected, answer, context, faults) {
  for (const [name, value] of expected) {
    const pointer = join('/response/headers', name);
    const got = answer.headers.get(name.toLowerCase());
    if (context.volatile.has(pointer) && got !== undefined) compare(value, got, pointer, context, faults);
    else faults.push(...[headerDiffers(name, value, answer)].filter(Boolean));
  }
}

// ---- bodies ----

function bodyRead(answer, faults) {
  try {
    return parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(answer.body));
  } catch (error) {
    faults.push(`body: ${error.message.slice(0, 100)}`);
    return undefined;
  }
}

// Error documents without their texts, and what is left of an OPTIONS answer.
function pruned(body, exchange) {
  if (!(body instanceof Map)) return body;
  if (exchange.get('tags')?.includes('options') && body.get('data') instanceof Map)
    return new Map([['data', new Map([...body.get('data')].filter(([name]) => OPTIONS_KEPT.includes(name)))]]);
  if (!Array.isArray(body.get('errors'))) return body;
  const errors = body.get('errors').map((error) => error instanceof Map && typeof error.get('detail') === 'string'
    ? new Map([...error, ['detail', '']]) : error);
  return new Map([...body, ['errors', errors]]);
}

function bodyDiffers(exchange, answer, context, faults) {
  const response = exchange.get('response');
  if (response.get('empty_body')) {
    if (answer.body.length) faults.push(`body: none expected, got ${answer.body.length} bytes`);
  } else if (response.has('body_kind')) {
    if (mediaType(answer.headers.get('content-type')) !== mediaType(response.get('body_kind')))
      faults.push(`body: a page of ${response.get('body_kind')} expected, got ${answer.headers.get('content-type')}`);
  } else if (response.has('body')) {
    const got = bodyRead(answer, faults);
    if (got !== undefined) compare(pruned(response.get('body'), exchange), pruned(unordered(exchange, got), exchange), '/response/body', context, faults);
  }
}

// The first error of a refusal, against wanted.
function errorDiffers(wanted, body, faults) {
  const errors = get(body, '/errors');
  if (!Array.isArray(errors) || !errors.length) return faults.push(`body: an error document expected, got ${short(body)}`);
  const status = String(number(wanted.get('status')));
  if (!errors.every((error) => get(error, '/status') === status)) faults.push(`errors: not all have status "${status}"`);
  const [code, pointer] = [get(errors[0], '/code'), get(errors[0], '/source/pointer')];
  if (wanted.has('code') && code !== wanted.get('code')) faults.push(`code: expected ${wanted.get('code')}, got ${short(code)}`);
  if (wanted.has('pointer') && pointer !== wanted.get('pointer')) faults.push(`pointer: expected ${wanted.get('pointer')}, got ${short(pointer)}`);
  return undefined;
}

function knownRowsDiffer(exchange, body, context, faults) {
  const [recorded, rows] = [get(exchange, '/response/body/data'), get(body, '/data')];
  if (!Array.isArray(recorded) || !Array.isArray(rows)) return;
  rows.forEach((row, i) => {
    const same_id = recorded.findIndex((one) => get(one, '/id') === get(row, '/id'));
    if (same_id === -1) faults.push(`body/data/${i}: not a row of the record`);
    else compare(recorded[same_id], row, `/response/body/data/${same_id}`, context, faults);
  });
}

// Against a wanted answer of which only status, code and pointer are said.
function wantedDiffers(exchange, answer, context, faults) {
  const wanted = exchange.get('wanted');
  for (const [name, value] of get(exchange, '/response/headers'))
    if (STEADY.includes(name)) faults.push(...[headerDiffers(name, value, answer)].filter(Boolean));
  const type = mediaType(answer.headers.get('content-type'));
  if (exchange.get('tags')?.includes('optional') && type === 'text/html') return;
  if (type !== API) faults.push(`Content-Type: expected ${API}, got ${type}`);
  if (get(exchange, '/request/method') === 'HEAD') return;
  const body = bodyRead(answer, faults);
  if (body === undefined) return;
  if (number(wanted.get('status')) >= 400) errorDiffers(wanted, body, faults);
  else if (!(body instanceof Map) || !body.has('data')) faults.push(`body: a document with data expected, got ${short(body)}`);
  else knownRowsDiffer(exchange, body, context, faults);
}

// ---- what was stored ----

const said = (stored) => [...stored].map(([entity, deeds]) =>
  `${entity} ${[...deeds].map(([deed, rows]) => `${rows.length} ${deed}`).join(' ')}`).join(', ');

// Rows in the order of the record, so that its pointers fit: updates by uuid, insertions by pk.
function inOrder(deed, expected, got) {
  if (deed === 'deleted') return [[...expected].sort(), [...got].sort()];
  if (deed === 'inserted') {
    const sorted = [...got].sort((a, b) => number(a.get('pk')) - number(b.get('pk')));
    return [expected, sorted.map((row, i) => onlyKnown(row, expected[i]))];
  }
  const place = (row) => expected.findIndex((one) => one.get('uuid') === row.get('uuid')) >>> 0;
  return [expected, [...got].sort((a, b) => place(a) - place(b))];
}

// Columns of ours that the neutral form has not.
const onlyKnown = (row, model) => (model ? new Map([...row].filter(([name]) => model.has(name))) : row);

function changesDiffer(expected, changes, context, faults) {
  for (const [entity, deeds] of changes)
    for (const [deed, rows] of deeds)
      if (!get(expected, `/${entity}/${deed}`)) faults.push(`changes/${entity}/${deed}: none expected, got ${short(rows)}`);
  for (const [entity, deeds] of expected) {
    for (const [deed, rows] of deeds) {
      const [theirs, ours] = inOrder(deed, rows, get(changes, `/${entity}/${deed}`) ?? []);
      compare(theirs, ours, `/changes/${entity}/${deed}`, context, faults);
    }
  }
}

function jobsDiffer(expected, jobs, context, faults) {
  const order = (list) => [...list].sort((a, b) => (short(a.get('args')) < short(b.get('args')) ? -1 : 1));
  compare(order(expected), order(jobs), '/jobs', context, faults);
}

function storedDiffers(exchange, stored, context, faults) {
  const wanted = exchange.get('wanted');
  const status = number(wanted?.get('status'));
  if (isHistory(exchange) && status < 400 && number(get(exchange, '/response/status')) >= 400) {
    if (status === 201 && ![...stored.changes.values()].some((deeds) => deeds.has('inserted'))) faults.push('changes: nothing was inserted');
    return;
  }
  const isNothing = isHistory(exchange) && status >= 400;
  const expected = isNothing ? new Map() : exchange.get('changes') ?? new Map();
  if (!expected.size && stored.changes.size) faults.push(`changes: none expected, got ${said(stored.changes)}`);
  else changesDiffer(stored.normal(expected), stored.changes, context, faults);
  jobsDiffer(isNothing ? [] : exchange.get('jobs') ?? [], stored.jobs, context, faults);
}

// answer: {status, headers: Map of lower-case names, cookies: [names], body: Buffer}.
// stored: {changes: Map as in the format, jobs: [Map], normal(changes): the recorded ones as ours are written}.
// Gives {faults: [text], isRefusal}: isRefusal when an optional thing was declined.
export function judge(exchange, answer, stored) {
  const faults = [];
  const whole = mended(exchange);
  const context = { volatile: new Set(exchange.get('volatile') ?? []), pictures: new Set(exchange.get('picture') ?? []), uuids: new Map() };
  const status = number(exchange.get('wanted')?.get('status')) ?? number(get(exchange, '/response/status'));
  const isOptional = exchange.get('tags')?.includes('optional') ?? false;

  if (answer.status !== status) faults.push(`status: expected ${status}, got ${answer.status}${reason(answer)}`);
  else if (isHistory(exchange)) wantedDiffers(whole, answer, context, faults);
  else {
    headersDiffer(expectedHeaders(whole), answer, context, faults);
    bodyDiffers(whole, answer, context, faults);
  }
  storedDiffers(whole, stored, context, faults);
  const isRefusal = isOptional && faults.length > 0 && answer.status >= 400 && answer.status < 500 && !stored.changes.size;
  return { faults: isRefusal ? [] : faults, isRefusal };
}

function expectedHeaders(exchange) {
  const headers = [...get(exchange, '/response/headers')];
  return get(exchange, '/response/body_kind') ? headers.filter(([name]) => name !== 'Content-Type') : headers;
}

// The first error of an answer with another status than expected: most often the cause.
function reason(answer) {
  try {
    const error = get(parse(answer.body.toString()), '/errors/0');
    return kind(error) === 'object' ? ` (${error.get('code')}: ${String(error.get('detail')).slice(0, 80)} ${get(error, '/source/pointer') ?? ''})`.replace(' )', ')') : '';
  } catch {
    return '';
  }
}
