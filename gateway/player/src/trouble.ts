/* Pages for when a study cannot be shown. */

import { h } from './dom.js';
import type { StudyRecord } from './frame.js';
import type { Language } from './language.js';
import type { Stage } from './stage.js';

export function notFound(stage: Stage, language: Language): void {
    const t = (key: string): string => language.t(`visit.${key}`);
    stage.page(h('h1', t('not-found-title')), h('p.lead', t('not-found')),
        h('div.buttons', again(t), h('a.btn.btn-outline-secondary.btn-lg', { href: '/' }, t('home'))));
}

export function openElsewhere(stage: Stage, language: Language): void {
    const t = (key: string): string => language.t(`visit.${key}`);
    stage.page(h('h1', t('open-elsewhere-title')), h('p.lead', t('open-elsewhere')), h('div.buttons', again(t)));
}

/** The protocol cannot be shown: for families whom to tell, for researchers the reason. */
export function broken(stage: Stage, language: Language, error: unknown, study?: StudyRecord): void {
    const t = (key: string): string => language.t(`visit.${key}`);
    stage.page(h('div', { id: 'application-parse-error-text' },
        h('h1', t('broken-title')), study && h('p', h('strong', study.name)), h('p.lead', t('broken-family')),
        study?.contact_info && h('p', study.contact_info),
        h('div.buttons', again(t)),
        h('details', h('summary', t('broken-researcher')), h('pre', error instanceof Error ? error.message : String(error)))));
}

function again(t: (key: string) => string): HTMLElement {
    return h('button.btn.btn-primary.btn-lg', { type: 'button', onclick: () => location.reload() }, t('try-again'));
}
