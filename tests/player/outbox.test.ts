/* The outbox against a server that behaves badly: nothing is lost, nothing comes twice, everything comes in order. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { IDBFactory, IDBKeyRange, IDBObjectStore } from 'fake-indexeddb';

import { AGE_MAX_MS, Outbox, surroundings, type Surroundings } from '../../gateway/player/src/outbox.js';
import { Store } from '../../gateway/player/src/store.js';
import { Double, type Asked } from './double.js';

Object.assign(globalThis, { IDBKeyRange });
const R = 'response-1';

function world(server: Double, changes: Partial<Surroundings> = {}): Surroundings {
    return {
        send: server.send as Surroundings['send'], now: () => performance.timeOrigin + performance.now() * 1000, random: Math.random, locks: undefined, channel: null,
        framesAt: (response, number) => `/player/v1/responses/${response}/frames/${number}/`, uploadsAt: 'http://test/uploads/', ...changes,
    };
}

async function outboxOver(factory: IDBFactory | undefined, server: Double): Promise<Outbox> {
    return new Outbox(await Store.open('lookit', factory), world(server));
}

const bodies = (server: Double): unknown[] => (server.frames.get(R) ?? []).map((body) => JSON.parse(body) as unknown);
const video = (name: string) => ({ name, response: R, frame: '0-a', isConsent: false, type: 'video/webm' });

/** A recording of `n` chunks of odd sizes. */
async function record(outbox: Outbox, name: string, n: number, size: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    await outbox.open(video(name));
    for (let i = 0; i < n; i++) {
        const part = Buffer.alloc(size + i * 7, i + 1);
        parts.push(part);
        assert.equal(await outbox.append(name, new Uint8Array(part).buffer), true);
    }
    return Buffer.concat(parts);
}

test('frames arrive once and in order although every third answer is lost', async () => {
    const server = new Double();
    let n = 0;
    server.trouble = () => (++n % 3 === 0 ? 'lose' : n % 3 === 1 ? 'cut' : undefined);
    const outbox = await outboxOver(new IDBFactory(), server);
    outbox.run(false);
    const receipts = [];
    for (let i = 0; i < 10; i++) receipts.push((await outbox.put(R, { frame: `${i}-f`, data: { i } })).committed);
    const hurry = setInterval(() => outbox.tryNow(), 5);
    await Promise.all(receipts);
    clearInterval(hurry);
    outbox.stop();
    assert.deepEqual(bodies(server), Array.from({ length: 10 }, (_, i) => ({ frame: `${i}-f`, data: { i } })));
});

test('what was put before the page died is sent by the next page', async () => {
    const factory = new IDBFactory();
    const server = new Double();
    const first = await outboxOver(factory, server);
    await first.put(R, { frame: '0-a' });
    await first.put(R, { frame: '1-b' });
    const bytes = await record(first, 'v.webm', 5, 1000);
    first.stop();

    const second = await outboxOver(factory, server);
    assert.equal((await second.status()).items, 3);
    second.run(false);
    await second.emptied(R);
    second.stop();
    assert.deepEqual(bodies(server), [{ frame: '0-a' }, { frame: '1-b' }]);
    const [upload] = server.uploads.values();
    assert.ok(upload);
    assert.ok(upload.bytes.equals(bytes));
    assert.equal(upload.length, bytes.length);
    assert.deepEqual(await second.status(), { items: 0, bytes: 0, problem: null, isFragile: false });
});

test('a server that expects another number gets the rest from there', async () => {
    const server = new Double();
    server.frames.set(R, ['{"frame":"x"}', '{"frame":"y"}']);
    const outbox = await outboxOver(new IDBFactory(), server);
    outbox.run(false);
    await (await outbox.put(R, { frame: '0-a' })).committed;
    await (await outbox.put(R, { frame: '1-b' })).committed;
    outbox.stop();
    assert.deepEqual(bodies(server), [{ frame: 'x' }, { frame: 'y' }, { frame: '0-a' }, { frame: '1-b' }]);
});

