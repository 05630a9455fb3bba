/* Rules of a visit that follow from the language alone: ids of repeated frames, where "next" leads, frames that are added
 * on the way (section 9 and player-session 6). */

import { ProtocolError } from './types.js';
import type { Frame } from './types.js';

/** The id under which a frame is saved: its own, or `-repeat-<n>` when it was saved before in this session. */
export function visitId(id: string, sequence: readonly string[]): string {
    if (!sequence.includes(id))
        return id;
    const stub = id.replace(/-repeat-[0-9]+$/, '');
    let last = 0;
    for (const saved of sequence) {
        const number = saved.startsWith(`${stub}-repeat-`) ? saved.slice(stub.length + 8) : '';
        if (/^[0-9]+$/.test(number))
            last = Math.max(last, Number(number));
    }
    return `${stub}-repeat-${last + 1}`;
}

/** Where to go from `index` when asked for `wanted` (-1: the next one). The number of frames means: the study is over. */
export function targetIndex(wanted: number, index: number, count: number): number {
    const target = wanted === -1 ? index + 1 : wanted;
    if (!Number.isInteger(target) || target < 0 || target > count)
        throw new ProtocolError('E-INDEX', `There is no frame number ${wanted}; this study has ${count} frames.`);
    return target;
}

/** The flat list of a session. An exp-frame-select adds frames behind itself; entering it again first takes away those
 * of the visit before, and what they added. */
export class FrameList {
    readonly frames: Frame[];
    private readonly added = new Map<Frame, Frame[]>();

    constructor(frames: readonly Frame[]) {
        this.frames = [...frames];
    }

    insertAfter(owner: Frame, chosen: readonly Frame[]): void {
        const gone = new Set<Frame>();
        const open = [owner];
        for (let frame = open.pop(); frame; frame = open.pop()) {
            for (const child of this.added.get(frame) ?? []) {
                gone.add(child);
                open.push(child);
            }
            this.added.delete(frame);
        }
        const kept = this.frames.filter((frame) => !gone.has(frame));
        kept.splice(kept.indexOf(owner) + 1, 0, ...chosen);
        this.frames.splice(0, this.frames.length, ...kept);
        this.added.set(owner, [...chosen]);
    }
}
