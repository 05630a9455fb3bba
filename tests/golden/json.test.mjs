import assert from 'node:assert/strict';
import { test } from 'node:test';

import { copy, from, get, parse, put, same, write } from './json.mjs';

const equal = (a, b) => same(parse(a), parse(b));

test('numbers are equal by value, to the last digit', () => {
  for (const [a, b] of [['1.0', '1'], ['100', '1e2'], ['0.10', '1E-1'], ['-0', '0.000'], ['1e400', '10e399'], ['12345678901234567890', '12345678901234567890.0']])
    assert.ok(equal(a, b), `${a} is ${b}`);
  for (const [a, b] of [['12345678901234567890', '12345678901234567891'], ['9007199254740993', '9007199254740992'], ['1', '-1'], ['1e400', '1e401'], ['0.1', '0.10000000000000001']])
    assert.ok(!equal(a, b), `${a} is not ${b}`);
});

test('a number is no text, null is no nothing, and an empty list is no empty object', () => {
  for (const [a, b] of [['1', '"1"'], ['null', 'false'], ['[]', '{}'], ['{"a":null}', '{}'], ['[1,2]', '[2,1]'], ['true', '1']]) assert.ok(!equal(a, b));
});

test('the order of members does not count', () => {
  assert.ok(equal('{"a":{"x":1,"y":[2]},"b":null}', ' { "b" : null , "a" : { "y" : [ 2.0 ] , "x" : 1 } } '));
});

test('what was read is written with the same digits, order and signs', () => {
  for (const text of ['{"b":1.50,"a":[12345678901234567890,1e400,-0.0],"__proto__":{"id":5}}', '"é😀\\u2028\\n\\"\\\\/"'.replace('\\u2028', '\u2028'), '[]', '{}', '[[[]],{"":0}]', 'null'])
    assert.equal(write(parse(text)), text);
});

test('of equal names the last wins, in its own place', () => {
  assert.equal(write(parse('{"a":1,"b":2,"a":3}')), '{"b":2,"a":3}');
});

test('what is not JSON is refused', () => {
  for (const text of ['', '{', '[1,]', '{"a":1,}', '{"a"}', '{a:1}', '{"a":1 "b":2}', '[1 2]', '01', '1.', '.5', '+1', 'NaN', '"\u0001"', '"\\x"', '1 2', ']', '[}', '{]', '{,}', '[,]', ',', '"a', '\u00a01'])
    assert.throws(() => parse(text), SyntaxError, text);
  assert.throws(() => parse('['.repeat(100_000)), SyntaxError);
});

test('pointers find, replace and add', () => {
  const value = parse('{"a/b":[{"c~d":1}]}');
  assert.equal(write(get(value, '/a~1b/0/c~0d')), '1');
  assert.equal(get(value, '/a~1b/7/x'), undefined);
  const other = copy(value);
  put(other, '/a~1b/0/new', from([true]));
  assert.equal(write(other), '{"a/b":[{"c~d":1,"new":[true]}]}');
  assert.equal(write(value), '{"a/b":[{"c~d":1}]}');
  assert.throws(() => put(other, '/nowhere/x', null));
});