test('what the server cannot store of a text is replaced, and nothing else is touched', async () => {
    const server = new Double();
    const outbox = await outboxOver(new IDBFactory(), server);
    outbox.run(false);
    const written = ['half \ud83d', '\ude00 half', 'whole \ud83d\ude00', 'zero \u0000', '\\ud83d', '\\\ud83d', '\\u0000', '\u0001\n"'];
    await (await outbox.put(R, { frame: '0-a', data: { written, 'key \ud83d': 1 } })).committed;
    outbox.stop();
    assert.doesNotMatch(server.frames.get(R)?.[0] ?? '', /(^|[^\\])(\\\\)*\\u(d|0000)/);
    const read = ['half \ufffd', '\ufffd half', 'whole \ud83d\ude00', 'zero \ufffd', '\\ud83d', '\\\ufffd', '\\u0000', '\u0001\n"'];
    assert.deepEqual(bodies(server), [{ frame: '0-a', data: { written: read, 'key \ufffd': 1 } }]);
});

test('a frame that the server refuses is kept and holds up no other', async () => {
    const server = new Double();
    server.trouble = ({ body }: Asked) => (body.toString().includes('bad') ? { status: 422 } : undefined);
    const outbox = await outboxOver(new IDBFactory(), server);
    await outbox.put(R, { frame: '0-bad' });
    const second = await outbox.put(R, { frame: '1-b' });
    const third = await outbox.put(R, { frame: '2-c' });
    outbox.run(false);
    await Promise.all([second.committed, third.committed]);
    await until(outbox, async () => (await outbox.status()).problem === 'refused');
    await (await outbox.put(R, { frame: '3-withdrawal' })).committed;
    assert.deepEqual(bodies(server), [{ frame: '1-b' }, { frame: '2-c' }, { frame: '3-withdrawal' }]);
    assert.equal((await outbox.status()).items, 1);
    await until(outbox, async () => (await outbox.status()).problem === 'refused');
    server.trouble = () => undefined;
    outbox.tryNow();
    await outbox.emptied(R);
    outbox.stop();
    assert.deepEqual(bodies(server).at(-1), { frame: '0-bad' });
});

test('a clock that was wrong loses nothing; what is old and refused is given up', async () => {
    const factory = new IDBFactory();
    const server = new Double();
    const early = new Outbox(await Store.open('lookit', factory), world(server, { now: () => 1000 }));
    for (const frame of ['0-a', '1-b']) await early.put(R, { frame });
    for (const name of ['v.webm', 'w.webm']) {
        await record(early, name, 2, 100);
        await early.finish(name);
    }
    early.stop();

    const late = new Outbox(await Store.open('lookit', factory), world(server, { now: () => 2 * AGE_MAX_MS + performance.now() * 1000 }));
    server.trouble = ({ body, headers }: Asked) =>
        body.toString().includes('1-b') || Buffer.from(headers.get('upload-metadata')?.split(/[ ,]/)[1] ?? '', 'base64').toString() === 'w.webm' ? { status: 404 } : undefined;
    late.run(false);
    await late.emptied(R);
    late.stop();
    assert.deepEqual(bodies(server), [{ frame: '0-a' }]);
    assert.deepEqual([...server.uploads.values()].map(({ metadata, length }) => [metadata['filename'], length]), [['v.webm', 207]]);
});

test('setting the clock back makes nothing wait', () => {
    const { now, channel } = surroundings();
    channel?.close();
    const before = now();
    const real = Date.now;
    Date.now = () => 0;
    try {
        assert.ok(now() >= before);
    } finally {
        Date.now = real;
    }
});

test('what one family left on a device is neither sent nor told of while another is signed in', async () => {
    const factory = new IDBFactory();
    const server = new Double();
    const as = async (owner: string): Promise<Outbox> => new Outbox(await Store.open('lookit', factory), world(server), owner);
    const first = await as('ann');
    await first.put(R, { frame: '0-a' });
    const bytes = await record(first, 'v.webm', 2, 100);
    await first.finish('v.webm');
    first.stop();

    const other = await as('bob');
    assert.deepEqual(await other.status(), { items: 0, bytes: 0, problem: null, isFragile: false });
    other.run(false);
    await (await other.put('response-2', { frame: '0-b' })).committed;
    other.stop();
    assert.equal(server.frames.has(R), false);
    assert.equal(server.uploads.size, 0);

    const again = await as('ann');
    again.run(false);
    await again.emptied(R);
    again.stop();
    assert.deepEqual(bodies(server), [{ frame: '0-a' }]);
    assert.ok([...server.uploads.values()][0]?.bytes.equals(bytes));
});

