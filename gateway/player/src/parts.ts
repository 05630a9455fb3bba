/* Pieces that several kinds show. */

import { append, h, show, type Child } from './dom.js';
import type { CommonParams, FrameContext, FrameRecorder, MediaSource } from './frame.js';
import { colour, media, textColourOn } from './text.js';

export interface Navigation {
    readonly bar: HTMLElement;
    readonly next: HTMLButtonElement;
    readonly previous: HTMLButtonElement | null;
}

/** Previous (if wanted) and Next at the foot of a page. `onNext` replaces the plain "next"; it may refuse to go on. */
export function navigation<P extends CommonParams>(
    frame: FrameContext<P>, options: { previous?: boolean; next?: Child; onNext?: () => void } = {}
): Navigation {
    const next = h('button.btn.btn-primary.btn-lg', { type: 'button', id: 'nextbutton' }, options.next ?? frame.language.t('Next'));
    frame.listen(next, 'click', options.onNext ?? (() => void frame.next()));
    let previous: HTMLButtonElement | null = null;
    if (options.previous) {
        previous = h('button.btn.btn-outline-secondary.btn-lg', { type: 'button', id: 'previousbutton' }, frame.language.t('Previous'));
        frame.listen(previous, 'click', () => void frame.previous());
    }
    const bar = h('nav.frame-navigation', previous, next);
    return { bar, next, previous };
}

/** A page in the middle of the window: content in a readable column, navigation below. */
export function page(root: HTMLElement, content: Child, bar: HTMLElement): void {
    root.classList.add('page');
    append(root, [h('div.page-content', content), bar]);
}

/** The live picture, mirrored, with a sentence in its place while there is none. */
export function camera<P extends CommonParams>(frame: FrameContext<P>, recorder: FrameRecorder, missing: string): HTMLElement {
    const video = h('video.mirror', { 'aria-label': frame.language.t('your camera') });
    const note = h('div.camera-note');
    recorder.show(video);
    const update = (): void => {
        note.textContent = recorder.state === 'denied' ? missing : frame.language.t('please wait');
        show(note, !recorder.hasCamera);
    };
    recorder.onchange(update);
    update();
    return h('div.camera', { id: 'recorder' }, video, note);
}

/** Picture or film in the middle of an empty screen with a line of text, for frames that wait. */
export function placeholder(root: HTMLElement, options: {
    background: string; image: string; animation: string; video: readonly MediaSource[]; text: Child; below?: Child;
}): void {
    const background = colour(options.background, 'white', 'backgroundColor');
    const place = h('div.placeholder', { style: { background, color: textColourOn(background) } });
    if (options.video.length) {
        const film = media('video', options.video, { loop: true, autoplay: true, class: 'placeholder-media' });
        film.muted = true;
        append(place, film);
    } else if (options.image) {
        const moving = ['spin', 'bounce'].includes(options.animation) ? `.animate-${options.animation}` : '';
        append(place, h(`img.placeholder-media${moving}`, { src: options.image, alt: '' }));
    }
    append(place, [options.text, options.below]);
    append(root, place);
}
