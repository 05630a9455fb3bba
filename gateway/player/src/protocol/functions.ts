/* Researchers' functions as the player uses them: the generator of a study (section 8) and the two of a frame (section
 * 9). They run elsewhere (evaluate.ts, in the sandbox); here is asked for, checked and understood. */

import type { Evaluate, Failure, Outcome, ReturnedFrame, Success } from './evaluate.js';
import { ProtocolError } from './types.js';
import type { Accessor, Frame, Tree, World } from './types.js';
import { hasOwn, isTree } from './values.js';

/** What the study's generator returns, or undefined (after a warning) when it is of no use: then the study's own
 * structure counts. Rejects when it did not end or could not run: that says nothing about the study, and another family
 * would see another one. */
export async function generatedStructure(source: string, world: World): Promise<Tree | undefined> {
    const outcome = await world.evaluate({
        name: 'generator', source, isScript: true,
        args: [['child', world.child], ['pastSessions', world.pastSessions]],
    });
    if (!('trouble' in outcome)) {
        if (hasOwn(outcome.result, 'frames') && hasOwn(outcome.result, 'sequence'))
            return outcome.result as Tree;
        world.warn('W-GENERATOR-RESULT', 'The protocol generator must return an object with "frames" and "sequence".');
        return undefined;
    }
    switch (outcome.trouble) {
    case 'time':
    case 'away':
        throw functionError('The protocol generator', outcome);
    case 'syntax':
        world.warn('W-GENERATOR-SYNTAX', `The protocol generator cannot be read: ${withStack(outcome)}`);
        return undefined;
    case 'result':
        world.warn('W-GENERATOR-RESULT', `What the protocol generator returns cannot be used: ${withStack(outcome)}`);
        return undefined;
    case 'type':
    case 'thrown':
        world.warn('W-GENERATOR-EVAL', `The protocol generator failed: ${withStack(outcome)}`);
        return undefined;
    }
}

function withStack({ message, stack }: Failure): string {
    return stack === '' ? message : `${message}\n${stack}`;
}

const CODES: { readonly [trouble in Failure['trouble']]: readonly [code: string, sentence: string] } = {
    syntax: ['E-FUNCTION-SYNTAX', 'cannot be read'],
    type: ['E-FUNCTION-NOT-FUNCTION', 'must be the text of a function'],
    thrown: ['E-FUNCTION-THROWN', 'failed'],
    result: ['E-FUNCTION-RESULT', 'returned what cannot be used'],
    time: ['E-FUNCTION-TIME', 'was stopped'],
    away: ['E-FUNCTION-AWAY', 'could not run'],
};

function functionError(who: string, failure: Failure): ProtocolError {
    const [code, sentence] = CODES[failure.trouble];
    const error = new ProtocolError(code, `${who} ${sentence}: ${failure.message}`);
    if (failure.stack !== '')
        error.stack = `${error.name}: ${error.message}\n${failure.stack}`;
    return error;
}

function successOf(name: string, outcome: Outcome): Success {
    if ('trouble' in outcome)
        throw functionError(`"${name}"`, outcome);
    return outcome;
}

/** What a frame's function may look at. */
export interface SessionData {
    expData: { readonly [id: string]: unknown };
    sequence: readonly string[];
    child: Accessor;
    pastSessions: readonly Accessor[];
    conditions: unknown;
}

/** Calls a frame's generateProperties. Rejects with a ProtocolError when it fails or gives no object. */
export async function generatedProperties(source: string, data: SessionData, evaluate: Evaluate): Promise<{ [key: string]: unknown }> {
    const name = 'generateProperties';
    const { expData, sequence, child, pastSessions, conditions } = data;
    const { result } = successOf(name, await evaluate({
        name, source,
        args: [['expData', expData], ['sequence', sequence], ['child', child], ['pastSessions', pastSessions], ['conditions', conditions]],
    }));
    if (typeof result !== 'object')
        throw new ProtocolError('E-FUNCTION-RESULT', `"${name}" must return an object.`);
    return (result ?? {}) as { [key: string]: unknown };
}

/** What selectNextFrame decided. */
export interface Choice {
    index: number;
    /** Makes its changes to the list of frames. */
    apply: () => void;
}

export type Selector = (frames: Frame[], index: number, frameData: unknown, data: SessionData) => Promise<Choice>;

let visits = 0;

/** Reads a frame's selectNextFrame when the frame is entered; what it gives asks it for the next index. */
export async function nextSelector(source: string, evaluate: Evaluate): Promise<Selector> {
    const name = 'selectNextFrame';
    const job = { name, source, visit: ++visits };
    successOf(name, await evaluate({ ...job, args: null }));
    return async (frames, index, frameData, { expData, sequence, child, pastSessions }) => {
        const { result, frames: returned } = successOf(name, await evaluate({
            ...job,
            args: [['frames', frames], ['frameIndex', index], ['frameData', frameData], ['expData', expData],
                ['sequence', sequence], ['child', child], ['pastSessions', pastSessions]],
        }));
        if (typeof result !== 'number')
            throw new ProtocolError('E-FUNCTION-RESULT', `"${name}" must return a number.`);
        const changed = returned?.map((one) => frameOf(name, one));
        return { index: result, apply: () => changed && update(frames, changed) };
    };
}

function frameOf(name: string, { from, frame }: ReturnedFrame): { from: number; frame: Frame } {
    if (!isTree(frame) || typeof frame.kind !== 'string' || typeof frame.id !== 'string')
        throw new ProtocolError('E-FUNCTION-RESULT', `"${name}" may put only frames with "kind" and "id" into the list of frames.`);
    return { from, frame: frame as Frame };
}

/** Frames that were in the list stay the same objects, with what they now hold. */
function update(frames: Frame[], changed: readonly { from: number; frame: Frame }[]): void {
    const next = changed.map(({ from, frame }) => {
        const old = frames[from];
        if (!old)
            return frame;
        for (const key of Object.keys(old))
            if (!Object.hasOwn(frame, key))
                delete old[key];
        return Object.assign(old, frame);
    });
    frames.splice(0, frames.length, ...next);
}