test('a refused sign-in keeps everything and says so', async () => {
    const server = new Double();
    let isSignedIn = false;
    server.trouble = () => (isSignedIn ? undefined : { status: 401 });
    const outbox = await outboxOver(new IDBFactory(), server);
    outbox.run(false);
    const { committed } = await outbox.put(R, { frame: '0-a' });
    await until(outbox, async () => (await outbox.status()).problem === 'signin');
    assert.equal((await outbox.status()).items, 1);
    isSignedIn = true;
    outbox.tryNow();
    await committed;
    outbox.stop();
    assert.deepEqual(bodies(server), [{ frame: '0-a' }]);
});

test('who is signed in with another account meanwhile is asked to sign in again', async () => {
    const server = new Double();
    server.trouble = () => ({ status: 404 });
    const outbox = await outboxOver(new IDBFactory(), server);
    outbox.run(false);
    const { committed } = await outbox.put(R, { frame: '0-a' });
    await until(outbox, async () => (await outbox.status()).problem !== null);
    assert.equal((await outbox.status()).problem, 'signin');
    server.trouble = () => undefined;
    outbox.tryNow();
    await committed;
    outbox.stop();
});

test('the last moment of a page is not spent on what another page has sent', async () => {
    const factory = new IDBFactory();
    const server = new Double();
    const [maker, sender] = [await outboxOver(factory, server), await outboxOver(factory, server)];
    const { committed } = await maker.put(R, { frame: '0-a' });
    sender.run(false);
    await sender.emptied(R);
    sender.stop();
    maker.tryNow();
    await maker.put('response-2', { frame: '0-b' });
    await committed;
    server.asked.length = 0;
    maker.sendLast();
    await new Promise((resolve) => setTimeout(resolve, 20));
    maker.stop();
    assert.deepEqual(server.asked.map(({ path }) => path), ['/player/v1/responses/response-2/frames/0/']);
});

test('a recording of 5 MiB goes in pieces of at most 1 MiB, in order, and its length comes last', async () => {
    const server = new Double();
    let n = 0;
    server.trouble = ({ method }: Asked) => {
        if (method !== 'PATCH') return undefined;
        n++;
        return n === 2 ? 'lose' : n === 3 ? { status: 460 } : n === 4 ? { status: 503, headers: { 'Retry-After': '1' } } : undefined;
    };
    const outbox = await outboxOver(new IDBFactory(), server);
    outbox.run(false);
    const bytes = await record(outbox, 'v.webm', 20, 262_144);
    const uploaded = outbox.uploaded('v.webm');
    await outbox.finish('v.webm');
    const hurry = setInterval(() => outbox.tryNow(), 20);
    await uploaded;
    clearInterval(hurry);
    outbox.stop();
    const [upload] = server.uploads.values();
    assert.ok(upload);
    assert.ok(upload.bytes.equals(bytes));
    assert.equal(upload.length, bytes.length);
    assert.ok(upload.patches.every((size) => size <= 1024 * 1024));
    assert.deepEqual(upload.metadata, { filename: 'v.webm', response: R, frame: '0-a', is_consent: 'false', filetype: 'video/webm' });
});

test('frames do not wait for a recording that the server has no room for', async () => {
    const server = new Double();
    server.trouble = ({ method }: Asked) => (method === 'PATCH' ? { status: 507 } : undefined);
    const outbox = await outboxOver(new IDBFactory(), server);
    outbox.run(false);
    await record(outbox, 'v.webm', 2, 100);
    await outbox.finish('v.webm');
    await until(outbox, async () => (await outbox.status()).problem === 'full');
    await (await outbox.put(R, { frame: '0-a' })).committed;
    outbox.stop();
    assert.equal(bodies(server).length, 1);
    assert.equal((await outbox.status()).items, 1);
});

test('a withdrawn recording is let go', async () => {
    const server = new Double();
    server.trouble = ({ method }: Asked) => (method === 'PATCH' ? { status: 410 } : undefined);
    const outbox = await outboxOver(new IDBFactory(), server);
    outbox.run(false);
    await record(outbox, 'v.webm', 2, 100);
    const uploaded = outbox.uploaded('v.webm');
    await outbox.finish('v.webm');
    await uploaded;
    assert.equal(await outbox.append('v.webm', new ArrayBuffer(8)), false);
    outbox.stop();
});

test('a recording without a byte leaves nothing behind', async () => {
    const server = new Double();
    const outbox = await outboxOver(new IDBFactory(), server);
    await outbox.open(video('v.webm'));
    await outbox.finish('v.webm');
    assert.equal((await outbox.status()).items, 0);
    assert.equal(server.uploads.size, 0);
});

