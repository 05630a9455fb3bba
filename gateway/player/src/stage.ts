/* Everything of the page that is not a frame: the place where frames stand, covers over them, the exit question, short
 * messages, the mark "saved / not saved yet", and the pages before the first and after the last frame. All of it lies in
 * #experiment-player, because in full screen nothing else can be seen. */

import { append, h, show, type Child } from './dom.js';
import { PageFullscreen } from './fullscreen.js';
import type { MediaSource } from './frame.js';
import type { Language } from './language.js';
import type { Status } from './outbox.js';
import { colour, format, media, textColourOn } from './text.js';

export interface CoverOptions {
    text: Child;
    background?: string;
    image?: string;
    video?: readonly MediaSource[];
    /** buttons and the like below the text; such a cover lies over "return to full screen" */
    below?: Child;
}

export class Stage {
    readonly element: HTMLElement;
    readonly fullscreen: PageFullscreen;
    readonly #language: Language;
    readonly #frame = h('main.frame', { id: 'frame' });
    readonly #covers = h('div.covers');
    readonly #return: HTMLButtonElement;
    readonly #toasts = h('div.toasts', { role: 'status', 'aria-live': 'polite' });
    readonly #saved = h('div.saved-mark', { role: 'status', 'aria-live': 'polite', id: 'saved-mark' });
    #dialog: HTMLElement | null = null;

    constructor(container: HTMLElement, language: Language) {
        this.#language = language;
        this.element = container.querySelector<HTMLElement>('#experiment-player') ?? h('div', { id: 'experiment-player' });
        if (!this.element.isConnected) append(container, this.element);
        this.element.classList.add('player');
        this.fullscreen = new PageFullscreen(this.element);
        this.#return = h('button.return-to-fullscreen', { type: 'button', id: 'return-to-fullscreen' });
        this.#return.addEventListener('click', () => void this.fullscreen.request());
        show(this.#return, false);
        this.element.replaceChildren(this.#frame, this.#covers, this.#return, this.#toasts, this.#saved);
        this.fullscreen.onchange(() => this.element.classList.toggle('in-fullscreen', this.fullscreen.isOn));
    }

    /** An empty place for the next frame. */
    blank(): HTMLElement {
        const root = h('section.frame-root');
        this.#frame.replaceChildren(root);
        this.#covers.replaceChildren();
        this.element.className = this.fullscreen.isOn ? 'player in-fullscreen' : 'player';
        this.offerFullscreen(false);
        this.#frame.scrollTop = 0;
        globalThis.scrollTo?.(0, 0);
        return root;
    }

    /** A page of the player's own, for example "Continue where you were". */
    page(...content: Child[]): void {
        const root = this.blank();
        root.classList.add('page', 'page-own');
        append(root, h('div.page-content', content));
    }

    /** Covers the frame until the returned function is called. The newest cover is on top. */
    cover(options: CoverOptions): () => void {
        const background = colour(options.background, 'white', 'cover');
        const text = h('div.cover-text', typeof options.text === 'string' ? format(options.text) : options.text);
        const cover = h(options.below ? 'div.cover.cover-asking' : 'div.cover', { style: { background, color: textColourOn(background) } });
        if (options.image) append(cover, h('img.cover-media', { src: options.image, alt: '' }));
        if (options.video?.length) {
            const video = media('video', options.video, { loop: true, autoplay: true, class: 'cover-media' });
            video.muted = true;
            append(cover, video);
        }
        append(cover, [text, options.below]);
        append(this.#covers, cover);
        return () => cover.remove();
    }

    offerFullscreen(offered: boolean): void {
        this.#return.textContent = this.#language.t('return to fullscreen');
        show(this.#return, offered);
    }

    /** The question whether to leave; the study goes on behind it. Asked once at a time. */
    askExit(onexit: () => void): void {
        if (this.#dialog) return;
        const { t } = { t: (key: string) => this.#language.t(key) };
        const close = (): void => {
            this.#dialog?.remove();
            this.#dialog = null;
        };
        const stay = h('button.btn.btn-primary', { type: 'button', id: 'exit-continue', onclick: close }, t('Continue'));
        const leave = h('button.btn.btn-outline-secondary', {
            type: 'button', id: 'exit-leave',
            onclick: () => {
                close();
                onexit();
            },
        }, t('Exit'));
        this.#dialog = h('div.exit-dialog', { role: 'alertdialog', 'aria-labelledby': 'exit-title' },
            h('h2', { id: 'exit-title' }, t('Really exit study')), h('p', t('exit-explanation')), h('div.buttons', stay, leave));
        append(this.element, this.#dialog);
        stay.focus();
    }

    say(sentence: string): void {
        const toast = h('div.toast-note', sentence);
        append(this.#toasts, toast);
        while (this.#toasts.childElementCount > 3) this.#toasts.firstElementChild?.remove();
        setTimeout(() => toast.remove(), 8000);
    }

    /** The mark at the foot: saved, saving, or why not. */
    markSaved(status: Status): void {
        const { key, tone } = savedWord(status);
        this.#saved.className = `saved-mark ${tone}`;
        this.#saved.textContent = this.#language.t(`saving.${key}`);
        if (key === 'signin')
            append(this.#saved, [' ', h('a', { href: '/login/', target: '_blank', rel: 'noopener' }, this.#language.t('saving.signin-link'))]);
    }
}

function savedWord(status: Status): { key: string; tone: string } {
    if (status.isFragile && status.items > 0) return { key: 'fragile', tone: 'bad' };
    if (status.items === 0) return { key: 'saved', tone: 'good' };
    if (status.problem === null) return { key: 'saving', tone: 'busy' };
    return { key: status.problem, tone: status.problem === 'busy' ? 'busy' : 'bad' };
}
