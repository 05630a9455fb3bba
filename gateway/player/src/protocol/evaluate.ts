/* Runs researchers' functions (sections 8 and 9). This is the part that lives in the sandbox, where nothing of the
 * family's is in reach; what it is given and what it gives crosses a border as plain data. */

import { NotPlain, plainCopy } from './plain.js';
import { recordOf } from './records.js';
import type { Tree, Value } from './types.js';
import { isTree } from './values.js';

/** One thing to do. */
export interface Job {
    /** what researchers call the function */
    name: string;
    /** its text */
    source: string;
    /** is run as a script before it is read as a function: generators are */
    isScript?: boolean;
    /** The function is made once for this visit of a frame and keeps what it remembers. */
    visit?: number;
    /** Names and values of the arguments. `child` and `pastSessions` become records; what was done to `frames` comes
     * back. null: the function is only read. */
    args: readonly (readonly [name: string, value: unknown])[] | null;
}

/** An element of `frames` after the call; `from`: where it was before, -1 for a new one. */
export interface ReturnedFrame {
    from: number;
    frame: unknown;
}

/** syntax: cannot be read; type: is no function; thrown: it failed; result: it gave what cannot be taken; time: it did
 * not end; away: there was nowhere to run it */
export const TROUBLES = ['syntax', 'type', 'thrown', 'result', 'time', 'away'] as const;

export interface Failure {
    trouble: (typeof TROUBLES)[number];
    message: string;
    /** lines of the function's own text, innermost first */
    stack: string;
}

export interface Success {
    result: unknown;
    frames?: ReturnedFrame[];
}

export type Outcome = Success | Failure;

/** Whoever runs a job; never rejects. */
export type Evaluate = (job: Job) => Promise<Outcome>;

type AnyFunction = (...args: unknown[]) => unknown;

function isPlain(value: unknown): value is Tree {
    return isTree(value) && [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null);
}

/** What jQuery.extend does: copies properties, deeply when the first argument is true. */
function extend(...args: unknown[]): unknown {
    const isDeep = args[0] === true;
    const [target, ...sources] = typeof args[0] === 'boolean' ? args.slice(1) : args;
    const out = Object(target ?? {}) as Tree;
    for (const source of sources)
        for (const key of Object.keys(Object(source ?? {}) as object)) {
            const value = (source as Tree)[key];
            const old = Object.hasOwn(out, key) ? out[key] : undefined;
            if (key === '__proto__' || value === undefined || value === out)
                continue;
            if (isDeep && Array.isArray(value))
                out[key] = extend(true, Array.isArray(old) ? old : [], value) as Value;
            else if (isDeep && isPlain(value))
                out[key] = extend(true, isTree(old) ? old : {}, value) as Value;
            else
                out[key] = value;
        }
    return out;
}

function copy(value: unknown, isDeep?: boolean): unknown {
    if (value instanceof Date)
        return new Date(value.getTime());
    if (Array.isArray(value))
        return isDeep ? extend(true, [], value) : [...(value as unknown[])];
    return isTree(value) ? extend(isDeep === true, {}, value) : value;
}

/** The few helpers that protocols in circulation expect to find (section 8.3). */
const shim = Object.freeze({ extend });
const NAMES = ['Ember', '$', 'jQuery'] as const;
const VALUES = [Object.freeze({ $: shim, copy }), shim, shim];
/* what new Function() puts above the text */
const LINES_ABOVE = 2;
const STACK_LINES_MAX = 10;

/* The last line gives the text a name in stack traces. */
function run(name: string, body: string): unknown {
    return (new Function(...NAMES, `${body}\n//# sourceURL=${name}.js`) as AnyFunction)(...VALUES);
}