test('without storage everything is sent from memory, and that is said', async () => {
    const server = new Double();
    const outbox = await outboxOver(undefined, server);
    outbox.run(false);
    const { committed } = await outbox.put(R, { frame: '0-a' }, { key: 'k', changedAt: 1, state: {} });
    const bytes = await record(outbox, 'v.webm', 3, 5000);
    assert.equal(outbox.isFragile, true);
    await outbox.finish('v.webm');
    await committed;
    await outbox.emptied(R);
    outbox.stop();
    assert.ok([...server.uploads.values()][0]?.bytes.equals(bytes));
});

test('storage that fills up in the middle loses nothing', async () => {
    const server = new Double();
    const factory = new IDBFactory();
    const store = await Store.open('lookit', factory);
    const outbox = new Outbox(store, world(server));
    const before = await record(outbox, 'v.webm', 3, 4000);
    const { put } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = function full() { throw new DOMException('no room', 'QuotaExceededError'); };
    const after = Buffer.alloc(9000, 9);
    assert.equal(await outbox.append('v.webm', new Uint8Array(after).buffer), true);
    const { committed } = await outbox.put(R, { frame: '0-a' });
    assert.equal((await outbox.status()).isFragile, true);
    await outbox.finish('v.webm');
    outbox.run(false);
    await committed;
    await outbox.emptied(R);
    outbox.stop();
    IDBObjectStore.prototype.put = put;
    assert.ok([...server.uploads.values()][0]?.bytes.equals(Buffer.concat([before, after])));
});

test('memory that is free again is counted as free', async () => {
    const server = new Double();
    const store = await Store.open('lookit', new IDBFactory());
    const outbox = new Outbox(store, world(server));
    const { put } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = function full(this: IDBObjectStore, row: object, ...key: IDBValidKey[]) {
        if ('offset' in row) throw new DOMException('no room for so much', 'QuotaExceededError');
        return put.call(this, row, ...key);
    } as typeof put;
    try {
        await record(outbox, 'v.webm', 3, 4000);
        assert.ok(store.bytesInMemory >= 12_000);
        await outbox.finish('v.webm');
        outbox.run(false);
        await outbox.emptied(R);
        assert.equal(store.bytesInMemory, 0);
    } finally {
        outbox.stop();
        IDBObjectStore.prototype.put = put;
    }
});

test('a recording that begins while another page looks for abandoned ones goes on', async () => {
    const held = new Set<string>();
    let onquery = async (): Promise<void> => undefined;
    /* as much of the Web Locks as the outbox uses, shared by two pages */
    const locks = {
        request: async (name: string, ...rest: unknown[]) => {
            held.add(name);
            try {
                await (rest.at(-1) as () => Promise<void>)();
            } finally {
                held.delete(name);
            }
        },
        query: async () => {
            const names = [...held];
            await onquery();
            return { held: names.map((name) => ({ name })) };
        },
    } as unknown as LockManager;
    const factory = new IDBFactory();
    const server = new Double();
    const [sender, recorder] = await Promise.all([0, 1].map(async () => new Outbox(await Store.open('lookit', factory), world(server, { locks }))));
    assert.ok(sender && recorder);
    const looked = new Promise<void>((resolve) => {
        onquery = async () => {
            await recorder.open(video('v.webm'));
            setTimeout(resolve, 50);
        };
    });
    sender.run(false);
    await looked;
    assert.equal(await recorder.append('v.webm', new ArrayBuffer(8)), true);
    await recorder.finish('v.webm');
    sender.stop();
    recorder.stop();
});

test('of many visits the newest are kept', async () => {
    const outbox = await outboxOver(new IDBFactory(), new Double());
    for (let i = 0; i < 8; i++) await outbox.keepVisit({ key: `v${i}`, changedAt: i, state: i }, 5);
    assert.equal(await outbox.visit('v0'), undefined);
    assert.equal((await outbox.visit('v7'))?.state, 7);
    await outbox.dropVisit('v7');
    assert.equal(await outbox.visit('v7'), undefined);
});

async function until(outbox: Outbox, isSo: () => Promise<boolean>): Promise<void> {
    while (!(await isSo())) await new Promise<void>((resolve) => { const stop = outbox.onchange(() => { stop(); resolve(); }); });
}
