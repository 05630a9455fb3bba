/* Researchers' functions in a real browser, under the policies that the gateway sends: they work, they reach nothing of the
 * family's, and when they do not end they are ended. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { policy } from './double.js';
import { names, Theatre } from './play.js';

let theatre: Theatre;
before(async () => {
    theatre = await Theatre.open();
});
after(() => theatre.close());

const csp = policy('STAGE');
const page = (title: string, more = {}): object => ({ kind: 'exp-lookit-text', blocks: [{ title }], ...more });
const study = (frame: object): object => ({ frames: { one: frame, bye: page('Goodbye') }, sequence: ['one', 'bye'] });

test('the page that runs a study has no eval, and only the sandbox has it', () => {
    assert.match(csp, /script-src 'self';/);
    assert.doesNotMatch(csp, /unsafe-eval|script-src[^;]*unsafe/);
    assert.match(policy('SANDBOX'), /^default-src 'none'; .*'unsafe-eval'.*sandbox allow-scripts$/);
});

test('a generated study runs, looks at the child, at what was said, and changes its own way', async () => {
    const generator = `function generateProtocol(child, pastSessions) {
        console.log('made for', child.get('givenName'), { sessions: pastSessions.length });
        var page = function (title) { return { kind: 'exp-lookit-text', blocks: [{ title: title }] }; };
        var base = { kind: 'exp-lookit-text', selectNextFrame:
            "function (frames, frameIndex, frameData, expData, sequence, child, pastSessions) {" +
            "    frames.splice(frameIndex + 1, 0, { kind: 'exp-lookit-text', id: 'added', blocks: [{ title: 'Added for ' + child.get('givenName') }] });" +
            "    frames[frameIndex + 2].blocks[0].title += ', again';" +
            "    return frameIndex + 1; }" };
        var first = $.extend(true, {}, base, page('Hello ' + child.get('birthday').toISOString().slice(0, 10)));
        var second = page('never'); second.generateProperties =
            "function (expData, sequence, child, pastSessions, conditions) {" +
            "    return { blocks: [{ title: 'After ' + sequence.join() + ' ' + pastSessions[0].get('sequence').length + this.blocks }], score: 10, id: 'chosen' }; }";
        return { frames: { first: first, bye: page('Goodbye'), second: second }, sequence: ['first', 'bye', 'second'] };
    }`;
    await theatre.play({}, async (play) => {
        await play.page.waitForSelector('text=Hello 2024-02-01');
        await play.page.click('#nextbutton');
        await play.page.waitForSelector('text=Added for Mia');
        await play.page.click('#nextbutton');
        await play.page.waitForSelector('text=Goodbye, again');
        await play.page.click('#nextbutton');
        await play.page.waitForSelector('text=After 0-first,added,1-bye 3');
        const sandbox = play.page.locator('iframe');
        assert.deepEqual([await sandbox.count(), await sandbox.getAttribute('sandbox'), await sandbox.isVisible()], [1, 'allow-scripts', false]);
        await play.page.click('#nextbutton');
        const saved = await play.saved('chosen');
        assert.deepEqual((saved.data['generatedProperties'] as { score: number }).score, 10);
        assert.deepEqual(play.saves.map((one) => one.frame), ['0-first', 'added', '1-bye', 'chosen']);
        assert.deepEqual(names(await play.saved('0-first')), ['nextFrame']);
        assert.ok(play.said.includes('generator: made for Mia {"sessions":1}'), play.said.join('\n'));
    }, { csp, study: () => ({ generator, use_generator: true }) });
});

test('a function finds no page, no cookie, no storage, no network', async () => {
    const generateProperties = `function () {
        var tried = {}, attempt = function (name, action) {
            try { var got = action(); tried[name] = got === undefined ? 'nothing' : String(got); } catch (error) { tried[name] = 'no: ' + error.name; }
        };
        attempt('document', function () { return typeof document; });
        attempt('parent', function () { return typeof parent + typeof top + typeof opener; });
        attempt('cookie', function () { return document.cookie; });
        attempt('storage', function () { return localStorage.length + sessionStorage.length; });
        attempt('database', function () { return typeof indexedDB.open('lookit'); });
        attempt('caches', function () { return typeof caches; });
        attempt('origin', function () { return self.origin; });
        attempt('peers', function () { return typeof RTCPeerConnection; });
        attempt('request', function () { var r = new XMLHttpRequest(); r.open('GET', ORIGIN + '/stolen/xhr', false); r.send(); return r.status; });
        attempt('script', function () { importScripts(ORIGIN + '/stolen/script'); return 'loaded'; });
        attempt('fetch', function () { fetch(ORIGIN + '/stolen/fetch', { credentials: 'include' }).catch(function () {}); });
        attempt('socket', function () { new WebSocket(ORIGIN.replace('http', 'ws') + '/stolen/socket'); });
        attempt('worker', function () { new Worker(ORIGIN + '/stolen/worker'); });
        attempt('module', function () { import(ORIGIN + '/stolen/module').catch(function () {}); });
        return { tried: tried };
    }`;
    await theatre.play({}, async (play) => {
        await play.page.waitForSelector('text=One');
        /* and the page around the worker, if somebody got that far */
        const frame = play.page.frames().find((one) => one.url().endsWith('/sandbox.html'));
        assert.ok(frame);
        const around = await frame.evaluate(async (origin) => {
            const no = (error: unknown): string => (error instanceof Error || error instanceof DOMException ? error.name : 'no');
            const attempt = async (action: () => unknown): Promise<unknown> => {
                try {
                    return await action();
                } catch (error) {
                    return no(error);
                }
            };
            const picture = new Image();
            picture.src = `${origin}/stolen/picture`;
            const form = Object.assign(document.createElement('form'), { action: `${origin}/stolen/form`, method: 'post' });
            document.documentElement.append(form);
            form.submit();
            return {
                origin: self.origin,
                parent: await attempt(() => parent.document.title),
                place: await attempt(() => parent.location.href),
                cookie: await attempt(() => document.cookie),
                storage: await attempt(() => localStorage.length),
                fetch: await attempt(async () => (await fetch(`${origin}/stolen/fetch`)).status),
                camera: await attempt(() => navigator.mediaDevices.getUserMedia({ video: true })),
                up: await attempt(() => { (top as Window).location.href = `${origin}/stolen/top`; }),
            };
        }, new URL(play.page.url()).origin);
        assert.deepEqual(around, {
            origin: 'null', parent: 'SecurityError', place: 'SecurityError', cookie: 'SecurityError', storage: 'SecurityError', fetch: 'TypeError',
            camera: 'SecurityError', up: 'SecurityError',
        });
        await play.page.click('#nextbutton');
        const { tried } = (await play.saved('0-one')).data['generatedProperties'] as { tried: { [name: string]: string } };
        assert.deepEqual({ ...tried, database: null, caches: null, fetch: null, socket: null, worker: null }, {
            document: 'undefined', parent: 'undefinedundefinedundefined', cookie: 'no: ReferenceError', storage: 'no: ReferenceError', database: null, caches: null,
            origin: 'null', peers: 'undefined', request: 'no: NetworkError', script: 'no: NetworkError', fetch: null, socket: null, worker: null, module: 'nothing',
        });
        assert.match(tried['database'] ?? '', /SecurityError/);
        assert.deepEqual(play.double.asked.map((one) => one.path).filter((path) => path.includes('stolen')), []);
    }, {
        csp, isTrouble: true, /* the browser says aloud what it does not allow */
        study: (address) => ({ structure: study(page('One', { generateProperties: generateProperties.replaceAll('ORIGIN', JSON.stringify(address)) })) }),
    });
});

