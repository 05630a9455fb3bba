/* A family in a real browser with a fake camera: consent is recorded, the network is cut, the page is loaded again, the tab is
 * closed. Every second of video and every answer must arrive, once and in order. Screenshots go to $PLAYER_SCREENSHOTS. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import type { Browser, BrowserContext, Page } from 'playwright-core';

import { CHILD, Double, STUDY, type Asked, type StoredUpload } from './double.js';

const here = process.env.PLAYER_TESTS ?? import.meta.dirname;
const { chromium } = createRequire(join(here, 'x.js'))('playwright-core') as typeof import('playwright-core');
const shots = process.env.PLAYER_SCREENSHOTS ?? join(tmpdir(), 'lookit-player-screenshots');
/* as strict as a page can be: no inline script, no eval, no inline style */
const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const block = (text: string) => ({ kind: 'exp-lookit-text', blocks: [{ title: text, text: 'A <b>few</b> words.', listblocks: [{ text: 'one' }, { text: 'two' }] }] });
const structure = {
    frames: {
        hello: block('Hello'),
        config: { kind: 'exp-video-config' },
        consent: {
            kind: 'exp-lookit-video-consent', template: 'consent_005', PIName: 'Dr. Ada', institution: 'Lab of Ducks', PIContact: 'ada@lab.example',
            purpose: 'We want to know what babies think of ducks.', procedures: 'Your baby looks at ducks.', payment: 'A sticker.', maxUploadSeconds: 1,
        },
        begin: { kind: 'exp-lookit-start-recording' },
        play: block('Play'),
        end: { kind: 'exp-lookit-stop-recording' },
        bye: block('Goodbye'),
    },
    sequence: ['hello', 'config', 'consent', 'play', 'begin', 'play', 'end', 'bye'],
};

/** Everything that only the outbox sends. */
const isOutbox = ({ path, method }: Asked): boolean => path.startsWith('/player/') || path.startsWith('/uploads/') || method === 'PATCH';

async function shot(page: Page, name: string): Promise<void> {
    mkdirSync(shots, { recursive: true });
    await page.screenshot({ path: join(shots, `${name}.png`) });
    await page.setViewportSize({ width: 390, height: 780 });
    await page.screenshot({ path: join(shots, `${name}-phone.png`) });
    await page.setViewportSize({ width: 1280, height: 800 });
}

async function open(browser: Browser, faults: string[]): Promise<{ context: BrowserContext; tab: () => Promise<Page> }> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, permissions: ['camera', 'microphone'] });
    return {
        context,
        tab: async () => {
            const page = await context.newPage();
            page.on('dialog', (dialog) => void dialog.accept());
            page.on('pageerror', (error) => faults.push(String(error)));
            page.on('console', (message) => { if (/Content Security Policy|No sentence named|Invalid:/.test(message.text())) faults.push(message.text()); });
            return page;
        },
    };
}

async function eventually(what: string, isSo: () => boolean): Promise<void> {
    for (let i = 0; i < 300 && !isSo(); i++) await new Promise((resolve) => setTimeout(resolve, 100));
    assert.ok(isSo(), what);
}

/** What ffprobe says of the file: its streams, and that every packet can be decoded. */
function probe(upload: StoredUpload, folder: string): string[] {
    const file = join(folder, `${upload.id}.webm`);
    writeFileSync(file, upload.bytes);
    const decoded = spawnSync('ffmpeg', ['-v', 'error', '-i', file, '-f', 'null', '-'], { encoding: 'utf8' });
    assert.equal(decoded.status, 0, decoded.stderr);
    return execFileSync('ffprobe', ['-v', 'error', '-show_entries', 'stream=codec_type', '-of', 'csv=p=0', file], { encoding: 'utf8' }).trim().split('\n').sort();
}

