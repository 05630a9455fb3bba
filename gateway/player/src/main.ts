/* The page that runs a study. */

import './frames/index.js';
import { ApiError } from './api.js';
import { h } from './dom.js';
import { Language } from './language.js';
import { Outbox, surroundings } from './outbox.js';
import { open, placeOf, StudyTrouble, visitKey, type Place } from './session.js';
import { Stage } from './stage.js';
import { Store } from './store.js';
import { broken, notFound, openElsewhere } from './trouble.js';

/* taken while the script runs: later it is null */
const assets = new URL('.', (document.currentScript as HTMLScriptElement | null)?.src ?? document.baseURI).href;

async function main(): Promise<void> {
    const language = new Language();
    const container = document.getElementById('expContainer') ?? document.body;
    const stage = new Stage(container, language);
    const place = placeOf(location.pathname, assets);
    if (!place) {
        notFound(stage, language);
        return;
    }
    stage.page(h('p.loading', language.t('visit.loading')));
    const outbox = new Outbox(await Store.open(), surroundings(), container.dataset['viewer']);
    void navigator.storage?.persist?.().catch(() => false); /* asks the browser not to clear what waits here */
    outbox.run(true);
    showSaved(stage, outbox);
    for (const type of ['pagehide', 'visibilitychange'])
        addEventListener(type, () => {
            if (type === 'pagehide' || document.visibilityState === 'hidden') outbox.sendLast();
        });
    await alone(place, () => run(stage, language, outbox, place), () => openElsewhere(stage, language));
}

/* One visit of a child to a study is open in one tab only. */
async function alone(place: Place, run: () => Promise<void>, otherwise: () => void): Promise<void> {
    if (!navigator.locks) return run();
    await navigator.locks.request(`lookit-visit-${visitKey(place)}`, { ifAvailable: true }, async (lock) => {
        if (!lock) {
            otherwise();
            return;
        }
        await run();
        await new Promise(() => undefined); /* the lock is held until the page is gone */
    });
}

async function run(stage: Stage, language: Language, outbox: Outbox, place: Place): Promise<void> {
    try {
        const session = await open(stage, language, outbox, place);
        await session.run();
    } catch (error) {
        console.error('the study cannot start', error);
        if (error instanceof ApiError) notFound(stage, language);
        else broken(stage, language, error, error instanceof StudyTrouble ? error.study : undefined);
    }
}

function showSaved(stage: Stage, outbox: Outbox): void {
    let isAsking = false;
    const update = async (): Promise<void> => {
        if (isAsking) return;
        isAsking = true;
        await new Promise((resolve) => setTimeout(resolve, 200)); /* no flicker for saves that take a moment */
        isAsking = false;
        stage.markSaved(await outbox.status());
    };
    outbox.onchange(() => void update());
    void update();
}

void main();
