/* The study language: every sample protocol, case by case, then what the samples do not say. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { expand } from '../../gateway/player/src/protocol/expand.js';
import { childRecord, sessionRecord } from '../../gateway/player/src/protocol/records.js';
import { ProtocolError } from '../../gateway/player/src/protocol/types.js';
import type { Tree } from '../../gateway/player/src/protocol/types.js';
import { inWorld, saved, studyOf, text, vectors, worldOf } from './vectors.js';
import type { Case, Input } from './vectors.js';

async function check(c: Case, run: () => ReturnType<typeof expand>, seen: ReturnType<typeof worldOf>['seen']): Promise<void> {
    if (c.expect.outcome === 'parse-error') {
        await assert.rejects(run, ProtocolError);
        return;
    }
    const { frames, conditions } = await run();
    if (c.expect.summary)
        assert.deepEqual(frames.map((f) => [f.id, f.kind]), c.expect.summary);
    if (c.expect.frames)
        assert.deepEqual(saved(frames), c.expect.frames);
    if (c.expect.conditions)
        assert.deepEqual(saved(conditions), c.expect.conditions);
    if (c.expect.random_calls !== undefined)
        assert.equal(seen.draws, c.expect.random_calls);
    if (c.expect.warnings)
        assert.deepEqual([...new Set(seen.warnings)].sort(), [...c.expect.warnings].sort());
    if (c.expect.requests)
        assert.deepEqual(seen.requests, c.expect.requests);
}

for (const vector of vectors())
    describe(vector.file, () => {
        for (const c of vector.cases)
            test(c.name, async () => {
                const { world, seen } = worldOf(c.input ?? {}, vector.given_responses);
                await inWorld(world, () => check(c, () => expand(studyOf(vector, c.input ?? {}), world), seen));
            });
    });

describe('19-mini-cases.json', () => {
    for (const c of (JSON.parse(text('19-mini-cases.json')) as { cases: Case[] }).cases)
        test(c.name, async () => {
            const { world, seen } = worldOf({ random: c.random ?? [0.5] });
            await check(c, () => expand({ structure: c.structure as Tree }, world), seen);
        });
});

function expandOf(structure: unknown, input: Input = {}) {
    return expand({ structure: structure as Tree }, worldOf(input).world);
}

function refused(structure: unknown, code: string, input: Input = {}) {
    return assert.rejects(expandOf(structure, input), (e: unknown) => e instanceof ProtocolError && e.code === code);
}

describe('beyond the samples', () => {
    const one = (frame: object) => ({ frames: { a: frame }, sequence: ['a'] });

    test('the study itself is not changed', async () => {
        const structure = { frames: { a: { kind: 'exp-x', t: 'T', parameters: { T: 'v' } } }, sequence: ['a'] };
        const before = JSON.stringify(structure);
        await expandOf(structure);
        assert.equal(JSON.stringify(structure), before);
    });
    test('broken text is refused with a code', async () => {
        await refused(text('20-broken-json.txt'), 'E-JSON-SYNTAX');
    });
    test('line ends inside strings of stored text vanish', async () => {
        const { frames } = await expandOf('{"frames":{"a":{"kind":\r\n"exp-x","t":"one\ntwo"}},"sequence":["a"]}');
        assert.equal(frames[0]?.t, 'onetwo');
    });
    test('a parameter that contains itself is refused', async () => {
        await refused(one({ kind: 'exp-x', t: 'A', parameters: { A: { x: 'A' } } }), 'E-TOO-DEEP');
    });
    test('parameters that multiply each other are refused', async () => {
        const parameters: { [name: string]: unknown } = {};
        for (let i = 0; i < 40; i++)
            parameters[`P${i}`] = [`P${i + 1}`, `P${i + 1}`];
        await refused(one({ kind: 'exp-x', t: 'P0', parameters }), 'E-TOO-BIG');
    });
    test('a name like __proto__ does no harm', async () => {
        const { frames } = await expandOf('{"frames":{"a":{"kind":"exp-x","__proto__":{"polluted":1}}},"sequence":["a"]}');
        assert.equal((frames[0] as Tree).polluted, undefined);
        assert.equal(({} as { polluted?: number }).polluted, undefined);
    });
    test('inherited names are no frames', async () => {
        await refused({ frames: {}, sequence: ['toString'] }, 'E-SEQUENCE-UNDEFINED-FRAME');
    });
    test('a mistake says in which frame it lies', async () => {
        await assert.rejects(expandOf({ frames: { pick: { kind: 'choice', sampler: 'shuffle' } }, sequence: ['pick'] }), /"pick"/);
    });
    test('an unknown mode for returning families matters only when they return', async () => {
        const rps = one({ kind: 'choice', sampler: 'random-parameter-set', frameList: [{ kind: 'exp-x' }], parameterSets: [{}],
            conditionForAdditionalSessions: 'repeat' });
        await expandOf(rps);
        const pastSessions = [{ completedConsentFrame: true, conditions: { '0-a': { conditionNum: 0 } } }];
        await refused(rps, 'E-RPS-RETURNING', { pastSessions });
    });
    test('rotate goes on from a set that no longer exists', async () => {
        const rps = one({ kind: 'choice', sampler: 'random-parameter-set', frameList: [{ kind: 'exp-x' }], parameterSets: [{}, {}],
            conditionForAdditionalSessions: 'rotate' });
        const { conditions } = await expandOf(rps, { pastSessions: [{ completedConsentFrame: true, conditions: { '3-a': { conditionNum: 6 } } }] });
        assert.equal((conditions['0-a'] as Tree).conditionNum, 1);
    });
    test('a record without condition number leads to a new draw', async () => {
        const rps = one({ kind: 'choice', sampler: 'random-parameter-set', frameList: [{ kind: 'exp-x' }], parameterSets: [{}, {}],
            conditionForAdditionalSessions: 'persist' });
        const { conditions } = await expandOf(rps, { random: [0.9], pastSessions: [{ completedConsentFrame: true, conditions: { '0-a': { frameList: [] } } }] });
        assert.equal((conditions['0-a'] as Tree).conditionNum, 1);
    });
    test('a zero weight is never drawn while another is positive', async () => {
        for (const weights of [[0, 1, 0], [1, 0, 0], [0, 0, 1]]) {
            const rps = one({ kind: 'choice', sampler: 'random-parameter-set', frameList: [{ kind: 'exp-x' }], parameterSets: [{}, {}, {}],
                parameterSetWeights: weights });
            for (let draw = 0.001; draw < 1; draw += 0.05) {
                const { conditions } = await expandOf(rps, { random: [draw] });
                assert.equal((conditions['0-a'] as Tree).conditionNum, weights.indexOf(1));
            }
        }
    });
    test('four UNIQ draws from four elements use each once, a fifth starts again', async () => {
        const { frames } = await expandOf(one({ kind: 'exp-x', t: ['L#UNIQ', 'L#UNIQ', 'L#UNIQ', 'L#UNIQ', 'L#UNIQ'],
            parameters: { L: ['a', 'b', 'c', 'd'] } }), { random: [0.3, 0.8] });
        const drawn = frames[0]?.t as string[];
        assert.deepEqual([...drawn.slice(0, 4)].sort(), ['a', 'b', 'c', 'd']);
        assert.equal(drawn[4], drawn[0]);
    });
    test('a fetched part that does not come is refused with its address', async () => {
        await assert.rejects(expandOf(one({ kind: 'exp-x', blocks: 'JSON:https://stim.example/none' })), /stim\.example\/none/);
    });
    test('a generator finds the usual helpers', async () => {
        const generator = `function g(child, pastSessions) {
            var base = { kind: 'exp-lookit-text', blocks: [{ text: 'a' }] };
            var deep = Ember.$.extend(true, {}, base), other = Ember.copy(base, true);
            deep.blocks[0].text = 'b'; other.blocks[0].text = 'c';
            return { frames: { one: base, two: deep, three: other }, sequence: ['one', 'two', 'three'] }; }`;
        const { frames } = await expand({ structure: {}, use_generator: true, generator }, worldOf({}).world);
        assert.deepEqual(frames.map((f) => (f.blocks as Tree[])[0]?.text), ['a', 'b', 'c']);
    });
    test('records are read by get and directly, dates are dates', () => {
        const child = childRecord('c1', { given_name: 'Ann', birthday: '2024-06-01', language_list: 'en fr' });
        assert.equal(child.get('givenName'), 'Ann');
        assert.equal(child.languageList, 'en fr');
        assert.equal((child.get('birthday') as Date).toISOString(), '2024-06-01T00:00:00.000Z');
        assert.equal(child.get('toString'), undefined);
        const session = sessionRecord('r1', { exp_data: { x: 1 }, hash_child_id: 'ABC', created_on: '2025-01-02T03:04:05Z' });
        assert.deepEqual(session.get('expData'), { x: 1 });
        assert.equal(session.get('hash_child_id'), 'ABC');
        assert.ok(session.get('createdOn') instanceof Date);
    });
});
