/* Researchers' functions: how they are read and called, what they are given, and what may come back. In this process;
 * sandbox.test.ts has them in a browser. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { Evaluator, outcomeOf } from '../../gateway/player/src/protocol/evaluate.js';
import type { Outcome } from '../../gateway/player/src/protocol/evaluate.js';
import { generatedProperties, generatedStructure, nextSelector } from '../../gateway/player/src/protocol/functions.js';
import type { SessionData } from '../../gateway/player/src/protocol/functions.js';
import { NotPlain, plainCopy } from '../../gateway/player/src/protocol/plain.js';
import { childRecord, sessionRecord } from '../../gateway/player/src/protocol/records.js';
import { ProtocolError } from '../../gateway/player/src/protocol/types.js';
import type { Frame } from '../../gateway/player/src/protocol/types.js';
import { evaluateHere } from './evaluate_here.js';
import { worldOf } from './vectors.js';

const data: SessionData = {
    expData: { '0-a': { formData: { n: 2 } } }, sequence: ['0-a'], conditions: { '1-b': 0 },
    child: childRecord('c1', { given_name: 'Ann', birthday: '2024-06-01', language_list: 'en fr' }),
    pastSessions: [sessionRecord('r1', { exp_data: { x: 1 }, created_on: '2025-01-02T03:04:05Z', hash_child_id: 'ABC', completed: true })],
};
const properties = (source: string) => generatedProperties(source, data, evaluateHere());
const refused = (run: () => Promise<unknown>, code: string, says: RegExp = /./) =>
    assert.rejects(run, (e: unknown) => e instanceof ProtocolError && e.code === code && says.test(e.message));

describe('what a function is given', () => {
    test('records by get and by name, dates as dates', async () => {
        const got = await properties(`function (expData, sequence, child, pastSessions, conditions) {
            var past = pastSessions[0];
            return { name: child.get('givenName') + child.givenName, year: child.get('birthday').getUTCFullYear(), none: child.get('toString') === undefined,
                x: past.get('expData').x, made: past.get('createdOn') instanceof Date, hash: past.get('hash_child_id'), done: past.get('completed'),
                n: expData['0-a'].formData.n, last: sequence[sequence.length - 1], c: conditions['1-b'], languages: child.get('languageList').split(' ') };
        }`);
        assert.deepEqual(got, { name: 'AnnAnn', year: 2024, none: true, x: 1, made: true, hash: 'ABC', done: true, n: 2, last: '0-a', c: 0, languages: ['en', 'fr'] });
    });
    test('copies: what it does to them stays with it', async () => {
        await properties('function (expData, sequence) { expData["0-a"].formData.n = 9; sequence.push("x"); return {}; }');
        assert.deepEqual([data.expData['0-a'], data.sequence], [{ formData: { n: 2 } }, ['0-a']]);
    });
});

describe('generateProperties', () => {
    test('null means nothing, undefined and dates come back', async () => {
        assert.deepEqual(await properties('() => null'), {});
        assert.deepEqual(await properties('() => ({ a: undefined, b: new Date(5), c: NaN })'), { a: undefined, b: new Date(5), c: NaN });
    });
    test('a text that is no function, or gives no object, is refused by its code', async () => {
        await refused(() => properties('return {};'), 'E-FUNCTION-SYNTAX');
        await refused(() => properties('7'), 'E-FUNCTION-NOT-FUNCTION');
        await refused(() => properties('() => 7'), 'E-FUNCTION-RESULT');
        await refused(() => properties('async () => ({})'), 'E-FUNCTION-RESULT', /is a Promise/);
    });
    test('a failure says what and in which line of the text', async () => {
        const source = 'function (expData) {\n    var a = expData;\n    return a.none.at.all;\n}';
        await assert.rejects(properties(source), (e: unknown) => e instanceof ProtocolError && e.code === 'E-FUNCTION-THROWN'
            && /reading 'at'.*\(line 3\)/.test(e.message) && /generateProperties\.js:3:/.test(e.stack ?? ''));
        await refused(() => properties('() => { throw "words"; }'), 'E-FUNCTION-THROWN', /words/);
        await refused(() => properties('() => { throw Object.create(null); }'), 'E-FUNCTION-THROWN', /cannot be shown/);
    });
});

describe('selectNextFrame', () => {
    const frame = (id: string, more = {}): Frame => ({ kind: 'exp-lookit-text', id, ...more });
    const select = async (source: string, frames: Frame[]) => (await nextSelector(source, evaluateHere()))(frames, 0, { now: 1 }, data);

    test('is given seven things and gives a number', async () => {
        const choice = await select('function (frames, frameIndex, frameData, expData, sequence, child, pastSessions) { return arguments.length + frameIndex + frameData.now + frames.length; }', [frame('0-a')]);
        assert.equal(choice.index, 9);
    });
    test('anything but a number is refused', async () => {
        await refused(() => select('() => "1"', []), 'E-FUNCTION-RESULT');
        await refused(() => nextSelector('function (', evaluateHere()), 'E-FUNCTION-SYNTAX');
    });
    test('may take frames away, move them, change them and add new ones', async () => {
        const [a, b, c] = [frame('0-a'), frame('1-b', { old: 1 }), frame('2-c')];
        const frames = [a, b, c];
        const choice = await select(`function (frames) {
            frames[1].text = 'changed'; delete frames[1].old;
            frames.splice(1, 2, frames[2], frames[1], { kind: 'exp-lookit-text', id: 'x' });
            return 1;
        }`, frames);
        assert.deepEqual(frames, [frame('0-a'), frame('1-b', { old: 1 }), frame('2-c')], 'nothing happens before it is applied');
        choice.apply();
        assert.deepEqual(frames, [frame('0-a'), frame('2-c'), frame('1-b', { text: 'changed' }), frame('x')]);
        assert.deepEqual([frames[0] === a, frames[1] === c, frames[2] === b], [true, true, true]);
    });
    test('may not put into the list what is no frame', async () => {
        await refused(() => select('(frames) => { frames.push({ id: "x" }); return 0; }', [frame('0-a')]), 'E-FUNCTION-RESULT', /"kind" and "id"/);
        await refused(() => select('(frames) => { frames.push(frames); return 0; }', [frame('0-a')]), 'E-FUNCTION-RESULT', /contains itself/);
    });
    test('remembers what it closed over while the frame is shown', async () => {
        const selector = await nextSelector('(function () { var n = 0; return function () { return ++n; }; })()', evaluateHere());
        const indices = [];
        for (let i = 0; i < 3; i++) indices.push((await selector([], 0, {}, data)).index);
        assert.deepEqual(indices, [1, 2, 3]);
    });
});

describe('a generator', () => {
    const generated = async (outcome: Outcome) => {
        const { world, seen } = worldOf({});
        return { structure: await generatedStructure('x', { ...world, evaluate: async () => outcome }), warnings: seen.warnings };
    };

    test('that shares one object between two frames still shares it', async () => {
        const { world } = worldOf({});
        const structure = await generatedStructure('() => { var one = { kind: "exp-x" }; return { frames: { a: one, b: one }, sequence: [] }; }', world);
        const frames = structure?.frames as { a: object; b: object };
        assert.equal(frames.a, frames.b);
    });
    test('whose result cannot be taken is left aside', async () => {
        const failed = await generated({ trouble: 'result', message: 'm', stack: '' });
        assert.deepEqual(failed, { structure: undefined, warnings: ['W-GENERATOR-RESULT'] });
    });
    test('that did not end, or had nowhere to run, stops the study: it does not become another one', async () => {
        await refused(() => generated({ trouble: 'time', message: 'm', stack: '' }), 'E-FUNCTION-TIME');
        await refused(() => generated({ trouble: 'away', message: 'm', stack: '' }), 'E-FUNCTION-AWAY');
    });
});

describe('what comes back', () => {
    const cycle: { [key: string]: unknown } = {};
    cycle.list = [{ again: cycle }];
    let deep: unknown = 1;
    for (let i = 0; i < 5000; i++) deep = [deep];
    let wide: unknown = 1;
    for (let i = 0; i < 60; i++) wide = [wide, wide]; /* 2^60 values, 61 lists */
    class Custom {
        own = 1;
    }
    const hostile: [string, unknown, RegExp][] = [
        ['a cycle', cycle, /list\[0\]\.again contains itself|result contains itself/],
        ['a deep nest', deep, /deeper/],
        ['many by sharing', wide, /too big/],
        ['a long list', new Array(2 ** 32 - 1), /more than/],
        ['a long text', 'x'.repeat(5_000_000), /too big/],
        ['a long key', { ['x'.repeat(5_000_000)]: 1 }, /too big/],
        ['many long texts', new Array(1000).fill('x'.repeat(10_000)), /too big/],
        ['a function', { frames: { a: { f: () => 1 } } }, /frames\.a\.f is a function/],
        ['a symbol', { a: Symbol('s') }, /a is a symbol/],
        ['a big integer', [1n], /is a bigint/],
        ['a class', { a: new Custom() }, /a is a Custom/],
        ['a prototype', Object.create({ kind: 'exp-x' }), /not a plain object/],
        ['a name that sets prototypes', JSON.parse('{"a":{"__proto__":{"polluted":1}}}'), /__proto__/],
        ['a map', new Map([[1, 2]]), /is a Map/],
        ['a set', [new Set()], /is a Set/],
        ['an expression', { a: /x/ }, /is a RegExp/],
        ['bytes', new Uint8Array(9), /is a Uint8Array/],
        ['an error', new TypeError('x'), /is a TypeError/],
        ['a boxed number', Object(1), /is a Number/],
        ['a dressed-up date', Object.setPrototypeOf({}, Date.prototype), /./],
    ];
    for (const [name, value, why] of hostile)
        test(`${name} is refused`, () => {
            assert.throws(() => plainCopy(value), (e: unknown) => e instanceof Error && why.test(e.message));
            assert.equal((outcomeOf({ result: value }) as { trouble?: string }).trouble, 'result');
        });
    test('what is no outcome is a failure', () => {
        const isFailure = (given: unknown) => 'trouble' in outcomeOf(given);
        for (const nonsense of [undefined, null, 7, 'x', [], { trouble: 'none of ours' }, { trouble: { toString: 1 }, message: {}, stack: cycle }, { result: 1, frames: {} }, { result: 1, frames: [{ from: 'x' }] }, { result: 1, frames: [null] }])
            assert.ok(isFailure(nonsense));
        assert.deepEqual(outcomeOf({ result: 1, more: 2 }), { result: 1 });
        assert.equal((outcomeOf({ trouble: 'thrown', message: 'x'.repeat(9000), stack: '' }) as { message: string }).message.length, 2000);
    });
    test('an accessor that throws, or a proxy, is a failure of the function', () => {
        const run = (body: string) => new Evaluator().run({ name: 'generateProperties', source: `() => { ${body} }`, args: [] }) as { trouble?: string };
        assert.equal(run('return { get a() { throw new Error("no"); } };').trouble, 'thrown');
        assert.equal(run('return new Proxy({}, { getPrototypeOf() { throw 1; } });').trouble, 'thrown');
        assert.equal(run('return new Proxy({}, { getPrototypeOf() { return Map.prototype; } });').trouble, 'result');
    });

    /* A small generator of pseudo-random numbers, so that a failure can be found again by its seed. */
    function dice(seed: number): (n: number) => number {
        let state = seed;
        return (n) => {
            state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
            return Math.floor((state / 2 ** 32) * n);
        };
    }
    function anything(roll: (n: number) => number, depth: number, made: unknown[]): unknown {
        const bad = [() => 1, Symbol('x'), 3n, new Map(), new Custom(), /x/, cycle, Object.create({}), JSON.parse('{"__proto__":1}')];
        const good = [0, -0, NaN, Infinity, '', 'é\u0000', true, null, undefined, new Date(7)];
        const kind = roll(20);
        if (kind === 0) return bad[roll(bad.length)];
        if (kind < 8 || depth > 6) return good[roll(good.length)];
        if (kind === 8 && made.length > 0) return made[roll(made.length)]; /* shared, or a cycle when it is not finished */
        const list: unknown[] | null = kind < 14 ? [] : null;
        const tree: { [key: string]: unknown } = {};
        made.push(list ?? tree);
        for (let i = roll(5); i > 0; i--) {
            const value = anything(roll, depth + 1, made);
            if (list) list.push(value);
            else tree[['a', 'constructor', 'toString', '', '0', 'length'][roll(6)] ?? ''] = value;
        }
        return list ?? tree;
    }
    test('whatever comes is refused, or equals its copy and shares nothing with it', () => {
        const counts = { taken: 0, refused: 0 };
        for (let seed = 1; seed <= 20_000; seed++) {
            const value = anything(dice(seed), 0, []);
            let copy: unknown;
            try {
                copy = plainCopy(value);
            } catch (error) {
                assert.ok(error instanceof NotPlain, `seed ${seed}: ${String(error)}`);
                counts.refused++;
                continue;
            }
            counts.taken++;
            assert.deepEqual(copy, value, `seed ${seed}`);
            assert.ok(typeof value !== 'object' || value === null || copy !== value, `seed ${seed}`);
            assert.doesNotThrow(() => JSON.stringify(copy), `seed ${seed}`);
        }
        assert.ok(counts.taken > 1000 && counts.refused > 1000, JSON.stringify(counts));
        assert.equal(({} as { polluted?: unknown }).polluted, undefined);
    });
});
