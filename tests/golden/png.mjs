// png: the pixels of a small picture, so that two of them can be compared whatever wrote them.
// Colour types 3 (palette, with tRNS) and 6 (RGBA), no interlace (PNG specification, second edition).
import { crc32 } from './crc32.mjs';
import { inflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const SIDE_MAX = 4096;

function chunks(bytes) {
  const found = [];
  for (let at = 8; at < bytes.length; ) {
    const size = at + 12 <= bytes.length ? bytes.readUInt32BE(at) : Infinity;
    if (at + 12 + size > bytes.length) throw new Error('a chunk is cut');
    const body = bytes.subarray(at + 8, at + 8 + size);
    if (crc32(bytes.subarray(at + 4, at + 8 + size)) !== bytes.readUInt32BE(at + 8 + size)) throw new Error('a checksum is wrong');
    found.push({ type: bytes.toString('latin1', at + 4, at + 8), body });
    at += 12 + size;
  }
  return found;
}

// Section 9.2: each filter adds a prediction from the bytes to the left, above, and above left.
function predict(filter, left, above, corner) {
  const near = left + above - corner;
  const [dl, da, dc] = [Math.abs(near - left), Math.abs(near - above), Math.abs(near - corner)];
  switch (filter) {
    case 0: return 0;
    case 1: return left;
    case 2: return above;
    case 3: return (left + above) >> 1;
    case 4: return dl <= da && dl <= dc ? left : da <= dc ? above : corner;
    default: throw new Error(`no such filter: ${filter}`);
  }
}

function unfilter(raw, height, line, step) {
  const out = Buffer.alloc(height * line);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (line + 1)];
    for (let x = 0; x < line; x++) {
      const at = y * line + x;
      const left = x >= step ? out[at - step] : 0;
      const above = y ? out[at - line] : 0;
      const corner = x >= step && y ? out[at - line - step] : 0;
      out[at] = raw[y * (line + 1) + 1 + x] + predict(filter, left, above, corner);
    }
  }
  return out;
}

// {width, height, pixels: RGBA, one byte each}. A pixel that cannot be seen has no colour.
export function decode(bytes) {
  if (!bytes.subarray(0, 8).equals(SIGNATURE)) throw new Error('not a PNG');
  const all = chunks(bytes);
  const of = (type) => Buffer.concat(all.filter((chunk) => chunk.type === type).map((chunk) => chunk.body));
  const head = of('IHDR');
  if (head.length !== 13) throw new Error('no header');
  const [width, height] = [head.readUInt32BE(0), head.readUInt32BE(4)];
  const [depth, colour, , , interlace] = head.subarray(8);
  if (!width || !height || width > SIDE_MAX || height > SIDE_MAX) throw new Error(`${width}x${height} pixels`);
  if (interlace || !((colour === 6 && depth === 8) || (colour === 3 && [1, 2, 4, 8].includes(depth))))
    throw new Error(`colour type ${colour}, depth ${depth}, interlace ${interlace}: not read here`);

  const line = Math.ceil((width * depth * (colour === 6 ? 4 : 1)) / 8);
  const raw = inflateSync(of('IDAT'), { maxOutputLength: height * (line + 1) });
  if (raw.length !== height * (line + 1)) throw new Error('pixels are missing');
  const rows = unfilter(raw, height, line, colour === 6 ? 4 : 1);
  const [palette, alpha] = [of('PLTE'), of('tRNS')];
  const pixels = Buffer.alloc(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const bit = x * depth;
      const index = (rows[y * line + (bit >> 3)] >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
      if (colour === 3 && index * 3 + 3 > palette.length) throw new Error('a colour is not in the palette');
      const pixel = colour === 6 ? rows.subarray(y * line + x * 4, y * line + x * 4 + 4)
        : [...palette.subarray(index * 3, index * 3 + 3), index < alpha.length ? alpha[index] : 255];
      if (pixel[3]) pixels.set(pixel, (y * width + x) * 4);
    }
  }
  return { width, height, pixels };
}

// From the text `data:image/png;base64,…`.
export function picture(text) {
  const found = /^data:image\/png;base64,([A-Za-z0-9+/]+={0,2})$/.exec(text);
  if (!found) throw new Error('not a data URL of a PNG');
  return decode(Buffer.from(found[1], 'base64'));
}

// '' when the two show the same, else what differs.
export function differs(a, b) {
  if (a.width !== b.width || a.height !== b.height) return `${a.width}x${a.height} pixels expected, ${b.width}x${b.height} got`;
  let n = 0;
  for (let i = 0; i < a.pixels.length; i += 4) n += !a.pixels.subarray(i, i + 4).equals(b.pixels.subarray(i, i + 4));
  return n ? `${n} of ${a.width * a.height} pixels differ` : '';
}
