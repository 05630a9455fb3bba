/* A page that is being closed has no time for IndexedDB: the transaction may die with it. What it still has to say goes into
 * localStorage, which is written at once, and to the server by a request that outlives the page. The next visit finds it. */

import { sendPatch } from './api.js';

export type Timings = { [name: string]: unknown }[];

const keyOf = (visit: string): string => `lookit-last-words-${visit}`;

function memory(): Storage | null {
    try {
        return globalThis.localStorage ?? null;
    } catch {
        return null; /* storage is switched off */
    }
}

/** All global events of the response so far. Call forgetLastWords once they are kept elsewhere. */
export function sayLastWords(visit: string, response: string, timings: Timings): void {
    try {
        memory()?.setItem(keyOf(visit), JSON.stringify({ response, timings }));
    } catch (error) {
        console.error('no room for last words', error);
    }
    sendPatch(response, { global_event_timings: timings });
}

/** What the earlier page of this response could not hand over, or null. */
export function lastWords(visit: string, response: string): Timings | null {
    try {
        const said = JSON.parse(memory()?.getItem(keyOf(visit)) ?? 'null') as { response: string; timings: Timings } | null;
        return said?.response === response && Array.isArray(said.timings) ? said.timings : null;
    } catch {
        return null;
    }
}

export function forgetLastWords(visit: string): void {
    memory()?.removeItem(keyOf(visit));
}
