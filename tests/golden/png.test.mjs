import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateSync } from 'node:zlib';

import { crc32 } from './crc32.mjs';
import { decode, differs, picture } from './png.mjs';

const chunk = (type, body) => {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), body]);
  const [size, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  size.writeUInt32BE(body.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([size, named, sum]);
};
// lines: each with its filter byte in front.
export function png(width, height, depth, colour, lines, extra = []) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([depth, colour, 0, 0, 0], 8);
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), chunk('IHDR', head), ...extra, chunk('IDAT', deflateSync(Buffer.from(lines.flat()))), chunk('IEND', Buffer.alloc(0))]);
}
const palette = (...colours) => chunk('PLTE', Buffer.from(colours.flat()));

test('a palette of one bit and one of RGBA show the same', () => {
  const small = png(3, 2, 1, 3, [[0, 0b01000000], [0, 0b10100000]], [palette([9, 9, 9], [0, 80, 140]), chunk('tRNS', Buffer.from([0]))]);
  const [none, blue] = [[7, 7, 7, 0], [0, 80, 140, 255]]; // what cannot be seen has no colour
  const large = png(3, 2, 8, 6, [[0, ...none, ...blue, ...none], [0, ...blue, ...none, ...blue]]);
  assert.equal(differs(decode(small), decode(large)), '');
});

test('every filter is undone', () => {
  const rows = [[1, 2, 3, 255, 40, 50, 60, 255], [200, 10, 9, 255, 3, 2, 1, 255], [8, 8, 8, 255, 90, 91, 92, 255], [5, 6, 7, 255, 8, 9, 10, 255], [250, 1, 250, 255, 1, 250, 1, 255]];
  const paeth = (a, b, c) => [a, b, c].reduce((best, one) => (Math.abs(a + b - c - one) < Math.abs(a + b - c - best) ? one : best), a);
  const lines = rows.map((row, y) => [y, ...row.map((byte, x) => {
    const [a, b, c] = [row[x - 4] ?? 0, rows[y - 1]?.[x] ?? 0, (x >= 4 && rows[y - 1]?.[x - 4]) || 0];
    return (byte - [0, a, b, (a + b) >> 1, paeth(a, b, c)][y]) & 255;
  })]);
  assert.deepEqual([...decode(png(2, 5, 8, 6, lines)).pixels], rows.flat());
});

test('other pixels and other sizes are noticed', () => {
  const one = decode(png(1, 1, 8, 6, [[0, 1, 2, 3, 255]]));
  assert.match(differs(one, decode(png(1, 1, 8, 6, [[0, 1, 2, 4, 255]]))), /1 of 1 pixels/);
  assert.match(differs(one, decode(png(2, 1, 2, 3, [[0, 0]], [palette([1, 2, 3])]))), /1x1 pixels expected, 2x1 got/);
});

test('what is cut, spoilt or unknown is refused', () => {
  const good = png(1, 1, 8, 6, [[0, 1, 2, 3, 255]]);
  const spoilt = Buffer.from(good);
  spoilt[20] ^= 1;
  assert.throws(() => decode(spoilt), /checksum/);
  assert.throws(() => decode(good.subarray(0, 40)), /cut/);
  assert.throws(() => decode(Buffer.from('GIF89a')), /not a PNG/);
  assert.throws(() => decode(png(1, 1, 8, 2, [[0, 1, 2, 3]])), /not read here/);
  assert.throws(() => decode(png(1, 2, 8, 6, [[0, 1, 2, 3, 255]])), /missing/);
  assert.throws(() => decode(png(1, 1, 8, 3, [[0, 1]], [palette([1, 2, 3])])), /palette/);
  assert.throws(() => picture('data:image/gif;base64,AAAA'), /data URL/);
});
