/* One sound of a trial. It tells when it is really heard, when it cannot be, and when it is over; after stop() it is silent
 * about all of that. */

import type { MediaSource } from '../frame.js';
import { media } from '../text.js';

export interface Hearing {
    onbegin: () => void;
    onfail: (error: unknown) => void;
    onend: () => void;
}

export class Sound {
    readonly #element: HTMLMediaElement;
    #playing: AbortController | null = null;
    #isLost = false;
    #onlost: () => void = () => undefined;

    constructor(sources: readonly MediaSource[]) {
        this.#element = media('audio', sources);
        this.#element.lastElementChild?.addEventListener('error', () => {
            this.#isLost = true;
            this.#onlost();
        });
    }

    get second(): number {
        return this.#element.currentTime;
    }

    get isPlaying(): boolean {
        return this.#playing !== null;
    }

    /** From the beginning. */
    play(hearing: Hearing): void {
        this.stop();
        const playing = new AbortController();
        const { signal } = playing;
        this.#playing = playing;
        let hasBegun = false;
        const over = (then: () => void): void => {
            if (signal.aborted) return;
            playing.abort();
            this.#playing = null;
            then();
        };
        const begin = (): void => {
            if (hasBegun || signal.aborted) return;
            hasBegun = true;
            hearing.onbegin();
        };
        this.#element.addEventListener('ended', () => {
            begin();
            over(hearing.onend);
        }, { signal });
        /* broken half-way: what could be heard was heard */
        this.#element.addEventListener('error', () => over(hasBegun ? hearing.onend : () => hearing.onfail(this.#element.error)), { signal });
        /* once all files have failed, the browser waits for other ones without a word; perhaps they come this time */
        this.#onlost = () => over(() => hearing.onfail(new Error('none of its files can be played')));
        if (this.#isLost) this.#element.load();
        this.#isLost = false;
        this.#element.play().then(begin, (error: unknown) => over(() => hearing.onfail(error)));
    }

    /** Silent and back at its beginning. */
    stop(): void {
        this.#playing?.abort();
        this.#playing = null;
        this.#element.pause();
        if (this.#element.readyState > 0) this.#element.currentTime = 0;
    }
}
