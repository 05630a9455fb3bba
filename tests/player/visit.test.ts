/* Visits: each walk of the sample protocols is replayed with the rules that the player uses, and must leave the same trace. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { expand, expandSelected } from '../../gateway/player/src/protocol/expand.js';
import { generatedProperties, nextSelector } from '../../gateway/player/src/protocol/functions.js';
import type { SessionData } from '../../gateway/player/src/protocol/functions.js';
import { ProtocolError } from '../../gateway/player/src/protocol/types.js';
import type { Frame } from '../../gateway/player/src/protocol/types.js';
import { FrameList, targetIndex, visitId } from '../../gateway/player/src/protocol/visit.js';
import { studyOf, vectors, worldOf } from './vectors.js';
import type { Step, Vector, Walk } from './vectors.js';

/** A family that does what the walk says and answers what its script says. */
async function take(vector: Vector, walk: Walk) {
    const { world } = worldOf({ pastSessions: [{ completedConsentFrame: false, conditions: {} }], ...(walk.child ? { child: walk.child } : {}) });
    const fish = walk.name === 'two fish' ? 2 : 0;
    const { frames, conditions } = await expand(studyOf(vector, {}), world);
    const list = new FrameList(frames);
    const expData: { [id: string]: unknown } = {};
    const sequence: string[] = [];
    const trace: Step[] = [];
    const data: SessionData = { expData, sequence, child: world.child, pastSessions: world.pastSessions, conditions };
    let index = 0;

    while (index < list.frames.length) {
        const raw = list.frames[index] as Frame;
        const id = visitId(raw.id, sequence);
        const generated = raw.generateProperties ? await generatedProperties(raw.generateProperties as string, data, world.evaluate) : null;
        const frame = { ...raw, id, ...generated } as Frame;
        const { action } = walk.trace[trace.length] ?? {};
        const step: Step = { frameIndex: index, id, kind: raw.kind };
        if (generated)
            step.generatedProperties = generated;
        if (raw.kind === 'exp-frame-select') {
            const chosen = await expandSelected(frame, world);
            list.insertAfter(raw, chosen);
            step.inserted = chosen.map((f) => f.id);
        } else if (action) {
            step.action = action;
        }
        trace.push(step);
        if (action === 'exit-early') {
            index = list.frames.length - 1;
            continue;
        }
        const frameData = { generatedProperties: generated, formData: { nFish: fish } };
        const choice = raw.selectNextFrame
            ? await (await nextSelector(raw.selectNextFrame as string, world.evaluate))(list.frames, index, frameData, data) : null;
        choice?.apply();
        if (sequence.at(-1) !== id)
            sequence.push(id);
        expData[id] = frameData;
        const offset = Number(raw.frameOffsetAfterPause ?? 0);
        if (action === 'previous')
            index = Math.max(index - 1, 0);
        else
            index = action === 'pause-resume' ? index + offset : targetIndex(choice?.index ?? -1, index, list.frames.length);
    }
    return { trace, sequence, final: list.frames.map((f) => [f.id, f.kind]) };
}

for (const vector of vectors())
    for (const walk of vector.walks)
        test(`${vector.file}: ${walk.name}`, async () => {
            const got = await take(vector, walk);
            assert.deepEqual(got.trace, walk.trace);
            assert.deepEqual(got.sequence, walk.sequence);
            assert.deepEqual(got.final, walk.final_frames);
        });

describe('rules of a visit', () => {
    const text = (id: string): Frame => ({ kind: 'exp-lookit-text', id });

    test('a repeated id counts up from the highest so far', () => {
        assert.equal(visitId('1-a', ['0-x']), '1-a');
        assert.equal(visitId('1-a', ['1-a']), '1-a-repeat-1');
        assert.equal(visitId('1-a', ['1-a', '1-a-repeat-9', '1-a-repeat-10']), '1-a-repeat-11');
        assert.equal(visitId('1-a', ['1-a', '1-a-b-repeat-3']), '1-a-repeat-1');
    });
    test('an index that leads nowhere is refused', () => {
        assert.equal(targetIndex(-1, 2, 3), 3);
        assert.equal(targetIndex(3, 0, 3), 3);
        for (const wrong of [-2, 4, 0.5, NaN])
            assert.throws(() => targetIndex(wrong, 0, 3), ProtocolError);
    });
    test('entering a frame select again takes its earlier frames away, with what they added', () => {
        const [a, b] = [text('0-a'), text('1-b')];
        const inner = text('0-a-0');
        const list = new FrameList([a, b]);
        list.insertAfter(a, [inner]);
        list.insertAfter(inner, [text('0-a-0-0'), text('0-a-0-1')]);
        assert.deepEqual(list.frames.map((f) => f.id), ['0-a', '0-a-0', '0-a-0-0', '0-a-0-1', '1-b']);
        list.insertAfter(a, [text('0-a-repeat-1-0')]);
        assert.deepEqual(list.frames.map((f) => f.id), ['0-a', '0-a-repeat-1-0', '1-b']);
    });
});
