/* tus 1.0 over fetch: one recording from the store to the server (https://tus.io/protocols/resumable-upload).
 * Extensions used: creation, creation-defer-length, checksum (sha256). Everything it needs to go on after a reload is
 * the Upload row, its chunks, and the server's answer to HEAD. */

import { send, verdict, type Answer, type Problem } from './http.js';
import type { Store, Upload } from './store.js';

export const PIECE_MAX_BYTES = 1024 * 1024;
const PIECE_MIN_BYTES = 64 * 1024;
const TUS = { 'Tus-Resumable': '1.0.0' };
const PIECE_TIMEOUT_MS = 120_000;
/** A server that answers 409 without end is not re-aligned with, it is waited for. */
const REALIGN_MAX = 3;

export type Outcome =
    | { kind: 'idle' }       /* all that is recorded so far is there; the recording goes on */
    | { kind: 'finished' }   /* the server has all of it */
    | { kind: 'gone' }       /* the server does not want it any more (withdrawn) */
    | { kind: 'lost' }       /* the server lacks bytes that it had confirmed: cannot be mended from here */
    | { kind: 'problem'; problem: Problem; retryAfter: string | null };

export type Send = typeof send;

/** Largest piece of the next PATCH; grows and shrinks with what the line can carry. */
let pieceBytes = PIECE_MAX_BYTES;

/** Sends what there is of the named recording, piece after piece, until idle, finished or in trouble. `onprogress` is
 * called after each confirmed piece. */
export async function sendUpload(
    store: Store, name: string, endpoint: string, onprogress: () => void, signal: AbortSignal, sender: Send = send
): Promise<Outcome> {
    let isAligned = false;
    for (let realigned = 0; !signal.aborted;) {
        const upload = await store.read(['uploads'], (t) => t.get('uploads', name));
        if (!upload) return { kind: 'finished' };
        if (!upload.location || !isAligned) {
            const outcome = upload.location ? await align(store, upload, sender, signal) : await create(store, upload, endpoint, sender, signal);
            if (outcome) return outcome;
            isAligned = upload.location !== null;
            continue;
        }
        const piece = await nextPiece(store, upload);
        if (!piece) return { kind: 'idle' };
        const answer = await patch(upload, piece, sender, signal);
        switch (verdict(answer.status)) {
        case 'done':
            realigned = 0;
            pieceBytes = Math.min(PIECE_MAX_BYTES, pieceBytes * 2);
            await confirm(store, name, upload.confirmed + piece.bytes.byteLength);
            onprogress();
            if (piece.isLast) {
                await forget(store, name);
                return { kind: 'finished' };
            }
            break;
        case 'realign':
            if (++realigned > REALIGN_MAX) return problem('busy', answer);
            isAligned = false;
            break;
        case 'gone':
            await forget(store, name);
            return { kind: 'gone' };
        case 'refused':
            if (answer.status === 413 && pieceBytes > PIECE_MIN_BYTES) {
                pieceBytes = Math.max(PIECE_MIN_BYTES, Math.trunc(pieceBytes / 2));
                break;
            }
            if (answer.status === 404) {
                await store.update(['uploads'], async (t) => change(await t.get('uploads', name), t, { location: null }));
                if (++realigned > REALIGN_MAX) return problem('refused', answer);
                break;
            }
            return problem('refused', answer);
        case 'offline':
            pieceBytes = Math.max(PIECE_MIN_BYTES, Math.trunc(pieceBytes / 2));
            return problem('offline', answer);
        case 'busy': return problem('busy', answer);
        case 'full': return problem('full', answer);
        case 'signin': return problem('signin', answer);
        }
    }
    return { kind: 'problem', problem: 'busy', retryAfter: null };
}

function problem(kind: Problem, answer: Answer): Outcome {
    return { kind: 'problem', problem: kind, retryAfter: answer.headers.get('Retry-After') };
}

/* Creating the same name again gives the same upload, so a lost answer does no harm. */
async function create(store: Store, upload: Upload, endpoint: string, sender: Send, signal: AbortSignal): Promise<Outcome | null> {
    const answer = await sender('POST', endpoint, {
        signal,
        headers: {
            ...TUS,
            'Upload-Defer-Length': '1',
            'Upload-Metadata': metadata({
                filename: upload.name, response: upload.response, frame: upload.frame,
                is_consent: String(upload.isConsent), filetype: upload.type,
            }),
        },
    });
    const what = verdict(answer.status);
    if (what === 'gone') {
        await forget(store, upload.name);
        return { kind: 'gone' };
    }
    if (what !== 'done') return problem(what === 'realign' ? 'busy' : what, answer);
    const location = answer.headers.get('Location');
    if (!location) return problem('refused', answer);
    const base = typeof document === 'undefined' ? endpoint : document.baseURI;
    await store.update(['uploads'], async (t) => change(await t.get('uploads', upload.name), t, { location: new URL(location, base).href }));
    return null;
}

