/* Text with sounds and videos, beside the family's own picture if wanted (frames.md 17). Never records. */

import { h, show } from '../dom.js';
import type { FrameContext, FrameKind, MediaSource, RecordParams, TextBlock } from '../frame.js';
import { camera, navigation, page } from '../parts.js';
import { format, media, textBlock, textBlocks } from '../text.js';

interface MediaBlock {
    title?: string;
    text?: string;
    warningText?: string;
    sources?: MediaSource[];
    isVideo?: boolean;
    mustPlay?: boolean;
}

interface Params extends RecordParams {
    showWebcam: boolean;
    blocks: (TextBlock & { mediaBlock?: MediaBlock })[];
    webcamBlocks: TextBlock[];
    showPreviousButton: boolean;
    nextButtonText: string;
}
type Context = FrameContext<Params>;

export const expLookitInstructions: FrameKind<Params> = {
    kind: 'exp-lookit-instructions',
    follows: { doUseCamera: 'showWebcam' },
    settle(params) {
        params.startRecordingAutomatically = false;
        if (!Array.isArray(params.blocks)) params.blocks = [];
    },
    mount(frame) {
        const { params, recorder } = frame;
        const played: Played[] = [];
        const left = params.blocks.map((block) => {
            const { mediaBlock } = block;
            if (!mediaBlock?.sources?.length) return textBlock(block);
            const one = new Played(frame, mediaBlock);
            played.push(one);
            return h('div', textBlock(block), one.element);
        });
        const { bar } = navigation(frame, {
            previous: params.showPreviousButton,
            next: h('span', format(params.nextButtonText)),
            onNext: () => {
                const open = played.filter((one) => one.isMissing);
                for (const one of open) one.warn();
                open[0]?.focus();
                if (open.length === 0) void frame.next();
            },
        });
        if (recorder) {
            const right = h('div.instructions-camera', camera(frame, recorder, frame.language.t('exp-video-config.no-webcam-detected')), textBlocks(params.webcamBlocks));
            page(frame.root, h('div.two-columns', h('div', left), right), bar);
            frame.root.classList.add('page-wide');
        } else page(frame.root, left, bar);
        return { destroy: () => played.forEach((one) => one.stop()) };
    },
};

/** A sound or video that the family starts by itself. */
class Played {
    readonly element: HTMLElement;
    readonly #media: HTMLMediaElement;
    readonly #warning: HTMLElement;
    readonly #mustPlay: boolean;
    #hasEnded = false;

    constructor(frame: Context, block: MediaBlock) {
        const sources = block.sources ?? [];
        this.#mustPlay = block.mustPlay === true;
        this.#media = media(block.isVideo ? 'video' : 'audio', sources, { controls: true });
        if (block.title) this.#media.setAttribute('aria-label', block.title);
        this.#warning = h('p.warning', { role: 'alert' }, block.warningText || frame.language.t('exp-lookit-instructions.please-play'));
        show(this.#warning, false);
        this.element = h('figure.media-block', block.title && h('h3', block.title), this.#media,
            block.text && h('figcaption', format(block.text)), this.#warning);
        frame.listen(this.#media, 'ended', () => this.#done());
        /* a file that cannot be played must not keep the family here; the last source says so */
        const last = this.#media.lastElementChild;
        if (last) frame.listen(last, 'error', () => {
            console.error(`${frame.id}: none of these can be played: ${sources.map((one) => one.src).join(', ')}`);
            this.#done();
        });
    }

    get isMissing(): boolean {
        return this.#mustPlay && !this.#hasEnded;
    }

    #done(): void {
        this.#hasEnded = true;
        show(this.#warning, false);
    }

    warn(): void {
        show(this.#warning, true);
    }

    focus(): void {
        this.element.scrollIntoView({ block: 'center' });
        this.#media.focus({ preventScroll: true });
    }

    stop(): void {
        this.#media.pause();
    }
}
