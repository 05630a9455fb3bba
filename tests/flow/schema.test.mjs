// The OpenAPI document of the JSON:API: it is one, it tells of every route, and what the API answers is what it says.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Validator } from '@seriousme/openapi-schema-validator';
import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

import { start } from '../support/service.mjs';
import { Visitor } from '../support/visitor.mjs';

const API = 'application/vnd.api+json';
let house;
let schema;
let ada; // the administrator: sees most

before(async () => {
  house = await start();
  const link = new URL(house.out.match(/\S+\/setup\/\?key=\S+/)[0]);
  ada = new Visitor(house.url);
  await ada.get(link.pathname + link.search);
  await ada.post(link.pathname + link.search, {
    key: link.searchParams.get('key'), username: 'ada@uni.example', given_name: 'Ada', family_name: 'Sample',
    password1: 'four quiet green chairs', password2: 'four quiet green chairs',
  });
});
after(() => house?.remove());

const get = (path) => fetch(house.url + path, { headers: { accept: API, cookie: `sessionid=${ada.cookies.get('sessionid')}` } });

test('the document is OpenAPI 3.1', async () => {
  const answer = await fetch(house.url + '/api/schema/');
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('content-type'), /openapi\+json/);
  schema = await answer.json();
  const result = await new Validator().validate(structuredClone(schema));
  assert.deepEqual(result.errors ?? [], []);
  assert.equal(schema.openapi, '3.1.0');
});

// Every GET that needs no id, then the first thing of each list by its own link.
test('what the API answers is what the document says', async () => {
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats(ajv);
  ajv.addSchema({ $id: 'https://schema.example/', components: schema.components });
  const absolute = (value) => JSON.parse(JSON.stringify(value).replaceAll('"#/components/', '"https://schema.example/#/components/'));
  const check = async (path, operation) => {
    const answer = await get(path);
    assert.equal(answer.status, 200, path);
    const body = await answer.json();
    const isSo = ajv.compile(absolute(operation.responses['200'].content[API].schema));
    assert.ok(isSo(body), `${path}: ${JSON.stringify(isSo.errors)}`);
    return body;
  };
  let lists = 0, items = 0;
  for (const [pattern, { get: operation }] of Object.entries(schema.paths)) {
    if (!operation || /\{(?!v\})/.test(pattern)) continue;
    const body = await check(pattern.replace('{v}', 'v1'), operation);
    lists++;
    if (!Array.isArray(body.data) || !body.data.length) continue;
    const of = Object.entries(schema.paths).find(([p]) => p.startsWith(pattern) && /^\{[a-z]+\}\/$/.test(p.slice(pattern.length)));
    await check(new URL(body.data[0].links.self).pathname, of[1].get);
    items++;
  }
  assert.ok(lists >= 8 && items >= 3, `lists=${lists} items=${items}`);
});
