/* Full screen of the player's element. Browsers without it (phones of one maker) get the whole window instead, so that a
 * study runs there too. */

import type { Fullscreen } from './frame.js';

interface OldDocument extends Document {
    webkitFullscreenElement?: Element | null;
    webkitExitFullscreen?: () => void;
}
interface OldElement extends HTMLElement {
    webkitRequestFullscreen?: () => void;
}

export class PageFullscreen implements Fullscreen {
    readonly #element: OldElement;
    readonly #document = document as OldDocument;
    readonly #listeners = new Set<() => void>();
    #isWindow = false;

    constructor(element: HTMLElement) {
        this.#element = element;
        for (const type of ['fullscreenchange', 'webkitfullscreenchange']) document.addEventListener(type, () => this.#changed());
    }

    get isOn(): boolean {
        return this.#isWindow || (this.#document.fullscreenElement ?? this.#document.webkitFullscreenElement ?? null) !== null;
    }

    async request(): Promise<boolean> {
        if (this.isOn) return true;
        try {
            if (this.#element.requestFullscreen) await this.#element.requestFullscreen();
            else if (this.#element.webkitRequestFullscreen) this.#element.webkitRequestFullscreen();
            else {
                this.#isWindow = true;
                this.#changed();
            }
            return true;
        } catch {
            return false;
        }
    }

    async leave(): Promise<void> {
        if (!this.isOn) return;
        if (this.#isWindow) {
            this.#isWindow = false;
            this.#changed();
        } else if (this.#document.fullscreenElement) await document.exitFullscreen().catch(() => undefined);
        else this.#document.webkitExitFullscreen?.();
    }

    onchange(then: () => void): () => void {
        this.#listeners.add(then);
        return () => this.#listeners.delete(then);
    }

    #changed(): void {
        for (const then of this.#listeners) then();
    }
}