test('a generateProperties that does not end is ended and said', async () => {
    await theatre.play(study(page('One', { generateProperties: 'function () { console.warn("going round"); while (true); }' })), async (play) => {
        await play.page.waitForFunction(() => document.querySelector('iframe'));
        assert.equal(await play.page.evaluate(() => 1 + 1), 2, 'the page goes on meanwhile');
        await play.page.waitForSelector('text=This is not your fault.');
        assert.match(await play.page.locator('details pre').textContent() ?? '', /"generateProperties" was stopped: it did not end within 5 seconds/);
        assert.equal(await play.page.locator('iframe').count(), 0);
        assert.ok(play.said.includes('generateProperties: going round'));
        assert.ok(play.said.some((line) => /^0-one: this frame cannot be shown .*was stopped/.test(line)), play.said.join('\n'));
        await play.shot('function-without-end');
    }, { csp });
});

test('a selectNextFrame that does not end keeps the frame; the next try has a new sandbox', async () => {
    const selectNextFrame = `function (frames, frameIndex, frameData) {
        var tries = frameData.eventTimings.filter(function (e) { return /:nextFrame$/.test(e.eventType); }).length;
        while (tries < 2);
        return -1; }`;
    await theatre.play(study(page('One', { selectNextFrame })), async (play) => {
        await play.page.click('#nextbutton');
        await play.page.waitForSelector('text=Something in this study did not work just now.');
        await play.page.waitForSelector('text=One');
        assert.ok(play.said.some((line) => /^0-one: cannot go on .*was stopped/.test(line)), play.said.join('\n'));
        await play.page.click('#nextbutton');
        await play.page.waitForSelector('text=Goodbye');
        assert.deepEqual(names(await play.saved('0-one')), ['nextFrame', 'nextFrame']);
    }, { csp });
});

