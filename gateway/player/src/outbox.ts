/* What was answered or recorded lies here until the server says that it is committed.
 *
 * Frames of one response form a numbered line and go out one by one; each recording is a line of its own. Lines do not
 * wait for each other. Only one page of the browser sends at a time (Web Locks), whichever page of ours that is; the page
 * that runs a study takes the task over, because browsers slow down pages in the background.
 *
 * Frames: PUT /player/v1/responses/{response}/frames/{number}/ is idempotent. 409 {"next": n} says which number the server
 * expects; the waiting items are renumbered from there, so nothing is skipped. An item that the server refuses goes behind
 * the others and is kept. */

import { restMs, send, verdict, type Problem, type Verdict } from './http.js';
import { Store, type Item, type Lane, type Owner, type Upload, type Visit } from './store.js';
import { forget, PIECE_MAX_BYTES, sendUpload, type Send } from './upload.js';

const LOCK = 'lookit-outbox';
const recordingLock = (name: string): string => `lookit-recording-${name}`;
const UPLOADS_AT_ONCE = 2;
const KEEPALIVE_MAX_BYTES = 60_000;
const LOOK_AGAIN_MS = 30_000;
/** What the server still refuses after so long is given up, so that a browser does not carry it for ever. */
export const AGE_MAX_MS = 60 * 24 * 3600 * 1000;
/** More than this in memory only (storage full and no network) ends a recording. */
export const MEMORY_MAX_BYTES = 256 * 1024 * 1024;

export interface Status {
    /** frames and pieces of recordings that wait */
    items: number;
    bytes: number;
    /** why nothing moves; null while all is well */
    problem: Problem | null;
    /** some of it exists in this page only */
    isFragile: boolean;
}

export interface Receipt {
    number: number;
    /** resolves when the server has committed it */
    committed: Promise<void>;
}

interface Rest {
    attempt: number;
    until: number;
    problem: Problem;
}

export interface Surroundings {
    send: Send;
    now: () => number;
    random: () => number;
    locks: LockManager | undefined;
    channel: BroadcastChannel | null;
    framesAt: (response: string, number: number) => string;
    uploadsAt: string;
}

export function surroundings(): Surroundings {
    return {
        send,
        /* a clock that is set while the page is open makes nothing wait */
        now: () => performance.timeOrigin + performance.now(),
        random: Math.random,
        locks: globalThis.navigator?.locks,
        channel: typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('lookit-outbox'),
        framesAt: (response, number) => `/player/v1/responses/${response}/frames/${number}/`,
        uploadsAt: '/uploads/',
    };
}

export class Outbox {
    readonly #store: Store;
    readonly #world: Surroundings;
    readonly #owner: Owner;
    readonly #rests = new Map<string, Rest>();
    readonly #busy = new Set<string>();
    readonly #listeners = new Set<() => void>();
    readonly #recording = new Map<string, () => void>();
    /** items made by this page and not confirmed: for the last moment of the page */
    readonly #mine = new Map<string, Item>();
    /** ends the sending of this page: aborted when another page takes over, or by stop() */
    #term = new AbortController();
    #isWoken = false;
    #alarm: (() => void) | null = null;
    #isStopped = false;

    /** `owner`: who is signed in. What others made on this device is neither sent nor told of; it waits for them. */
    constructor(store: Store, world: Surroundings = surroundings(), owner?: Owner) {
        this.#store = store;
        this.#world = world;
        this.#owner = owner;
        if (world.channel) world.channel.onmessage = () => this.#notice();
    }

    get isFragile(): boolean {
        return this.#store.isFull;
    }

    /** Called after every change, of this page or another. */
    onchange(then: () => void): () => void {
        this.#listeners.add(then);
        return () => this.#listeners.delete(then);
    }

    /* ---- frames ---- */

