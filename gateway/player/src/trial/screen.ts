/* What a trial with pictures looks like: the picture area, the strip with text and buttons (frames.md, Appendix B). */

import { append, h, show, type Child } from '../dom.js';
import type { FrameContext } from '../frame.js';
import { colour, textBlock, textColourOn } from '../text.js';
import { hasText, isChoice, type Picture, type PictureParams } from './pictures.js';

export interface Shown {
    readonly picture: Picture;
    /** a button where it can be chosen */
    readonly box: HTMLElement;
    readonly image: HTMLImageElement;
}

export class TrialScreen {
    readonly pictures: Shown[];
    readonly next: HTMLButtonElement | null;
    readonly previous: HTMLButtonElement | null;
    readonly replay: HTMLButtonElement | null;
    readonly #stage: HTMLElement;
    readonly #area = h('div.trial-area');
    readonly #wait = h('p.trial-wait', { role: 'status' });
    readonly #progress: HTMLElement | null;

    constructor(frame: FrameContext<PictureParams>) {
        const { params, language, root } = frame;
        const text = hasText(params.parentTextBlock) ? params.parentTextBlock : null;
        const button = (kind: string, id: string, label: string): HTMLButtonElement => h('button', { type: 'button', id, class: `btn btn-lg ${kind}` }, label);
        const hasButtons = !params.autoProceed;
        this.next = hasButtons ? button('btn-primary', 'nextbutton', language.t('Next')) : null;
        this.previous = hasButtons && params.showPreviousButton ? button('btn-outline-secondary', 'previousbutton', language.t('Previous')) : null;
        this.replay = hasButtons && params.showReplayButton && params.audio.length > 0 ? button('btn-outline-secondary', 'replaybutton', language.t('Replay')) : null;
        this.pictures = params.images.map((picture, i) => place(picture, isChoice(params, picture), language.t('exp-lookit-images-audio.picture', { number: i + 1 })));
        append(this.#area, this.pictures.map(({ box }) => box));
        this.#area.style.background = colour(params.pageColor, 'white', 'pageColor');
        const background = colour(params.backgroundColor, 'black', 'backgroundColor');
        this.#progress = text && params.showProgressBar && params.durationSeconds > 0 ? h('div.progress-fill') : null;
        const hasStrip = hasButtons || text !== null;
        const strip = hasStrip && h('div.trial-strip',
            h('div.trial-buttons', this.previous, this.replay),
            h('div.trial-text', text && textBlock(text), this.#progress && h('div.progress-bar-line', { 'aria-hidden': 'true' }, this.#progress)),
            h('div.trial-buttons', this.next));
        this.#stage = h('div.trial', { style: { background, color: textColourOn(background) } }, this.#area, strip, this.#wait);
        this.#stage.classList.add(hasStrip ? 'has-strip' : params.maximizeDisplay ? 'is-maximized' : 'is-bare');
        this.#stage.classList.toggle('hides-cursor', !params.showCursor);
        append(root, this.#stage);
        this.hideAll();
    }

    hideAll(): void {
        for (const { box } of this.pictures) show(box, false);
    }

    /** Resolves when every picture is there, or is known not to come. */
    async loaded(): Promise<void> {
        await Promise.all(this.pictures.map(({ image, picture }) =>
            image.decode().catch((error: unknown) => {
                console.error(`picture ${picture.id} cannot be shown: ${picture.src}`, error);
                if (image.naturalWidth === 0) image.classList.add('is-lost');
            })));
    }

    /** A line in the middle while the trial has not begun; empty: none. */
    say(sentence: string): void {
        this.#wait.textContent = sentence;
    }

    mark(name: 'is-selected' | 'is-highlighted', ids: ReadonlySet<string>): void {
        for (const { box, picture } of this.pictures) {
            box.classList.toggle(name, ids.has(picture.id));
            if (name === 'is-selected' && box instanceof HTMLButtonElement) box.setAttribute('aria-pressed', String(ids.has(picture.id)));
        }
    }

    fillProgress(seconds: number): Animation | null {
        return this.#progress?.animate([{ width: '0' }, { width: '100%' }], { duration: seconds * 1000, fill: 'forwards' }) ?? null;
    }

    /** A word about the choice; `then` when it has been read. Not modal: pause and exit stay within reach. */
    ask(sentence: string, ok: string, then: () => void): void {
        const button = h('button.btn.btn-primary', { type: 'button', id: 'feedback-ok' }, ok);
        const before = document.activeElement;
        const dialog = h('div.trial-feedback', h('div.trial-feedback-box', { role: 'alertdialog', 'aria-describedby': 'feedback-text' },
            h('p', { id: 'feedback-text' }, sentence), button));
        button.addEventListener('click', () => {
            dialog.remove();
            if (before instanceof HTMLElement) before.focus();
            then();
        });
        append(this.#stage, dialog);
        button.focus();
    }

    hide(): void {
        show(this.#stage, false);
    }
}

function place(picture: Picture, isButton: boolean, name: string): Shown {
    const image = h('img', { src: picture.src, alt: picture.alt ?? (isButton ? name : ''), draggable: 'false' });
    const content: Child = image;
    const box: HTMLElement = isButton
        ? h('button.trial-picture.is-choice', { type: 'button', id: picture.id, 'aria-pressed': 'false' }, content)
        : h('div.trial-picture', { id: picture.id }, content);
    if (picture.position) box.classList.add(`at-${picture.position}`);
    else for (const side of ['left', 'width', 'top', 'height'] as const) {
        const percent = picture[side];
        if (typeof percent === 'number') box.style.setProperty(side, `${percent}%`);
        else if (side === 'width' || side === 'height') box.classList.add(`any-${side}`);
    }
    return { picture, box, image };
}
