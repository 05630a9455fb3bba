/* Pausing and resuming (frames.md 6). */

import type { PauseControl, PauseParams } from './frame.js';
import { media } from './text.js';

const DEBOUNCE_MS = 150;

/** What pausing needs of the running frame. */
export interface Pausable {
    params: PauseParams;
    signal: AbortSignal;
    isFullscreen: () => boolean;
    onFullscreen: (then: () => void) => void;
    log: (name: string) => void;
    cover: (text: string) => () => void;
    stopSessionRecording: () => Promise<unknown>;
    /** the frame's own stop step */
    stop: () => Promise<void>;
    /** saves and goes on at the given offset */
    repeat: (offset: number) => void;
}

export class Pauser implements PauseControl {
    readonly #frame: Pausable;
    #isAllowed = false;
    #state: 'running' | 'pausing' | 'paused' | 'resuming' = 'running';
    #uncover: (() => void) | null = null;
    #keyAt = -Infinity;
    readonly #sounds: { pause: HTMLMediaElement | null; unpause: HTMLMediaElement | null };

    constructor(frame: Pausable) {
        this.#frame = frame;
        const { pauseAudio, unpauseAudio } = frame.params;
        this.#sounds = {
            pause: pauseAudio?.length ? media('audio', pauseAudio) : null,
            unpause: unpauseAudio?.length ? media('audio', unpauseAudio) : null,
        };
        window.addEventListener('keyup', (event) => this.#key(event), { signal: frame.signal });
        frame.onFullscreen(() => this.#screenChanged());
        frame.signal.addEventListener('abort', () => {
            this.#uncover?.();
            this.#sounds.pause?.pause();
            this.#sounds.unpause?.pause();
        });
    }

    get isPaused(): boolean {
        return this.#state !== 'running';
    }

    allow(allowed: boolean): void {
        this.#isAllowed = allowed;
    }

    #key(event: KeyboardEvent): void {
        const { pauseKey, allowUserPause } = this.#frame.params;
        const isResume = this.#state === 'paused' && event.key === (pauseKey === '' ? ' ' : pauseKey);
        const isPause = this.#state === 'running' && this.#isAllowed && allowUserPause && pauseKey !== '' && event.key === pauseKey;
        if (!this.#frame.isFullscreen() || (!isResume && !isPause) || event.timeStamp - this.#keyAt < DEBOUNCE_MS) return;
        this.#keyAt = event.timeStamp;
        if (isPause) void this.#pause();
        else this.#resume();
    }

    #screenChanged(): void {
        if (this.#state === 'running') {
            if (this.#isAllowed && this.#frame.params.pauseWhenExitingFullscreen && !this.#frame.isFullscreen()) void this.#pause();
        } else if (this.#state === 'paused') this.#showPaused();
    }

    #cover(text: string): void {
        const old = this.#uncover;
        this.#uncover = this.#frame.cover(text);
        old?.();
    }

    #showPaused(): void {
        const { pausedText, fullscreenPausedText } = this.#frame.params;
        this.#cover(this.#frame.isFullscreen() ? pausedText : fullscreenPausedText);
    }

    async #pause(): Promise<void> {
        const { params } = this.#frame;
        this.#state = 'pausing';
        this.#cover(params.pausingText);
        this.#frame.log('pauseStudy');
        this.#sounds.unpause?.pause();
        void this.#sounds.pause?.play().catch(() => undefined);
        await Promise.allSettled([
            params.stopSessionRecordingOnPause ? this.#frame.stopSessionRecording() : null,
            this.#frame.stop(),
        ]);
        if (this.#frame.signal.aborted) return;
        this.#state = 'paused';
        this.#showPaused();
    }

    #resume(): void {
        this.#state = 'resuming';
        this.#uncover?.();
        this.#uncover = null;
        this.#frame.log('resumeStudy');
        this.#sounds.pause?.pause();
        const goOn = (): void => this.#frame.repeat(this.#frame.params.frameOffsetAfterPause);
        const sound = this.#sounds.unpause;
        if (!sound) {
            goOn();
            return;
        }
        sound.addEventListener('ended', goOn, { once: true, signal: this.#frame.signal });
        sound.play().catch(goOn);
    }
}