    /** Stores one save of the response, together with where the visit stands. Resolves once it is kept. */
    async put(response: string, body: object, visit?: Visit): Promise<Receipt> {
        const id = `${this.#world.now()}-${this.#world.random()}`;
        const item = await this.#store.update(['lanes', 'items', 'visits'], async (t) => {
            const lane: Lane = (await t.get('lanes', response)) ?? { response, next: 0, madeAt: this.#world.now() };
            const made: Item = { response, number: lane.next, id, body: storable(body), madeAt: this.#world.now(), ...this.#mark() };
            t.put('items', made);
            t.put('lanes', { ...lane, next: lane.next + 1 });
            if (visit) t.put('visits', visit);
            return made;
        });
        this.#mine.set(id, item);
        if (this.#rests.get(response)?.problem === 'refused') this.#rests.delete(response); /* perhaps this one is taken */
        this.#changed();
        const committed = this.#until(async () => !(await this.#items(response)).some((i) => i.id === id));
        void committed.finally(() => this.#mine.delete(id)).catch(() => undefined); /* whichever page sent it */
        return { number: item.number, committed };
    }

    /** Resolves when nothing of this response waits any more. */
    async emptied(response: string): Promise<void> {
        await this.#until(async () => {
            const { items, uploads } = await this.#waiting();
            return ![...items, ...uploads].some((row) => row.response === response);
        });
    }

