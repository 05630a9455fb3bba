/* Plain helpers over values: own keys, shuffles, copies and merges. Each walk has a bound on depth, because a parameter
 * may name itself, and on size, because parameters may multiply each other. */

import { ProtocolError } from './types.js';
import type { RandomSource, Tree, Value } from './types.js';

const DEPTH_MAX = 256;
const VALUES_MAX = 2_000_000;

/** Counts the values that one expansion touches. */
export class Budget {
    private left = VALUES_MAX;

    spend(depth: number): void {
        if (depth > DEPTH_MAX)
            throw new ProtocolError('E-TOO-DEEP', 'Values are nested too deeply; does a parameter contain itself?');
        if (--this.left < 0)
            throw new ProtocolError('E-TOO-BIG', 'The study grows beyond all bounds when its parameters are filled in.');
    }
}

export function isTree(value: unknown): value is Tree {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function hasOwn(holder: unknown, key: string): boolean {
    return holder !== null && holder !== undefined && Object.hasOwn(Object(holder) as object, key);
}

/** Sets an own property even when its name is __proto__. */
function put(tree: Tree, key: string, value: Value): void {
    if (key === '__proto__')
        Object.defineProperty(tree, key, { value, enumerable: true, configurable: true, writable: true });
    else
        tree[key] = value;
}

/** Durstenfeld, in place: n - 1 draws for n elements. */
export function shuffle<T>(list: T[], random: RandomSource): T[] {
    for (let i = list.length - 1; i > 0; i--) {
        const j = Math.floor(random() * (i + 1));
        [list[i], list[j]] = [list[j] as T, list[i] as T];
    }
    return list;
}

/** A deep copy; `keep` says which keys of objects come along. */
function copyWith(value: Value, budget: Budget, keep: (key: string) => boolean, depth: number): Value {
    budget.spend(depth);
    if (Array.isArray(value))
        return value.map((item) => copyWith(item, budget, keep, depth + 1));
    if (value instanceof Date)
        return new Date(value.getTime()) as unknown as Value;
    if (!isTree(value))
        return value;
    const out: Tree = {};
    for (const key of Object.keys(value))
        if (keep(key))
            put(out, key, copyWith(value[key], budget, keep, depth + 1));
    return out;
}

/** A deep copy without the keys that start with two underscores: how finished frames and shuffled lists are copied. */
export function copyOf<T extends Value>(value: T, budget: Budget): T {
    return copyWith(value, budget, (key) => !key.startsWith('__'), 0) as T;
}

export function fullCopyOf<T extends Value>(value: T, budget: Budget): T {
    return copyWith(value, budget, () => true, 0) as T;
}

/** Merges `from` into `into`, recursively: objects key by key, lists index by index; undefined never overwrites. */
export function mergeDeep(into: Tree, from: Value, budget: Budget): Tree {
    return mergeInto(into, from, budget, 0) as Tree;
}

function mergeInto(into: Tree | Value[], from: Value, budget: Budget, depth: number): Tree | Value[] {
    const source = Object(from ?? {}) as Tree;
    const target = into as Tree;
    for (const key of Object.keys(source)) {
        budget.spend(depth);
        const value = source[key];
        const old = Object.hasOwn(target, key) ? target[key] : undefined;
        if (value === undefined || key === '__proto__')
            continue;
        if (Array.isArray(value))
            target[key] = mergeInto(Array.isArray(old) ? old : [], value, budget, depth + 1);
        else if (isTree(value))
            target[key] = mergeInto(isTree(old) ? old : {}, value, budget, depth + 1);
        else
            target[key] = value;
    }
    return into;
}

/** A new object with the keys of `common`, then those of `own` over them; nested values stay shared. */
export function overlay(common: Value, own: Value): Tree {
    return { ...(common as Tree | undefined), ...(own as Tree | undefined) };
}
