/* The last page: all that is recorded goes out before the family is sent on, and it sees how far that is. */

import { h, show } from './dom.js';
import type { Language } from './language.js';
import type { Outbox } from './outbox.js';
import type { Stage } from './stage.js';

/** After this long the family may go on without waiting. */
const PATIENCE_MS = 20_000;

/** Resolves when nothing of the response waits, or when the family chooses to go on. */
export async function finish(stage: Stage, language: Language, outbox: Outbox, response: string): Promise<void> {
    const t = (key: string, values = {}): string => language.t(`visit.${key}`, values);
    const left = h('p.finish-left', t('finish-answers'));
    const bar = h('div.progress-fill');
    const slow = h('div.finish-slow', h('p', t('finish-slow')),
        h('button.btn.btn-outline-secondary', { type: 'button', id: 'finish-go-on' }, t('finish-go-on')));
    show(slow, false);
    stage.page(h('h1', t('finish-title')), h('p.lead', t('finish-sending')), h('div.progress-bar-line', bar), left, slow);

    const before = Math.max(1, (await outbox.status()).bytes);
    const update = async (): Promise<void> => {
        const { bytes } = await outbox.status();
        bar.style.width = `${Math.round(100 * (1 - Math.min(1, bytes / before)))}%`;
        left.textContent = bytes > 0 ? t('finish-left', { size: (bytes / 1_000_000).toFixed(1) }) : t('finish-answers');
    };
    const stop = outbox.onchange(() => void update());
    const timer = setTimeout(() => show(slow, true), PATIENCE_MS);
    const chosen = new Promise<void>((resolve) => slow.querySelector('button')?.addEventListener('click', () => resolve()));
    void update();
    outbox.tryNow();
    await Promise.race([outbox.emptied(response), chosen]);
    stop();
    clearTimeout(timer);
    left.textContent = t('finish-done');
}
