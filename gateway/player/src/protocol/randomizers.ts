/* The three randomizers (section 6): each gives resolved frames and the value that is remembered in `conditions`.
 * They edit the protocol in place where the language says so, because a randomizer that is listed twice shows it. */

import { Substituter } from './substitute.js';
import { Budget, fullCopyOf, isTree, mergeDeep, overlay, shuffle } from './values.js';
import { ProtocolError } from './types.js';
import type { Tree, Value, World } from './types.js';

/** What a randomizer needs of its surroundings: resolving a frame under a name (null inside groups). */
export interface Scope {
    world: World;
    budget: Budget;
    resolve(name: string | null, given: Tree): { frames: Tree[]; choice?: Value };
}

export interface Sampled {
    frames: Tree[];
    choice: Tree;
}

const MS_PER_DAY = 86_400_000;

function listOf(choice: Tree, key: string, code: string): Value[] {
    const list = choice[key];
    if (!Array.isArray(list))
        throw new ProtocolError(code, `A randomizer needs a list named "${key}".`);
    return list;
}

export function sample(choice: Tree, name: string | null, scope: Scope): Sampled {
    switch (choice.sampler) {
        case 'permute':
            return permute(choice, name, scope);
        case 'random-parameter-set':
            return randomParameterSet(choice, name, scope);
        case 'select':
            return select(choice, name, scope);
    }
    throw new ProtocolError(choice.sampler === undefined ? 'E-SAMPLER-MISSING' : 'E-SAMPLER-UNKNOWN',
        `"sampler" must be permute, random-parameter-set or select.`);
}

/** Adds the position's own properties, which win over those of the option shown there. */
function orderInto(frame: Tree, ordered: Value): void {
    if (!isTree(ordered))
        return;
    const sets = frame.parameterSets;
    const more = ordered.parameterSets;
    if (Array.isArray(sets) && Array.isArray(more)) {
        sets.forEach((set, i) => Object.assign(set as Tree, more[i]));
        delete ordered.parameterSets;
    }
    Object.assign(frame, ordered);
}

function permute(choice: Tree, name: string | null, scope: Scope): Sampled {
    const shown = shuffle([...listOf(choice, 'frameOptions', 'E-PERMUTE-OPTIONS')], scope.world.random);
    const ordered = Array.isArray(choice.orderedFrameOptions) ? choice.orderedFrameOptions : [];
    const frames: Tree[] = [];
    shown.forEach((option, position) => {
        const frame = overlay(choice.commonFrameProperties, option);
        orderInto(frame, ordered[position]);
        frames.push(...scope.resolve(name, frame).frames);
    });
    return { frames, choice: { frameList: shown } };
}

/** Which options a select shows, in order; written back into the choice, as a list. */
function whichOf(choice: Tree, options: Value[]): Value[] | string {
    const which = choice.whichFrames;
    if (typeof which === 'number' && which !== -1)
        choice.whichFrames = [which];
    else if (!which || which === -1)
        choice.whichFrames = options.map((_, i) => i);
    const list = choice.whichFrames;
    if (!Array.isArray(list) && typeof list !== 'string')
        throw new ProtocolError('E-SELECT-INDEX-TYPE', `"whichFrames" must be a number or a list of numbers.`);
    return list;
}

export function select(choice: Tree, name: string | null, scope: Scope): Sampled {
    const options = listOf(choice, 'frameOptions', 'E-SELECT-OPTIONS');
    const which = whichOf(choice, options);
    const frames: Tree[] = [];
    for (const index of which)
        if (!(Number(index) >= 0 && Number(index) < options.length))
            throw new ProtocolError('E-SELECT-INDEX',
                `"whichFrames" asks for option ${String(index)}, but there are only options 0 to ${options.length - 1}.`);
    [...which].forEach((index, k) => {
        if (!Number.isInteger(Number(index)))
            throw new ProtocolError('E-SELECT-INDEX', `"whichFrames" asks for option ${String(index)}, which is no whole number.`);
        const frame = overlay(choice.commonFrameProperties, options[Number(index)]);
        frames.push(...scope.resolve(`${name}-${k}`, frame).frames);
    });
    return { frames, choice: { whichFrames: which } };
}

