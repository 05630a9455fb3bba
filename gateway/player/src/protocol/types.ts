/* The values that the study language speaks of. A protocol is JSON, but expansion works on it as JavaScript does:
 * a property may become undefined (a selector outside its list), which then vanishes when the frame is saved. */

export type Value = string | number | boolean | null | undefined | Value[] | Tree;

/** A JSON object; key order matters (random draws follow it). */
export interface Tree {
    [key: string]: Value;
}

/** A frame as written by the researcher, before expansion. */
export type RawFrame = Tree;

/** A frame ready to be shown: kind and id are settled. */
export interface Frame extends Tree {
    kind: string;
    id: string;
}

/** What every random draw goes through: uniform in [0, 1). Tests put known numbers here. */
export type RandomSource = () => number;

/** One earlier visit of this child to this study, as far as the randomizers look at it. Most recent first. */
export interface PastSession {
    completedConsentFrame?: boolean;
    conditions?: { [key: string]: unknown } | null;
    [field: string]: unknown;
}

export interface Child {
    birthday?: Date | null;
    [field: string]: unknown;
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
    child: Child;
    pastSessions: PastSession[];
    /** Values of JSON: and URL: properties, by address: fetched before expansion (see addressesIn). */
    remote?: ReadonlyMap<string, string>;
    /** Where remarks for the researcher go (the browser console). */
    warn: (code: string, sentence: string) => void;
}

export interface Expansion {
    frames: Frame[];
    /** For the response's `conditions`: position in the sequence and name, to what the randomizer chose. */
    conditions: { [key: string]: Value };
}
