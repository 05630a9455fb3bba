/* Pieces that several kinds show. */

import { append, h, type Child } from './dom.js';
import type { CommonParams, FrameContext } from './frame.js';

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
