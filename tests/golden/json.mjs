// json: JSON with every digit of its numbers, for comparing what two servers sent.
//
//   parse(text)      objects become Map (order kept, the last of equal names wins), numbers become Numeral; throws SyntaxError
//   write(value)     compact, numbers as they came, non-ASCII as it is
//   same(a, b)       equal as JSON values: member order does not count, numbers by value (1.0 is 1, 1e2 is 100)
const DEPTH_MAX = 2000;

export class Numeral {
  constructor(text) {
    this.text = text;
    this.value = decimal(text);
  }
}

// One text for each value: sign, digits without zeros at either end, power of ten. Exact for any length.
function decimal(text) {
  const [, sign, whole, fraction = '', power = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  const digits = (whole + fraction).replace(/^0+/, '');
  const kept = digits.replace(/0+$/, '');
  if (!kept) return '0';
  return `${sign}${kept}e${BigInt(power) - BigInt(fraction.length) + BigInt(digits.length - kept.length)}`;
}

const TOKEN = /[ \t\n\r]*(?:([{}[\],:])|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)|"((?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*)"|(true|false|null))/y;
const WORDS = { true: true, false: false, null: null };

export function parse(text) {
  let at = 0;
  let token; // what was read last: a mark as {mark}, a value as {value}

  const fail = () => {
    throw new SyntaxError(`not JSON at character ${at}: ${text.slice(at, at + 20)}`);
  };
  const next = () => {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(text);
    if (!found) fail();
    const [, mark, number, string, word] = found;
    if (mark) token = { mark };
    else if (number !== undefined) token = { value: new Numeral(number) };
    else if (string !== undefined) token = { value: string.includes('\\') ? JSON.parse(`"${string}"`) : string };
    else token = { value: WORDS[word] };
    at = TOKEN.lastIndex;
    return token.mark;
  };
  const object = (depth) => {
    const members = new Map();
    for (let mark = next(); mark !== '}'; ) {
      if (mark || typeof token.value !== 'string') fail();
      const name = token.value;
      if (next() !== ':') fail();
      next();
      const member = value(depth);
      members.delete(name);
      members.set(name, member);
      mark = next();
      if (mark === '}') break;
      if (mark !== ',' || (mark = next())) fail();
    }
    return members;
  };
  const array = (depth) => {
    const items = [];
    for (let mark = next(); mark !== ']'; ) {
      items.push(value(depth));
      mark = next();
      if (mark === ']') break;
      if (mark !== ',') fail();
      if (next() === ']') fail();
    }
    return items;
  };
  const value = (depth) => {
    if (depth > DEPTH_MAX) fail();
    if (!token.mark) return token.value;
    if (token.mark === '{') return object(depth + 1);
    if (token.mark === '[') return array(depth + 1);
    return fail();
  };

  next();
  const whole = value(0);
  if (/[^ \t\n\r]/.test(text.slice(at))) fail();
  return whole;
}

export function write(value) {
  if (value instanceof Numeral) return value.text;
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`;
  if (value instanceof Map) return `{${[...value].map(([name, member]) => `${JSON.stringify(name)}:${write(member)}`).join(',')}}`;
  return JSON.stringify(value);
}

export function kind(value) {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (value instanceof Numeral) return 'number';
  if (Array.isArray(value)) return 'list';
  return value instanceof Map ? 'object' : typeof value;
}

export function same(a, b) {
  if (kind(a) !== kind(b)) return false;
  if (a instanceof Numeral) return a.value === b.value;
  if (Array.isArray(a)) return a.length === b.length && a.every((item, i) => same(item, b[i]));
  if (a instanceof Map) return a.size === b.size && [...a].every(([name, member]) => b.has(name) && same(member, b.get(name)));
  return a === b;
}

// ---- JSON pointers (RFC 6901) ----

const steps = (pointer) => pointer.split('/').slice(1).map((step) => step.replace(/~1/g, '/').replace(/~0/g, '~'));
const child = (value, step) => (value instanceof Map ? value.get(step) : Array.isArray(value) ? value[step] : undefined);

export const join = (pointer, step) => `${pointer}/${String(step).replace(/~/g, '~0').replace(/\//g, '~1')}`;

export const get = (value, pointer) => steps(pointer).reduce(child, value);

// Replaces or adds; what leads there must exist.
export function put(value, pointer, member) {
  const path = steps(pointer);
  const last = path.pop();
  const holder = path.reduce(child, value);
  if (holder instanceof Map) holder.set(last, member);
  else if (Array.isArray(holder)) holder[last === '-' ? holder.length : Number(last)] = member;
  else throw new Error(`nothing at ${pointer}`);
}

export function copy(value) {
  if (Array.isArray(value)) return value.map(copy);
  return value instanceof Map ? new Map([...value].map(([name, member]) => [name, copy(member)])) : value;
}

// Of plain JavaScript values, for tests and for rows made here.
export const from = (plain) => parse(JSON.stringify(plain));