test('a family that leaves while a function runs goes to the last page and stays there', async () => {
    const selectNextFrame = 'function () { while (true); }';
    await theatre.play({ frames: { one: page('One', { selectNextFrame }), two: page('Two'), bye: page('Goodbye') }, sequence: ['one', 'two', 'bye'] }, async (play) => {
        await play.page.click('#nextbutton');
        await play.page.keyboard.press('F1');
        await play.page.click('#exit-leave');
        await play.page.waitForSelector('text=Goodbye');
        await play.page.waitForFunction(() => !document.querySelector('iframe')); /* the function has been ended */
        assert.equal(await play.page.locator('text=Goodbye').count(), 1);
        assert.equal(await play.page.locator('text=did not work').count(), 0);
        assert.deepEqual(play.saves, []);
    }, { csp });
});

test('a function that forges its answer is refused', async () => {
    /* answers the question after its own */
    const forge = (outcome: string): string => `function () {
        var send = MessagePort.prototype.postMessage, cycle = {}; cycle.cycle = cycle;
        MessagePort.prototype.postMessage = function (m) { for (var i = 0; i < 3; i++) send.call(this, { number: m.number, outcome: ${outcome} }); };
        return {}; }`;
    const forgeries: [string, RegExp][] = [
        ['{ result: cycle }', /contains itself/],
        ['{ result: { a: new Map() } }', /a is a Map/],
        ['{ result: new Array(4294967295) }', /more than/],
        ['JSON.parse(\'{"result":{"__proto__":{"polluted":1}}}\')', /__proto__/],
        ['null', /no outcome/],
    ];
    for (const [outcome, why] of forgeries)
        await theatre.play(study(page('One', { generateProperties: forge(outcome), selectNextFrame: '() => -1' })), async (play) => {
            await play.page.waitForSelector('details pre', { state: 'attached' });
            assert.match(await play.page.locator('details pre').textContent() ?? '', why);
            assert.equal(await play.page.evaluate(() => ({} as { polluted?: number }).polluted), undefined);
        }, { csp });
});

test('a sandbox that does not come is trouble that the family can end by trying again', async () => {
    let isCut = true;
    await theatre.play(study(page('One', { generateProperties: '() => ({ blocks: [{ title: "Two" }] })' })), async (play) => {
        await play.page.waitForSelector('text=This is not your fault.');
        assert.match(await play.page.locator('details pre').textContent() ?? '', /"generateProperties" could not run/);
        isCut = false;
        await play.page.click('text=Try again');
        await play.page.click('#resume-continue');
        await play.page.waitForSelector('text=Two');
    }, { csp, before: async (at) => void await at.route('**/sandbox.html', (route) => (isCut ? route.abort() : route.continue())) });
});

test('a study without functions has no sandbox', async () => {
    await theatre.play(study(page('One')), async (play) => {
        await play.page.waitForSelector('text=One');
        assert.equal(await play.page.locator('iframe').count(), 0);
    }, { csp });
});