test('a family that loses the network, reloads and closes the tab loses nothing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lookit-story-'));
    execFileSync(process.execPath, [join(here, '../../gateway/player/build.mjs'), join(folder, 'dist')], { stdio: 'inherit' });
    const server = new Double();
    server.study = { ...server.study, structure };
    const web = await server.listen(join(folder, 'dist'), CSP);
    server.study['exit_url'] = `${web.address}/static/thanks?lang=en`;
    const browser = await chromium.launch({
        executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
        args: ['--no-sandbox', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
    });
    const faults: string[] = [];
    try {
        const { context, tab } = await open(browser, faults);
        let page = await tab();
        await page.goto(`${web.address}/studies/${STUDY}/${CHILD}/`);
        await page.waitForSelector('text=Hello');
        await shot(page, '1-text');
        await page.click('#nextbutton');

        await page.waitForSelector('#nextbutton:not([disabled])');
        await page.click('#nextbutton');
        await page.waitForSelector('text=Please press the button once.');
        await shot(page, '2-camera-warning');
        await page.click('#reloadCheckButton');
        await page.waitForFunction(() => document.querySelectorAll('.step.is-done').length === 3);
        await shot(page, '3-camera');
        await page.click('#nextbutton');

        await page.click('#submitbutton');
        await page.waitForSelector('#consent-warning:visible');
        await page.click('#recordbutton');
        await eventually('the first second arrives while recording', () => [...server.uploads.values()].some((one) => one.bytes.length > 0));
        server.trouble = (asked) => (isOutbox(asked) ? 'cut' : undefined);
        await page.waitForSelector('#stopbutton:not([disabled])');
        await page.waitForTimeout(2500); /* what is recorded now has nowhere to go */
        await shot(page, '4-consent-recording');
        await page.click('#stopbutton');
        await page.waitForSelector('#playbutton:not([disabled])');
        await page.click('#playbutton');
        await shot(page, '5-consent-played');
        await page.click('#submitbutton');
        await page.waitForSelector('text=Play');
        await page.waitForSelector('#saved-mark.bad');
        await shot(page, '6-offline');

        /* a page that is closed may not get its last transaction through: here it certainly does not */
        await page.evaluate(() => { IDBObjectStore.prototype.put = () => { throw new DOMException('closing', 'AbortError'); }; });
        await page.reload();
        await page.waitForSelector('#resume-continue');
        await shot(page, '7-welcome-back');
        await page.click('#resume-continue');
        await page.waitForSelector('text=Play');
        assert.equal(server.responses.length, 1, 'going on makes no new response');
        server.trouble = () => undefined;
        await eventually('the consent video arrives', () => [...server.uploads.values()].some((one) => one.length !== null));
        await page.waitForSelector('#saved-mark.good');

        await page.click('#nextbutton');
        await page.waitForSelector('text=Play');
        await eventually('the session recording begins', () => server.uploads.size === 2);
        server.trouble = (asked) => (asked.method === 'PATCH' ? { status: 503, headers: { 'Retry-After': '0' } } : undefined);
        await page.waitForTimeout(2500);
        await page.close({ runBeforeUnload: false }); /* as if the browser had died */
        page = await tab();
        server.trouble = () => undefined;
        await page.goto(`${web.address}/`);
        await page.waitForSelector('#outbox-notice');
        await shot(page, '8-notice-elsewhere');
        await eventually('another page of ours sends the rest', () => [...server.uploads.values()].every((one) => one.length === one.bytes.length));

        await page.goto(`${web.address}/studies/${STUDY}/${CHILD}/`);
        await page.click('#resume-continue');
        await page.waitForSelector('text=Play');
        await page.keyboard.press('F1');
        await page.waitForSelector('.exit-dialog');
        await shot(page, '9-leave');
        await page.click('#exit-continue');
        await page.click('#nextbutton'); /* the session recording was lost with the tab: "end" goes on at once */
        await page.waitForSelector('text=Goodbye');
        let isSlow = true;
        server.trouble = (asked) => (isSlow && isOutbox(asked) ? 'cut' : undefined);
        await page.click('#nextbutton');
        await page.waitForSelector('text=Almost done!');
        await shot(page, '10-almost-done');
        isSlow = false;
        await page.waitForURL(/thanks/);
        assert.equal(new URL(page.url()).search, `?lang=en&child=QRSTUV&response=${server.responses[0]?.id}`);

        check(server, folder);
        assert.deepEqual(await leftovers(page), { items: 0, uploads: 0, chunks: 0, visits: 0 });
        await context.close();
        assert.deepEqual(faults, []);
    } finally {
        await browser.close();
        web.server.closeAllConnections();
        web.server.close();
        rmSync(folder, { recursive: true });
    }
});

