// differ: how an answer differs from the expected one, as a list of short sentences.
import { get, join, kind, Numeral, same, write } from './json.mjs';
import { differs, picture } from './png.mjs';

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const TIME = '\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?(?:Z|[+-]\\d\\d:\\d\\d)?';
const SHAPED = new RegExp(`${UUID}|${TIME}`, 'g');

export const short = (value) => {
  const text = value === undefined ? 'nothing' : write(value);
  return text.length > 90 ? `${text.slice(0, 87)}…` : text;
};

// A text with what is made anew each time taken out: uuids as such, timestamps by how they are written (zone, not fraction).
function skeleton(text) {
  return text.replace(SHAPED, (found) => {
    if (found[4] !== '-') return '<uuid>';
    return /Z$/.test(found) ? '<time Z>' : /[+-]00:00$/.test(found) ? '<time UTC>' : /:\d\d[+-]|\.\d+[+-]/.test(found) ? '<time zone>' : '<time>';
  });
}

// context: {volatile: Set, pictures: Set, uuids: Map, cautions}. What is the same new uuid in the record must be one in the answer.
function formDiffers(expected, got, context) {
  if (expected === null) return ''; // the record left it out
  if (kind(expected) !== kind(got)) return `a ${kind(expected)} expected, got ${short(got)}`;
  if (expected instanceof Numeral)
    return /^-?\d+$/.test(expected.text) && !/^-?\d+$/.test(got.text) ? `a whole number expected, got ${short(got)}` : '';
  if (typeof expected !== 'string') return '';
  const shape = skeleton(expected);
  if (shape !== expected && shape !== skeleton(got)) return `the form ${shape} expected, got ${short(got)}`;
  const [theirs, ours] = [expected, got].map((text) => text.match(new RegExp(UUID, 'g')) ?? []);
  for (let i = 0; i < theirs.length; i++) {
    const known = context.uuids.get(theirs[i]);
    if (known === undefined) context.uuids.set(theirs[i], ours[i]);
    else if (known !== ours[i]) return `${ours[i]} does not name what it should: ${known}`;
  }
  return '';
}

function pictureDiffers(expected, got) {
  try {
    return differs(picture(expected), picture(got));
  } catch (error) {
    return `a picture expected, got ${short(got)} (${error.message})`;
  }
}

// Appends to faults; pointer says where in the exchange we are.
export function compare(expected, got, pointer, context, faults) {
  const say = (what) => what && faults.push(`${pointer.replace('/response/', '')}: ${what}`);
  if (context.pictures.has(pointer)) return say(pictureDiffers(expected, got));
  if (context.volatile.has(pointer)) return say(formDiffers(expected, got, context));
  if (kind(expected) !== kind(got)) return say(`expected ${short(expected)}, got ${short(got)}`);
  if (expected instanceof Map) {
    const missing = [...expected.keys()].filter((name) => !got.has(name) && !isLeftOut(expected.get(name), join(pointer, name), context));
    const more = [...got.keys()].filter((name) => !expected.has(name));
    if (missing.length) say(`lacks ${missing.join(', ')}`);
    if (more.length) say(`has ${more.join(', ')} besides`);
    for (const [name, member] of expected) if (got.has(name)) compare(member, got.get(name), join(pointer, name), context, faults);
    return undefined;
  }
  if (Array.isArray(expected)) {
    if (expected.length !== got.length) return say(`${expected.length} items expected, got ${got.length}: ${listSaid(expected, got)}`);
    expected.forEach((item, i) => compare(item, got[i], join(pointer, i), context, faults));
    return undefined;
  }
  return same(expected, got) ? undefined : say(`expected ${short(expected)}, got ${short(got)}`);
}

const isLeftOut = (expected, pointer, context) => expected === null && context.volatile.has(pointer);

// Two lists of unequal length: by the ids of their rows if they have any.
function listSaid(expected, got) {
  const ids = (list) => list.map((item) => get(item, '/id') ?? get(item, '/uuid'));
  const [theirs, ours] = [ids(expected), ids(got)];
  if (![...theirs, ...ours].every((id) => typeof id === 'string')) return short(got);
  const lacks = theirs.filter((id) => !ours.includes(id));
  const more = ours.filter((id) => !theirs.includes(id));
  return [lacks.length && `lacks ${lacks.slice(0, 3).join(' ')}`, more.length && `has ${more.slice(0, 3).join(' ')} besides`].filter(Boolean).join(', ');
}