function ageInDays(world: World): number {
    const birthday = world.child.get('birthday');
    if (birthday === undefined || birthday === null) {
        world.warn('W-NO-BIRTHDAY', "The child's birthday is not known; age weights are chosen for age 0.");
        return 0;
    }
    return (world.now() - new Date(birthday as Date).getTime()) / MS_PER_DAY;
}

/** Plain weights; missing ones and those by age are settled in place, on first use. */
function weightsOf(choice: Tree, sets: Value[], world: World): Value[] {
    const ones = (): Value[] => sets.map(() => 1);
    let weights = choice.parameterSetWeights;
    if (!weights)
        weights = ones();
    if (!Array.isArray(weights))
        throw new ProtocolError('E-RPS-WEIGHTS', `"parameterSetWeights" must be a list.`);
    if (isTree(weights[0])) {
        const age = ageInDays(world);
        const range = weights.find((w) => isTree(w) && (w.minAge as number) <= age && age <= (w.maxAge as number));
        if (!range)
            world.warn('W-AGE-NOT-IN-RANGE', "No age range of the weights holds this child's age; all sets count the same.");
        const found = isTree(range) ? range.weights : undefined;
        weights = Array.isArray(found) ? found : ones();
    }
    choice.parameterSetWeights = weights;
    return weights;
}

/** One draw. The comparison is <=, so a set at an exact boundary is the lower one. */
function drawIndex(weights: Value[], sets: Value[], world: World): number {
    const total = weights.reduce<number>((sum, w) => sum + (w as number), 0);
    const position = world.random() * total;
    let sum = 0;
    for (let i = 0; i < sets.length; i++) {
        sum += weights[i] as number;
        if (position <= sum)
            return i;
    }
    throw new ProtocolError('E-RPS-WEIGHTS', 'The weights do not fit the parameter sets: there must be one number for each set.');
}

/** The set that this child had last time, from its latest consented visit; undefined when there is none. */
function earlierIndex(name: string | null, world: World): number | undefined {
    for (const session of world.pastSessions) {
        if (session.get('completedConsentFrame') !== true)
            continue;
        const conditions = session.get('conditions');
        if (!isTree(conditions))
            throw new ProtocolError('E-PAST-CONDITIONS', 'An earlier session has no record of its conditions.');
        const key = Object.keys(conditions).find((k) => k.endsWith(`-${name}`));
        if (key === undefined)
            continue;
        const value = conditions[key];
        return isTree(value) ? Number(value.conditionNum) : NaN;
    }
    return undefined;
}

function returningIndex(mode: Value, name: string | null, sets: Value[], world: World): number | undefined {
    const earlier = earlierIndex(name, world);
    if (earlier === undefined)
        return undefined;
    if (mode !== 'persist' && mode !== 'rotate')
        throw new ProtocolError('E-RPS-RETURNING', `"conditionForAdditionalSessions" must be random, persist or rotate.`);
    if (!Number.isInteger(earlier) || earlier < 0) {
        world.warn('W-RETURNING-NESTED', `The record of the last visit says nothing about "${name}"; a new draw is made.`);
        return undefined;
    }
    return mode === 'persist' ? Math.min(earlier, sets.length - 1) : (earlier + 1) % sets.length;
}

function randomParameterSet(choice: Tree, name: string | null, scope: Scope): Sampled {
    const { world, budget } = scope;
    const list = listOf(choice, 'frameList', 'E-RPS-FRAMELIST');
    const sets = listOf(choice, 'parameterSets', 'E-RPS-SETS');
    const mode = choice.conditionForAdditionalSessions;
    if (sets.length === 0)
        throw new ProtocolError('E-RPS-SETS', `"parameterSets" is empty, so there is nothing to choose from.`);
    const earlier = mode && mode !== 'random' ? returningIndex(mode, name, sets, world) : undefined;
    const index = earlier ?? drawIndex(weightsOf(choice, sets, world), sets, world);
    const set = sets[index];
    const substituter = new Substituter(set, world.random, budget);
    const frames: Tree[] = [];
    for (const entry of list) {
        const common = fullCopyOf(choice.commonFrameProperties ?? {}, budget);
        const frame = mergeDeep(common as Tree, entry, budget);
        substituter.apply(frame);
        frames.push(...scope.resolve(name, frame).frames);
    }
    return { frames, choice: { conditionNum: index, parameterSet: set } };
}
