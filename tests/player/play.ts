/* A study in a real browser with a fake camera, against the double: what the tests of frame kinds have in common.
 * Screenshots go to $PLAYER_SCREENSHOTS. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Browser, Page } from 'playwright-core';

import { CHILD, Double, STUDY } from './double.js';

const here = process.env.PLAYER_TESTS ?? import.meta.dirname;
const { chromium } = createRequire(join(here, 'x.js'))('playwright-core') as typeof import('playwright-core');
const shots = process.env.PLAYER_SCREENSHOTS ?? join(tmpdir(), 'lookit-player-screenshots');
/* as strict as a page can be: no inline script, no eval, no inline style */
const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

export interface SavedFrame {
    frame: string | null;
    data: { frameType: string; frameDuration: number; eventTimings: { eventType: string; [extra: string]: unknown }[]; [name: string]: unknown };
    completed?: boolean;
    [flag: string]: unknown;
}

/** One browser and one built player for all tests of a file. */
export class Theatre {
    readonly #folder = mkdtempSync(join(tmpdir(), 'lookit-frames-'));
    readonly #browser: Browser;

    private constructor(browser: Browser) {
        this.#browser = browser;
        execFileSync(process.execPath, [join(here, '../../gateway/player/build.mjs'), join(this.#folder, 'dist')], { stdio: 'inherit' });
    }

    static async open(): Promise<Theatre> {
        return new Theatre(await chromium.launch({
            executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
            args: ['--no-sandbox', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
        }));
    }

    async close(): Promise<void> {
        await this.#browser.close();
        rmSync(this.#folder, { recursive: true });
    }

    /** Plays one study; `story` is what the family does. Fails if the page had trouble, unless the study is made for it. */
    async play(structure: object, story: (play: Play) => Promise<void>, how: { csp?: string; study?: (address: string) => object; isTrouble?: boolean; before?: (page: Page) => Promise<void> } = {}): Promise<void> {
        const double = new Double();
        double.study = { ...double.study, structure };
        const web = await double.listen(join(this.#folder, 'dist'), how.csp ?? CSP, join(here, '../../ops/demo/stimuli'));
        Object.assign(double.study, how.study?.(web.address));
        double.study['exit_url'] = `${web.address}/static/thanks`;
        const context = await this.#browser.newContext({ viewport: { width: 1280, height: 800 }, permissions: ['camera', 'microphone'] });
        const faults: string[] = [];
        const said: string[] = [];
        try {
            const page = await context.newPage();
            page.setDefaultTimeout(20_000);
            page.on('pageerror', (error) => faults.push(String(error)));
            page.on('console', (message) => {
                said.push(message.text());
                /* the parser reports a handler in researchers' HTML before it is taken out */
                if (/inline event handler/.test(message.text())) return;
                if (/Content Security Policy|No sentence named|Invalid:|may not save/.test(message.text())) faults.push(message.text());
            });
            await how.before?.(page);
            await page.goto(`${web.address}/studies/${STUDY}/${CHILD}/`);
            await story(new Play(page, double, said));
            if (!how.isTrouble) assert.deepEqual(faults, []);
        } catch (error) {
            console.log('the page said:', said.join('\n'));
            throw error;
        } finally {
            await context.close();
            web.server.closeAllConnections();
            web.server.close();
        }
    }
}

export class Play {
    constructor(readonly page: Page, readonly double: Double, /** lines of the page's console */ readonly said: readonly string[]) {}

    /** Frames saved so far, in order; a frame that was saved twice is there twice. */
    get saves(): SavedFrame[] {
        const all = [...this.double.frames.values()][0] ?? [];
        return all.map((body) => JSON.parse(body) as SavedFrame).filter((one) => one.frame !== null);
    }

    /** Waits until this frame has been saved `times` times; gives the last save. */
    async saved(frame: string, times = 1): Promise<SavedFrame> {
        let found: SavedFrame[] = [];
        for (let i = 0; i < 200; i++) {
            found = this.saves.filter((one) => one.frame === frame);
            if (found.length >= times) break;
            await new Promise((resolve) => setTimeout(resolve, 100));
        }
        assert.equal(found.length, times, `${frame} is saved ${times} times; there are ${this.saves.map((one) => one.frame).join(', ')}`);
        return found.at(-1) as SavedFrame;
    }

    /** A picture on a laptop and one on a phone. */
    async shot(name: string): Promise<void> {
        mkdirSync(shots, { recursive: true });
        await this.page.screenshot({ path: join(shots, `${name}.png`) });
        await this.page.setViewportSize({ width: 390, height: 780 });
        await this.page.screenshot({ path: join(shots, `${name}-phone.png`) });
        await this.page.setViewportSize({ width: 1280, height: 800 });
    }
}

/** Names of events without their kind, full screen left out (a browser without a screen has its own mind about it). */
export function names(saved: SavedFrame): string[] {
    return saved.data.eventTimings.map((event) => event.eventType.slice(event.eventType.indexOf(':') + 1)).filter((name) => !/Fullscreen$/.test(name));
}

/** What an event says besides its name and time. */
export function extras(saved: SavedFrame, name: string): { [extra: string]: unknown }[] {
    return saved.data.eventTimings.filter((event) => event.eventType.endsWith(`:${name}`)).map(
        ({ eventType: _1, timestamp: _2, videoId: _3, streamTime: _4, sessionVideoId: _5, sessionStreamTime: _6, ...rest }) => rest);
}

/** What a kind saved besides what every frame saves. */
export function own(saved: SavedFrame): { [name: string]: unknown } {
    const { frameType: _1, frameDuration: _2, eventTimings: _3, generatedProperties: _4, ...rest } = saved.data;
    return rest;
}
