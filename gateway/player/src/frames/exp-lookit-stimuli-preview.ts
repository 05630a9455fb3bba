/* The parent looks at the stimuli before the child does; that the child does not look is recorded (frames.md 19). */

import { append, h, show } from '../dom.js';
import type { FrameBody, FrameContext, FrameKind, FrameRecorder, MediaSource, RecordParams, TextBlock } from '../frame.js';
import { page } from '../parts.js';
import { media, textBlocks } from '../text.js';

interface Stimulus {
    image?: string;
    video?: MediaSource[];
    audio?: MediaSource[];
    caption?: string;
}

interface Params extends RecordParams {
    showPreviousButton: boolean;
    requirePreview: boolean;
    blocks: TextBlock[];
    previewButtonText: string;
    skipButtonText: string;
    stimuli: Stimulus[];
    nextStimulusText: string;
    previousStimulusText: string;
    doRecording: boolean;
}
type Context = FrameContext<Params>;

export const expLookitStimuliPreview: FrameKind<Params> = {
    kind: 'exp-lookit-stimuli-preview',
    follows: { doUseCamera: 'doRecording' },
    settle(params) {
        params.startRecordingAutomatically = false;
        if (!Array.isArray(params.stimuli)) params.stimuli = [];
    },
    mount: (frame) => new Preview(frame),
};

class Preview implements FrameBody {
    readonly #frame: Context;
    readonly #stimuli: Stimulus[];
    readonly #item = h('div.preview-item', { 'aria-live': 'polite' });
    readonly #back = h('button.btn.btn-outline-secondary.btn-lg', { type: 'button', id: 'previousbutton' });
    readonly #forward = h('button.btn.btn-primary.btn-lg', { type: 'button', id: 'nextbutton' });
    #index = 0;

    constructor(frame: Context) {
        this.#frame = frame;
        this.#stimuli = frame.params.stimuli;
        this.#ask();
    }

    /* ---- the question ---- */

    #ask(): void {
        const frame = this.#frame;
        const { params, recorder, root } = frame;
        const accept = h('button.btn.btn-primary.btn-lg', { type: 'button', id: 'nextbutton' }, params.previewButtonText);
        const skip = h('button.btn.btn-outline-secondary.btn-lg', { type: 'button', id: 'skipbutton' }, params.skipButtonText);
        const previous = h('button.btn.btn-outline-secondary.btn-lg', { type: 'button', id: 'previousbutton' }, frame.language.t('Previous'));
        frame.listen(accept, 'click', () => this.#begin());
        frame.listen(skip, 'click', () => void frame.next());
        frame.listen(previous, 'click', () => void frame.previous());
        const bar = h('nav.frame-navigation', params.showPreviousButton && previous,
            h('div.buttons-end', !params.requirePreview && skip, accept));
        page(root, [textBlocks(params.blocks), recorder && waiting(frame, recorder, accept)], bar);
    }

    #begin(): void {
        const frame = this.#frame;
        frame.log('startPreview');
        /* without a recording the parent may look all the same; the recorder's events tell */
        frame.recorder?.start().catch((error: unknown) => console.error(`${frame.id}: the preview is not recorded`, error));
        frame.root.replaceChildren();
        this.#back.textContent = frame.params.previousStimulusText;
        frame.listen(this.#back, 'click', () => this.#go(-1, 'previousStimulus'));
        frame.listen(this.#forward, 'click', () => {
            if (this.#index < this.#stimuli.length - 1) this.#go(1, 'nextStimulus');
            else void this.#finish();
        });
        page(frame.root, this.#item, h('nav.frame-navigation', this.#back, this.#forward));
        this.#show();
        this.#forward.focus({ preventScroll: true });
    }

    /* ---- the stimuli ---- */

    #go(step: number, event: string): void {
        this.#frame.log(event);
        this.#index += step;
        this.#show();
    }

    /* Elements are made anew, so that every sound and video starts from its beginning. */
    #show(): void {
        const { params, language } = this.#frame;
        const { image, video, audio, caption } = this.#stimuli[this.#index] ?? {};
        const label = caption ?? '';
        this.#hush();
        this.#item.replaceChildren();
        append(this.#item, [
            caption && h('h2.preview-caption', caption),
            image && h('img', { src: image, alt: language.t('exp-lookit-stimuli-preview.picture') }),
            video?.length && media('video', video, { controls: true, 'aria-label': label }),
            audio?.length && media('audio', audio, { controls: true, 'aria-label': label }),
        ].map((one) => one || null));
        const isLast = this.#index >= this.#stimuli.length - 1;
        this.#back.disabled = this.#index === 0;
        this.#forward.textContent = isLast ? language.t('Continue') : params.nextStimulusText;
        globalThis.scrollTo(0, 0);
    }

    async #finish(): Promise<void> {
        const { recorder, language } = this.#frame;
        this.#hush();
        this.#back.disabled = this.#forward.disabled = true;
        if (recorder) this.#forward.textContent = `${language.t('uploading video')} …`;
        await recorder?.stop();
        await this.#frame.next();
        this.#back.disabled = this.#index === 0;
        this.#forward.disabled = false; /* only seen if going on failed */
        this.#forward.textContent = language.t('Continue');
    }

    #hush(): void {
        for (const one of this.#item.querySelectorAll<HTMLMediaElement>('audio, video')) one.pause();
    }

    destroy(): void {
        this.#hush();
    }
}

/* Until the camera is ready the preview cannot begin; a camera that cannot be had is explained and asked for again. */
function waiting(frame: Context, recorder: FrameRecorder, accept: HTMLButtonElement): HTMLElement {
    const note = h('p', { role: 'status', id: 'preview-note' });
    const again = h('button.btn.btn-outline-secondary', { type: 'button', id: 'camera-try-again' }, frame.language.t('camera-try-again'));
    frame.listen(again, 'click', () => void recorder.renew().catch(() => undefined));
    const update = (): void => {
        const isDenied = recorder.state === 'denied';
        accept.disabled = recorder.state !== 'ready';
        note.className = isDenied ? 'warning' : 'lead';
        note.textContent = isDenied ? frame.language.t('camera-trouble') : accept.disabled ? `${frame.language.t('please wait, setting up')} …` : '';
        show(again, isDenied);
    };
    recorder.onchange(update);
    update();
    return h('div', note, again);
}