/* The server says how much it has. */
async function align(store: Store, upload: Upload, sender: Send, signal: AbortSignal): Promise<Outcome | null> {
    const answer = await sender('HEAD', upload.location ?? '', { signal, headers: TUS });
    const what = verdict(answer.status);
    if (what === 'gone') {
        await forget(store, upload.name);
        return { kind: 'gone' };
    }
    if (answer.status === 404) {
        await store.update(['uploads'], async (t) => change(await t.get('uploads', upload.name), t, { location: null }));
        return problem('busy', answer);
    }
    if (what !== 'done') return problem(what === 'realign' ? 'busy' : what, answer);
    const offset = Number(answer.headers.get('Upload-Offset') ?? NaN);
    if (!Number.isInteger(offset) || offset < 0 || offset > upload.bytes) return problem('refused', answer);
    const oldest = await store.read(['chunks'], (t) => t.list('chunks', upload.name, upload.firstChunk, 1));
    if (offset < (oldest[0]?.offset ?? upload.bytes)) return { kind: 'lost' };
    await confirm(store, upload.name, offset);
    if (upload.isFinished && offset === upload.bytes && answer.headers.get('Upload-Length') === String(upload.bytes)) {
        await forget(store, upload.name);
        return { kind: 'finished' };
    }
    return null;
}

interface Piece {
    bytes: Uint8Array<ArrayBuffer>;
    isLast: boolean;
    total: number;
}

/* Chunks of any size are joined and cut to pieces of at most pieceBytes. The last piece of a finished recording may be
 * empty: it tells the length. */
async function nextPiece(store: Store, upload: Upload): Promise<Piece | null> {
    const size = Math.min(pieceBytes, upload.bytes - upload.confirmed);
    if (size === 0 && !upload.isFinished) return null;
    const bytes = new Uint8Array(size);
    for (let filled = 0, index = upload.firstChunk; filled < size;) {
        const [chunk] = await store.read(['chunks'], (t) => t.list('chunks', upload.name, index, 1));
        if (!chunk) throw new Error(`chunk ${index} of ${upload.name} is missing`);
        const from = Math.max(0, upload.confirmed + filled - chunk.offset);
        const part = new Uint8Array(chunk.bytes, from, Math.min(chunk.bytes.byteLength - from, size - filled));
        bytes.set(part, filled);
        filled += part.byteLength;
        index = chunk.index + 1;
    }
    return { bytes, isLast: upload.isFinished && upload.confirmed + size === upload.bytes, total: upload.bytes };
}

async function patch(upload: Upload, piece: Piece, sender: Send, signal: AbortSignal): Promise<Answer> {
    const headers: { [name: string]: string } = {
        ...TUS, 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': String(upload.confirmed),
    };
    if (globalThis.crypto?.subtle)
        headers['Upload-Checksum'] = 'sha256 ' + base64(new Uint8Array(await crypto.subtle.digest('SHA-256', piece.bytes)));
    if (piece.isLast) headers['Upload-Length'] = String(piece.total);
    return sender('PATCH', upload.location ?? '', { headers, body: piece.bytes, signal, timeoutMs: PIECE_TIMEOUT_MS });
}

/* What the server has committed need not be here any more. */
function confirm(store: Store, name: string, offset: number): Promise<void> {
    return store.update(['uploads', 'chunks'], async (t) => {
        const upload = await t.get('uploads', name);
        if (!upload) return;
        let firstChunk = upload.firstChunk;
        for (const chunk of await t.list('chunks', name, upload.firstChunk, 256)) {
            if (chunk.offset + chunk.bytes.byteLength > offset) break;
            t.remove('chunks', [name, chunk.index]);
            firstChunk = chunk.index + 1;
        }
        t.put('uploads', { ...upload, confirmed: offset, firstChunk });
    });
}

export function forget(store: Store, name: string): Promise<void> {
    return store.update(['uploads', 'chunks'], async (t) => {
        const upload = await t.get('uploads', name);
        for (let index = upload?.firstChunk ?? 0; index < (upload?.nextChunk ?? 0); index++) t.remove('chunks', [name, index]);
        t.remove('uploads', name);
    });
}

function change(upload: Upload | undefined, t: { put(table: 'uploads', row: Upload): void }, changes: Partial<Upload>): void {
    if (upload) t.put('uploads', { ...upload, ...changes });
}

function metadata(values: { [name: string]: string }): string {
    return Object.entries(values).map(([name, value]) => `${name} ${base64(new TextEncoder().encode(value))}`).join(',');
}

function base64(bytes: Uint8Array): string {
    let text = '';
    for (const byte of bytes) text += String.fromCharCode(byte);
    return btoa(text);
}
