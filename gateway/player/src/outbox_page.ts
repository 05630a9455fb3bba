/* For every page of ours that does not run a study: sends what an earlier visit left on this device, with a small notice.
 * A device without leftovers sees and stores nothing. */

import { h, setStyle } from './dom.js';
import { Outbox, surroundings, type Status } from './outbox.js';
import { Store } from './store.js';

/* taken while the script runs: later it is null */
const viewer = (document.currentScript as HTMLScriptElement | null)?.dataset['viewer'];

const SENTENCES = {
    sending: 'Sending your recording',
    done: 'Your recording has arrived. Thank you!',
    offline: 'Part of your recording is still on this device. It will be sent as soon as there is a connection.',
    busy: 'Part of your recording is still on this device. We keep trying to send it.',
    full: 'Part of your recording is still on this device. It will be sent when our server has room again.',
    signin: 'Part of your recording is still on this device. Please sign in with the account you used for the study.',
    refused: 'Part of your recording could not be handed over. It is kept on this device; please contact the researchers.',
};

async function main(): Promise<void> {
    if (!globalThis.indexedDB || document.getElementById('experiment-player')) return;
    const known = await indexedDB.databases?.().catch(() => null);
    if (known && !known.some((one) => one.name === 'lookit')) return;
    const outbox = new Outbox(await Store.open(), surroundings(), viewer);
    if ((await outbox.status()).items === 0) {
        outbox.stop();
        return;
    }
    const notice = h('div', { id: 'outbox-notice', role: 'status' });
    setStyle(notice, {
        position: 'fixed', right: '1rem', bottom: '1rem', 'z-index': '1000', 'max-width': '22rem', padding: '.7rem 1.1rem',
        'border-radius': '10px', background: '#23323f', color: '#fff', font: '15px/1.4 system-ui, sans-serif',
        'box-shadow': '0 6px 24px rgba(20, 40, 60, .25)',
    });
    document.body.append(notice);
    watch(outbox, notice);
    outbox.run(false);
}

function watch(outbox: Outbox, notice: HTMLElement): void {
    let most = 0;
    let isAsking = false;
    const update = async (): Promise<void> => {
        if (isAsking) return;
        isAsking = true;
        const status = await outbox.status();
        isAsking = false;
        most = Math.max(most, status.items);
        notice.textContent = sentence(status, most);
        if (status.items > 0) return;
        stop();
        outbox.stop();
        setTimeout(() => notice.remove(), 6000);
    };
    const stop = outbox.onchange(() => void update());
    void update();
}

function sentence(status: Status, most: number): string {
    if (status.items === 0) return SENTENCES.done;
    if (status.problem) return SENTENCES[status.problem];
    return `${SENTENCES.sending} … ${most - status.items + 1} of ${most}`;
}

void main();
