/* The values that the study language speaks of. A protocol is JSON, but expansion works on it as JavaScript does:
 * a property may become undefined (a selector outside its list), which then vanishes when the frame is saved. */

import type { Evaluate } from './evaluate.js';

export type Value = string | number | boolean | null | undefined | Value[] | Tree;

/** A JSON object; key order matters (random draws follow it). */
export interface Tree {
    [key: string]: Value;
}

/** A frame ready to be shown: kind and id are settled. */
export interface Frame extends Tree {
    kind: string;
    id: string;
}

/** What every random draw goes through: uniform in [0, 1). Order and number of draws are part of the language. */
export type RandomSource = () => number;

/** What researchers' functions read with .get("name"), or directly. See records.ts. */
export interface Accessor {
    get(name: string): unknown;
    readonly [field: string]: unknown;
}

/** What the server stores for a study. */
export interface Study {
    structure: string | Tree;
    use_generator?: boolean;
    generator?: string;
}

/** What expansion may look at. Nothing else of the world enters. */
export interface World {
    random: RandomSource;
    /** now, in milliseconds since 1970 */
    now: () => number;
    child: Accessor;
    /** This child's visits to this study, most recently modified first; element 0 is the current one. */
    pastSessions: readonly Accessor[];
    /** Gets the text behind a `JSON:` or `URL:` property. */
    fetchText: (address: string) => Promise<string>;
    /** Runs the study's generator. */
    evaluate: Evaluate;
    /** Remarks for the researcher (the browser console); never stops a study. */
    warn: (code: string, sentence: string) => void;
}

export interface Expansion {
    frames: Frame[];
    /** For the response's `conditions`: "<position in sequence>-<name>" to what a group or randomizer chose. */
    conditions: Tree;
}

/** The study, or a part of it, cannot be run. `code` is one of the checker's codes where one fits. */
export class ProtocolError extends Error {
    readonly code: string;

    constructor(code: string, sentence: string) {
        super(sentence);
        this.name = 'ProtocolError';
        this.code = code;
    }
}