interface Saved {
    frame: string | null;
    data?: { frameType: string; eventTimings: { eventType: string; timestamp: string; videoId?: string }[]; [name: string]: unknown };
    global_event_timings?: { exitType: string }[];
    [name: string]: unknown;
}

function check(server: Double, folder: string): void {
    assert.equal(server.frames.size, 1);
    const saved = [...server.frames.values()][0]?.map((body) => JSON.parse(body) as Saved) ?? [];
    const frames = saved.filter((one) => one.frame !== null);
    assert.deepEqual(frames.map((one) => one.frame), ['0-hello', '1-config', '2-consent', '3-play', '4-begin', '5-play', '6-end', '7-bye']);
    assert.deepEqual(saved[0], { frame: null, conditions: {}, global_event_timings: [], recording_method: 'recordrtc' });
    assert.ok(saved.some((one) => one.global_event_timings?.at(-1)?.exitType === 'browserNavigationAttempt'), 'the reload was noted');
    const consent = frames[2];
    assert.equal(consent?.['completed_consent_frame'], true);
    assert.equal(consent.data?.frameType, 'CONSENT');
    assert.match(String(consent.data?.['consentFormText']), /Lab of Ducks/);
    const names = consent.data?.eventTimings.map((event) => event.eventType.replace('exp-lookit-video-consent:', ''));
    assert.deepEqual(names, ['setupVideoRecorder', 'recorder.hasCamAccess', 'recorderReady', 'videoStreamConnection', 'startRecording', 'stoppingCapture', 'recordingUploadTimedout', 'nextFrame']);
    assert.ok(consent.data?.eventTimings.every((event) => event.videoId === consent.data?.['videoId'] && /^\d{4}-.*Z$/.test(event.timestamp)));

    const uploads = [...server.uploads.values()];
    assert.equal(uploads.length, 2);
    const prefix = [`consent-videoStream_${STUDY}_2-consent_`, `videoStream_${STUDY}_4-begin-multiframe_`];
    uploads.forEach((upload, i) => {
        assert.ok(upload.metadata['filename']?.startsWith(prefix[i] ?? '-') && upload.metadata['filename'].endsWith('.webm'));
        assert.equal(upload.length, upload.bytes.length);
        assert.deepEqual(probe(upload, folder), ['audio', 'video']);
    });
    assert.equal(`${String(consent.data?.['videoId'])}.webm`, uploads[0]?.metadata['filename']);
}

/** What is still stored in the browser. */
function leftovers(page: Page): Promise<{ [table: string]: number }> {
    return page.evaluate(() => new Promise<{ [table: string]: number }>((resolve, reject) => {
        const request = indexedDB.open('lookit');
        request.onerror = () => reject(request.error);
        request.onsuccess = () => {
            const tables = ['items', 'uploads', 'chunks', 'visits'];
            const counts: { [table: string]: number } = {};
            const transaction = request.result.transaction(tables);
            for (const table of tables) {
                const count = transaction.objectStore(table).count();
                count.onsuccess = () => { counts[table] = count.result; };
            }
            transaction.oncomplete = () => resolve(counts);
        };
    }));
}