    #items(response: string): Promise<Item[]> {
        return this.#store.read(['items'], (t) => t.list('items', response));
    }

    /* ---- recordings ---- */

    /** Opens a recording of this page. It ends with finish(), or when the page is gone. */
    async open(of: { name: string; response: string; frame: string; isConsent: boolean; type: string }): Promise<void> {
        this.#holdRecording(of.name);
        const upload: Upload = {
            ...of, ...this.#mark(), madeAt: this.#world.now(), bytes: 0, nextChunk: 0, firstChunk: 0, isFinished: false, location: null, confirmed: 0,
        };
        await this.#store.update(['uploads'], async (t) => { t.put('uploads', upload); });
        this.#changed();
    }

    /** False when the recording is not wanted any more or there is no room left for it: stop recording. */
    async append(name: string, bytes: ArrayBuffer): Promise<boolean> {
        if (bytes.byteLength === 0) return true;
        if (this.#store.bytesInMemory > MEMORY_MAX_BYTES) return false;
        const isWanted = await this.#store.update(['uploads', 'chunks'], async (t) => {
            const upload = await t.get('uploads', name);
            if (!upload || upload.isFinished) return false;
            t.put('chunks', { name, index: upload.nextChunk, offset: upload.bytes, bytes });
            t.put('uploads', { ...upload, bytes: upload.bytes + bytes.byteLength, nextChunk: upload.nextChunk + 1 });
            return true;
        });
        this.#changed();
        return isWanted;
    }

    async finish(name: string): Promise<void> {
        await this.#seal(name);
        this.#recording.get(name)?.();
        this.#recording.delete(name);
        this.#changed();
    }

    /** Resolves when the server has all of it (or does not want it any more). */
    uploaded(name: string): Promise<void> {
        return this.#until(async () => (await this.#upload(name)) === undefined);
    }

    /** Bytes confirmed and recorded; both 0 when it is not (or no longer) here. */
    async progress(name: string): Promise<{ confirmed: number; bytes: number; isHere: boolean }> {
        const upload = await this.#upload(name);
        return { confirmed: upload?.confirmed ?? 0, bytes: upload?.bytes ?? 0, isHere: upload !== undefined };
    }

    #upload(name: string): Promise<Upload | undefined> {
        return this.#store.read(['uploads'], (t) => t.get('uploads', name));
    }

    /* A recording without a byte is none. */
    async #seal(name: string): Promise<void> {
        const isEmpty = await this.#store.update(['uploads'], async (t) => {
            const upload = await t.get('uploads', name);
            if (!upload) return false;
            t.put('uploads', { ...upload, isFinished: true });
            return upload.bytes === 0 && upload.location === null;
        });
        if (isEmpty) await forget(this.#store, name);
    }

    #holdRecording(name: string): void {
        const { locks } = this.#world;
        if (!locks) {
            this.#recording.set(name, () => undefined);
            return;
        }
        const held = new Promise<void>((release) => this.#recording.set(name, release));
        void locks.request(recordingLock(name), () => held).catch(() => undefined);
    }

    /* Recordings whose page is gone have ended, whatever the page could still say. */
    async #sealAbandoned(): Promise<void> {
        const uploads = await this.#store.read(['uploads'], (t) => t.list('uploads')); /* first: one that begins now has its lock later */
        const held = new Set((await this.#world.locks?.query())?.held?.map((lock) => lock.name) ?? []);
        for (const upload of uploads)
            if (!upload.isFinished && !held.has(recordingLock(upload.name)) && !this.#recording.has(upload.name)) await this.#seal(upload.name);
    }

    /* ---- visits ---- */

    visit(key: string): Promise<Visit | undefined> {
        return this.#store.read(['visits'], (t) => t.get('visits', key));
    }

    /** Keeps where a visit stands; at most `max` visits, the newest. */
    async keepVisit(visit: Visit, max = 20): Promise<void> {
        await this.#store.update(['visits'], async (t) => {
            const others = (await t.list('visits')).filter((v) => v.key !== visit.key).sort((a, b) => b.changedAt - a.changedAt);
            for (const old of others.slice(max - 1)) t.remove('visits', old.key);
            t.put('visits', visit);
        });
    }

    async dropVisit(key: string): Promise<void> {
        await this.#store.update(['visits'], async (t) => { t.remove('visits', key); });
    }

    /* ---- sending ---- */

    async status(): Promise<Status> {
        const { items, uploads } = await this.#waiting();
        let bytes = 0, pieces = 0;
        for (const upload of uploads) {
            bytes += upload.bytes - upload.confirmed;
            pieces += Math.max(1, Math.ceil((upload.bytes - upload.confirmed) / PIECE_MAX_BYTES));
        }
        const now = this.#world.now();
        const problems = [...this.#rests.values()].filter((rest) => rest.until > now || rest.attempt > 1).map((rest) => rest.problem);
        const worst = (['signin', 'refused', 'full', 'offline', 'busy'] as const).find((problem) => problems.includes(problem));
        return { items: items.length + pieces, bytes, problem: worst ?? null, isFragile: this.isFragile };
    }

    #waiting(): Promise<{ items: Item[]; uploads: Upload[] }> {
        return this.#store.read(['items', 'uploads'], async (t) => ({
            items: (await t.list('items')).filter((one) => this.#isOurs(one)), uploads: (await t.list('uploads')).filter((one) => this.#isOurs(one)),
        }));
    }

    #mark(): { owner?: string } {
        return this.#owner ? { owner: this.#owner } : {};
    }

    #isOurs({ owner }: { owner?: Owner }): boolean {
        return !owner || !this.#owner || owner === this.#owner;
    }

    /** Sends for this browser as long as the page lives. `isFirst` takes the task over from another page. */
    run(isFirst: boolean): void {
        globalThis.addEventListener?.('online', () => this.tryNow());
        this.#compete(isFirst);
    }

    #compete(isFirst: boolean): void {
        const term = new AbortController();
        const work = (): Promise<void> => {
            this.#term = term;
            return this.#work(term.signal);
        };
        if (!this.#world.locks) {
            void work();
            return;
        }
        this.#world.locks.request(LOCK, { steal: isFirst }, work).catch((error: unknown) => {
            term.abort();
            if ((error as { name?: string }).name !== 'AbortError') console.error('sending stopped', error);
            if (!this.#isStopped) setTimeout(() => this.#compete(false), 1000); /* another page sends; ours is the next in line */
        });
    }

    stop(): void {
        this.#isStopped = true;
        this.#term.abort();
        this.#wake();
        this.#world.channel?.close();
    }

    /** Forgets all waiting times: the network is back, or a person asks. */
    tryNow(): void {
        this.#rests.clear();
        this.#wake();
    }

    /** The page goes away: what still fits is sent by requests that outlive it. Sent twice does no harm. */
    sendLast(): void {
        let room = KEEPALIVE_MAX_BYTES;
        for (const item of this.#mine.values()) {
            room -= item.body.length * 2;
            if (room < 0) return;
            void this.#world.send('PUT', this.#world.framesAt(item.response, item.number), { ...jsonBody(item.body), keepalive: true });
        }
    }

    #wake(): void {
        this.#isWoken = true;
        this.#alarm?.();
    }

    async #work(term: AbortSignal): Promise<void> {
        await this.#forgetOldLanes();
        for (let lookedAt = -Infinity; !term.aborted;) {
            this.#isWoken = false;
            if (this.#world.now() - lookedAt > LOOK_AGAIN_MS) {
                await this.#sealAbandoned();
                lookedAt = this.#world.now();
            }
            await this.#startLines(term);
            const now = this.#world.now();
            const next = Math.min(...[...this.#rests.values()].map((rest) => rest.until).filter((until) => until > now), now + 60_000);
            await new Promise<void>((resolve) => {
                const timer = setTimeout(resolve, next - now);
                this.#alarm = () => {
                    clearTimeout(timer);
                    resolve();
                };
                if (this.#isWoken) this.#alarm();
            });
        }
    }

    async #startLines(term: AbortSignal): Promise<void> {
        const { items, uploads } = await this.#waiting();
        for (const response of new Set(items.map((item) => item.response))) this.#startLine(response, () => this.#sendFrames(response, term));
        let running = uploads.filter((upload) => this.#busy.has(upload.name)).length;
        for (const upload of uploads.sort((a, b) => a.madeAt - b.madeAt)) {
            if (running >= UPLOADS_AT_ONCE) break;
            if (upload.bytes === upload.confirmed && !upload.isFinished) continue;
            if (this.#startLine(upload.name, () => this.#sendRecording(upload.name, term))) running++;
        }
    }

    #startLine(line: string, run: () => Promise<Rest | null>): boolean {
        const rest = this.#rests.get(line);
        if (this.#busy.has(line) || (rest && rest.until > this.#world.now())) return false;
        this.#busy.add(line);
        void run().catch((error: unknown): Rest => {
            console.error('sending failed', error);
            return this.#rest(line, 'busy', null);
        }).then((trouble) => {
            this.#busy.delete(line);
            if (trouble) this.#rests.set(line, trouble);
            else this.#rests.delete(line);
            this.#changed();
        });
        return true;
    }

    #rest(line: string, problem: Problem, retryAfter: string | null): Rest {
        const attempt = (this.#rests.get(line)?.attempt ?? 0) + 1;
        return { attempt, problem, until: this.#world.now() + restMs(problem, attempt - 1, this.#world.random, retryAfter) };
    }

    async #sendFrames(response: string, term: AbortSignal): Promise<Rest | null> {
        const refused = new Set<string>();
        for (let realigned = 0; !term.aborted;) {
            const [item] = await this.#store.read(['items'], (t) => t.list('items', response, 0, 1));
            if (!item) return null;
            const answer = await this.#world.send('PUT', this.#world.framesAt(response, item.number), jsonBody(item.body));
            const what = verdict(answer.status);
            if (what === 'done' || what === 'gone' || this.#isGivenUp(what, item)) {
                if (what !== 'done') console.error(`The server does not want item ${item.number} of ${response} (any more).`);
                await this.#store.update(['items'], async (t) => { t.remove('items', [response, item.number]); });
                this.#mine.delete(item.id);
                realigned = 0;
                this.#changed();
            } else if (what === 'realign') {
                const next = nextNumber(answer.text);
                if (next === null || ++realigned > 3) return this.#rest(response, 'refused', null);
                await this.#renumber(response, next);
            } else {
                refused.add(item.id);
                const isMine = what === 'refused' && answer.status !== 404; /* this item's own trouble, not the response's */
                const problem = answer.status === 404 ? 'signin' : what; /* no such response: another account is signed in */
                if (!isMine || (await this.#items(response)).every((one) => refused.has(one.id)))
                    return this.#rest(response, problem, answer.headers.get('Retry-After'));
                await this.#renumber(response, item.number, true); /* the others do not wait: a withdrawal may be among them */
            }
        }
        return null;
    }

    /* `isFirstLast`: the first of the line goes to its end. */
    async #renumber(response: string, next: number, isFirstLast = false): Promise<void> {
        const items = await this.#store.update(['items', 'lanes'], async (t) => {
            const waiting = await t.list('items', response);
            const ordered = isFirstLast ? [...waiting.slice(1), ...waiting.slice(0, 1)] : waiting;
            const renumbered = ordered.map((item, i) => ({ ...item, number: next + i }));
            for (const item of waiting) t.remove('items', [response, item.number]);
            for (const item of renumbered) t.put('items', item);
            const lane = await t.get('lanes', response);
            if (lane) t.put('lanes', { ...lane, next: next + renumbered.length });
            return renumbered;
        });
        for (const item of items) if (this.#mine.has(item.id)) this.#mine.set(item.id, item);
    }

    async #sendRecording(name: string, term: AbortSignal): Promise<Rest | null> {
        const outcome = await sendUpload(this.#store, name, this.#world.uploadsAt, () => this.#changed(), term, this.#world.send);
        if (this.#isGivenUp(outcome.kind === 'problem' ? outcome.problem : outcome.kind === 'lost' ? 'lost' : 'done', await this.#upload(name))) {
            console.error(`Gave up sending ${name}: it has waited for sixty days.`);
            await forget(this.#store, name);
            return null;
        }
        if (outcome.kind === 'problem') return this.#rest(name, outcome.problem, outcome.retryAfter);
        if (outcome.kind === 'lost') {
            console.error(`The server lacks part of ${name} that it had confirmed.`);
            return this.#rest(name, 'refused', null);
        }
        return null;
    }

    async #forgetOldLanes(): Promise<void> {
        await this.#store.update(['items', 'lanes'], async (t) => {
            const inUse = new Set((await t.list('items')).map((item) => item.response));
            for (const lane of await t.list('lanes'))
                if (this.#isOld(lane) && !inUse.has(lane.response)) t.remove('lanes', lane.response);
        });
    }

    /* The clock alone decides nothing: a device whose battery ran down has any date. What is old is given up when the
     * server, asked again, does not want it from this browser. */
    #isGivenUp(what: Verdict | 'lost', row: { madeAt: number } | undefined): boolean {
        return (what === 'refused' || what === 'signin' || what === 'lost') && row !== undefined && this.#isOld(row);
    }

    #isOld({ madeAt }: { madeAt: number }): boolean {
        return madeAt < this.#world.now() - AGE_MAX_MS;
    }

    /* ---- telling ---- */

    /* Something changed here: this page and the others look again. */
    #changed(): void {
        if (!this.#isStopped) this.#world.channel?.postMessage('changed');
        this.#notice();
    }

    #notice(): void {
        this.#wake();
        for (const then of this.#listeners) then();
    }

    #until(isSo: () => Promise<boolean>): Promise<void> {
        return new Promise((resolve, reject) => {
            let isLooking = false, isAgain = false;
            const look = async (): Promise<void> => {
                if (isLooking) {
                    isAgain = true;
                    return;
                }
                isLooking = true;
                do {
                    isAgain = false;
                    if (await isSo()) {
                        stop();
                        resolve();
                        return;
                    }
                } while (isAgain);
                isLooking = false;
            };
            const stop = this.onchange(() => void look().catch(reject));
            void look().catch(reject);
        });
    }
}

/* JSON that the server can store: half a character (what a phone's keyboard or a length limit may leave of an emoji) and
 * the zero character are refused there, and one such letter would keep everything behind it waiting. JSON.stringify writes
 * both as escapes, and half a character only so. */
function storable(body: object): string {
    return JSON.stringify(body).replace(/\\(?:u(?:d[89a-f][0-9a-f]{2}|0000)|.)/g, (escape) => (/^\\u(?:d|0000)/.test(escape) ? '\ufffd' : escape));
}

function jsonBody(body: string): { headers: { [name: string]: string }; body: string } {
    return { headers: { 'Content-Type': 'application/json' }, body };
}

function nextNumber(text: string): number | null {
    try {
        const next = (JSON.parse(text) as { next?: unknown }).next;
        return typeof next === 'number' && Number.isInteger(next) && next >= 0 ? next : null;
    } catch {
        return null;
    }
}
