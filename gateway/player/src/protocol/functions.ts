/* Researchers' functions: the generator of a study (section 8) and the two of a frame (section 9). They run in the
 * participant's page, never on a server. The page's content security policy must allow 'unsafe-eval' for them. */

import { ProtocolError } from './types.js';
import type { Accessor, Frame, Tree, Value, World } from './types.js';
import { hasOwn, isTree } from './values.js';

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

function run(body: string): unknown {
    return (new Function(...NAMES, body) as AnyFunction)(...VALUES);
}

function sayWhy(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
}

/** What the study's generator returns, or undefined (after a warning) when it is of no use: then the study's own
 * structure counts. */
export function generatedStructure(source: string, world: World): Tree | undefined {
    let result: unknown;
    try {
        run(source);
    } catch (error) {
        world.warn('W-GENERATOR-SYNTAX', `The protocol generator cannot be read: ${sayWhy(error)}`);
        return undefined;
    }
    try {
        const generator = run(`return ${source}`);
        if (typeof generator !== 'function')
            throw new TypeError('it is not a function');
        result = (generator as AnyFunction)(world.child, world.pastSessions);
    } catch (error) {
        world.warn('W-GENERATOR-EVAL', `The protocol generator failed: ${sayWhy(error)}`);
        return undefined;
    }
    if (hasOwn(result, 'frames') && hasOwn(result, 'sequence'))
        return result as Tree;
    world.warn('W-GENERATOR-RESULT', 'The protocol generator must return an object with "frames" and "sequence".');
    return undefined;
}

/** What a frame's function may look at; the objects are the session's own, not copies. */
export interface SessionData {
    expData: { readonly [id: string]: unknown };
    sequence: readonly string[];
    child: Accessor;
    pastSessions: readonly Accessor[];
    conditions: unknown;
}

function functionOf(name: string, source: string): AnyFunction {
    let value: unknown;
    try {
        value = run(`return ${source}`);
    } catch (error) {
        throw new ProtocolError('E-FUNCTION-SYNTAX', `"${name}" cannot be read: ${sayWhy(error)}`);
    }
    if (typeof value !== 'function')
        throw new ProtocolError('E-FUNCTION-NOT-FUNCTION', `"${name}" must be the text of a function.`);
    return value as AnyFunction;
}

/** Calls a frame's generateProperties. Throws a ProtocolError when it gives no object, or what it throws itself. */
export function generatedProperties(source: string, data: SessionData): { [key: string]: unknown } {
    const call = functionOf('generateProperties', source);
    const result = call(data.expData, data.sequence, data.child, data.pastSessions, data.conditions);
    if (typeof result !== 'object')
        throw new ProtocolError('E-FUNCTION-RESULT', '"generateProperties" must return an object.');
    return (result ?? {}) as { [key: string]: unknown };
}

/** Gives a function that asks a frame's selectNextFrame for the next index; made when the frame is entered. */
export function nextSelector(source: string): (frames: readonly Frame[], index: number, frameData: unknown, data: SessionData) => number {
    const call = functionOf('selectNextFrame', source);
    return (frames, index, frameData, data) => {
        const result = call(frames, index, frameData, data.expData, data.sequence, data.child, data.pastSessions);
        if (typeof result !== 'number')
            throw new ProtocolError('E-FUNCTION-RESULT', '"selectNextFrame" must return a number.');
        return result;
    };
}
