/* The sample protocols of the language with what must come of them; see vectors/. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { recordOf } from '../../gateway/player/src/protocol/records.js';
import type { Study, World } from '../../gateway/player/src/protocol/types.js';
import { evaluateHere } from './evaluate_here.js';

export interface Input {
    random?: number[];
    now?: string;
    child?: { birthday?: string; [field: string]: unknown };
    pastSessions?: { [field: string]: unknown }[];
    use_generator?: boolean;
    generator?: string;
    generator_file?: string;
    structure_override?: object;
}

export interface Step {
    frameIndex: number;
    id: string;
    kind: string;
    action?: string;
    generatedProperties?: object;
    inserted?: string[];
}

export interface Walk {
    name: string;
    child?: { [field: string]: unknown };
    trace: Step[];
    sequence: string[];
    final_frames: [string, string][];
}

export interface Case {
    name: string;
    input?: Input;
    structure?: object;
    random?: number[];
    expect: {
        outcome: 'ok' | 'parse-error';
        summary?: [string, string][];
        frames?: object[];
        conditions?: object;
        random_calls?: number;
        warnings?: string[];
        requests?: string[];
    };
}

export interface Vector {
    file: string;
    structure: object;
    cases: Case[];
    walks: Walk[];
    given_responses?: { [address: string]: string };
}

const folder = join(process.env.PLAYER_TESTS ?? '', 'vectors');

export function text(name: string): string {
    return readFileSync(join(folder, name), 'utf8');
}

export function vectors(): Vector[] {
    return readdirSync(folder).filter((n) => n.endsWith('.expected.json')).flatMap((name) => {
        const expected = JSON.parse(text(name));
        if (!expected.cases)
            return [];
        const file = name.replace('.expected', '');
        return [{ ...expected, file, structure: JSON.parse(text(file)), walks: expected.walks ?? [] } as Vector];
    });
}

/** The world of a case; what it draws, says and fetches is written down. */
export function worldOf(input: Input, responses: { [address: string]: string } = {}) {
    const numbers = input.random ?? [0.5];
    const seen = { draws: 0, warnings: [] as string[], requests: [] as string[] };
    const { birthday, ...child } = input.child ?? {};
    const world: World = {
        random: () => numbers[seen.draws++ % numbers.length] as number,
        now: () => (input.now ? Date.parse(input.now) : Date.now()),
        child: recordOf({ ...child, ...(birthday ? { birthday: new Date(birthday) } : {}) }),
        pastSessions: (input.pastSessions ?? []).map(recordOf),
        fetchText: async (address) => {
            seen.requests.push(`GET ${address}`);
            const body = responses[address];
            if (body === undefined)
                throw new Error('no such page');
            return body;
        },
        evaluate: evaluateHere(),
        warn: (code) => void seen.warnings.push(code),
    };
    return { world, seen };
}

export function studyOf(vector: Vector, input: Input): Study {
    const generator = input.generator_file ? text(input.generator_file) : input.generator;
    return {
        structure: JSON.stringify(input.structure_override ?? vector.structure),
        use_generator: input.use_generator ?? false,
        ...(generator === undefined ? {} : { generator }),
    };
}

/** Runs with Math.random and the clock of this world, as a researcher's function sees them. */
export async function inWorld<T>(world: World, run: () => Promise<T>): Promise<T> {
    const { random } = Math;
    const RealDate = Date;
    class FixedDate extends RealDate {
        constructor(...args: unknown[]) {
            super(...((args.length ? args : [world.now()]) as [number]));
        }

        static override now(): number {
            return world.now();
        }
    }
    Math.random = world.random;
    globalThis.Date = FixedDate as DateConstructor;
    try {
        return await run();
    } finally {
        Math.random = random;
        globalThis.Date = RealDate;
    }
}

/** What survives being saved. */
export function saved(value: unknown): unknown {
    return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