/** Those lines of the stack that lie in the researcher's text, numbered as there. */
function ownLines(name: string, error: unknown): string[] {
    const place = new RegExp(`\\b${name}\\.js:(\\d+)(?=:\\d+)`);
    const lines = error instanceof Error && typeof error.stack === 'string' ? error.stack.split('\n') : [];
    return lines.filter((line) => place.test(line)).slice(0, STACK_LINES_MAX)
        .map((line) => line.replace(place, (_, n: string) => `${name}.js:${Number(n) - LINES_ABOVE}`).trim());
}

/** Anything can be thrown, also what cannot be said. */
function failure(trouble: Failure['trouble'], name: string, error: unknown): Failure {
    try {
        const lines = ownLines(name, error);
        const line = /\.js:(\d+):/.exec(lines[0] ?? '')?.[1];
        const why = error instanceof Error ? String(error.message) : String(error);
        return { trouble, message: line ? `${why} (line ${line})` : why, stack: lines.join('\n') };
    } catch {
        return { trouble, message: 'what it threw cannot be shown', stack: '' };
    }
}

export class Evaluator {
    private held: { visit: number; call: AnyFunction } | null = null;

    run(job: Job): Outcome {
        const { name } = job;
        let trouble: Failure['trouble'] = 'syntax';
        try {
            if (job.isScript)
                run(name, job.source);
            /* a generator that cannot be evaluated as a function has failed, it is not misspelt */
            trouble = job.isScript ? 'thrown' : 'syntax';
            const call = this.functionOf(job);
            if (typeof call !== 'function')
                return { trouble: 'type', message: 'it is not a function', stack: '' };
            trouble = 'thrown';
            return job.args ? this.call(call, job.args) : { result: undefined };
        } catch (error) {
            return failure(error instanceof NotPlain ? 'result' : trouble, name, error);
        }
    }

    private functionOf({ name, source, visit }: Job): AnyFunction {
        if (visit !== undefined && visit === this.held?.visit)
            return this.held.call;
        const call = run(name, `return ${source}`) as AnyFunction;
        if (visit !== undefined)
            this.held = { visit, call };
        return call;
    }

    private call(call: AnyFunction, args: NonNullable<Job['args']>): Outcome {
        const given = args.map(([name, value]) => argumentOf(name, value));
        const frames = given[args.findIndex(([name]) => name === 'frames')];
        const before = Array.isArray(frames) ? new Map(frames.map((frame, i) => [frame as unknown, i])) : null;
        const result = plainCopy(call(...given));
        if (!before)
            return { result };
        const after = (frames as unknown[]).map((frame) => ({ from: before.get(frame) ?? -1, frame }));
        return { result, frames: plainCopy(after) as ReturnedFrame[] };
    }
}

function argumentOf(name: string, value: unknown): unknown {
    type Fields = { readonly [name: string]: unknown };
    if (name === 'child')
        return recordOf(value as Fields);
    return name === 'pastSessions' ? (value as Fields[]).map(recordOf) : value;
}

/** An outcome that came from the other side of the border: checked and copied. Whatever is not one is a failure. */
export function outcomeOf(given: unknown): Outcome {
    try {
        const plain = plainCopy(given);
        if (!isTree(plain))
            throw new NotPlain('', 'is no outcome');
        if (Object.hasOwn(plain, 'trouble'))
            return {
                trouble: TROUBLES.find((one) => one === plain.trouble) ?? 'result',
                message: String(plain.message).slice(0, 2000), stack: String(plain.stack).slice(0, 4000),
            };
        if (!Object.hasOwn(plain, 'frames'))
            return { result: plain.result };
        return { result: plain.result, frames: returnedFrames(plain.frames) };
    } catch (error) {
        return failure('result', 'sandbox', error);
    }
}

function returnedFrames(frames: unknown): ReturnedFrame[] {
    if (!Array.isArray(frames))
        throw new NotPlain('frames', 'is no list');
    return frames.map((one: unknown, i) => {
        if (!isTree(one) || typeof one.from !== 'number')
            throw new NotPlain(`frames[${i}]`, 'is no frame');
        return { from: one.from, frame: one.frame };
    });
}
