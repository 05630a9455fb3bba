/* A small server that speaks the player's contract, for the player's own tests: numbered frames, tus uploads, the calls of
 * the start. It keeps everything in memory and remembers what it was sent. The real service is tested elsewhere. */
import { createHash, webcrypto } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import type { Answer } from '../../gateway/player/src/http.js';

/* Browsers and node 20 have it; node 18 of Debian 12 keeps it in its module. */
globalThis.crypto ??= webcrypto as Crypto;

export interface Asked {
    method: string;
    path: string;
    headers: Headers;
    body: Buffer;
}

export interface StoredUpload {
    id: string;
    metadata: { [name: string]: string };
    bytes: Buffer;
    length: number | null;
    patches: number[];
}

interface Reply {
    status: number;
    headers?: { [name: string]: string };
    text?: string;
}

export const STUDY = '11111111-1111-4111-8111-111111111111';
export const CHILD = '22222222-2222-4222-8222-222222222222';

export class Double {
    readonly asked: Asked[] = [];
    readonly frames = new Map<string, string[]>();
    readonly uploads = new Map<string, StoredUpload>();
    readonly responses: { id: string; attributes: { [name: string]: unknown } }[] = [];
    study: { [name: string]: unknown } = { name: 'Ducks and balls', duration: '5 minutes', contact_info: 'Dr. Ada (ada@lab.example)', exit_url: 'https://lab.example/thanks?lang=en#end' };
    /** what to answer instead; undefined: as usual. 'cut': no answer. 'lose': done, but the answer is lost */
    trouble: (asked: Asked) => Reply | 'cut' | 'lose' | undefined = () => undefined;

    answer(asked: Asked): Reply | 'cut' {
        this.asked.push(asked);
        const trouble = this.trouble(asked);
        if (trouble === 'cut') return 'cut';
        if (trouble && trouble !== 'lose') return trouble;
        const reply = this.#route(asked);
        return trouble === 'lose' ? 'cut' : reply;
    }

    #route(asked: Asked): Reply {
        const { method, path } = asked;
        if (!['GET', 'HEAD'].includes(method) && asked.headers.get('x-csrftoken') !== 'token') return { status: 403, text: 'csrf' };
        const frame = /^\/player\/v1\/responses\/([^/]+)\/frames\/(\d+)\/$/.exec(path);
        if (frame && method === 'PUT') return this.#putFrame(frame[1] ?? '', Number(frame[2]), asked.body.toString());
        if (path === '/uploads/' && method === 'POST') return this.#create(asked);
        const upload = this.uploads.get(/^\/uploads\/([^/]+)\/$/.exec(path)?.[1] ?? '');
        if (upload && method === 'HEAD') return { status: 200, headers: uploadHeaders(upload) };
        if (upload && method === 'PATCH') return patch(upload, asked);
        return this.#api(asked);
    }

    #putFrame(response: string, number: number, body: string): Reply {
        const saved = this.frames.get(response) ?? [];
        this.frames.set(response, saved);
        const isSame = saved[number] === body;
        if (number > saved.length || (number < saved.length && !isSame)) return { status: 409, text: JSON.stringify({ next: saved.length }) };
        if (number === saved.length) saved.push(body);
        return { status: 200, text: JSON.stringify({ next: number + 1 }) };
    }

    #create(asked: Asked): Reply {
        const metadata = Object.fromEntries((asked.headers.get('upload-metadata') ?? '').split(',').map((pair) => {
            const [name = '', value = ''] = pair.split(' ');
            return [name, Buffer.from(value, 'base64').toString()];
        }));
        const old = [...this.uploads.values()].find((one) => one.metadata['filename'] === metadata['filename']);
        const upload = old ?? { id: String(this.uploads.size + 1), metadata, bytes: Buffer.alloc(0), length: null, patches: [] };
        this.uploads.set(upload.id, upload);
        return { status: 201, headers: { Location: `/uploads/${upload.id}/` } };
    }

    #api({ method, path, body }: Asked): Reply {
        const json = (data: unknown, more = {}): Reply => ({ status: 200, headers: { 'Content-Type': 'application/vnd.api+json' }, text: JSON.stringify({ data, ...more }) });
        if (path === `/api/v1/studies/${STUDY}/`) return json({ type: 'studies', id: STUDY, attributes: this.study });
        if (path === `/api/v1/children/${CHILD}/`)
            return json({ type: 'children', id: CHILD, attributes: { given_name: 'Mia', birthday: '2024-02-01', gender: 'f', age_at_birth: '40 or more weeks' } });
        if (path === '/api/v1/responses/' && method === 'POST') {
            const id = `33333333-3333-4333-8333-${String(this.responses.length + 1).padStart(12, '0')}`;
            this.responses.unshift({ id, attributes: { ...(JSON.parse(body.toString()) as { data: { attributes: object } }).data.attributes, hash_child_id: 'QRSTUV' } });
            return { ...json({ type: 'responses', id, attributes: {} }), status: 201 };
        }
        if (path.startsWith('/api/v1/responses/') && method === 'PATCH') return json({ type: 'responses', id: path.split('/')[4], attributes: {} });
        if (path.startsWith(`/api/v1/studies/${STUDY}/responses/`))
            return json(this.responses.map((one) => ({ type: 'responses', ...one })), { links: { meta: { page: 1, pages: 1, count: this.responses.length } } });
        return { status: 404, text: 'no such page' };
    }

    /** For unit tests: takes the place of fetch. */
    readonly send = async (method: string, address: string, how: { headers?: { [name: string]: string }; body?: unknown } = {}): Promise<Answer> => {
        const body = how.body instanceof Uint8Array ? Buffer.from(how.body) : Buffer.from(String(how.body ?? ''));
        const asked = { method, path: new URL(address, 'http://test/').pathname, headers: new Headers({ ...how.headers, 'x-csrftoken': 'token' }), body };
        await new Promise((resolve) => setImmediate(resolve));
        const reply = this.answer(asked);
        if (reply === 'cut') return { status: 0, headers: new Headers(), text: '' };
        return { status: reply.status, headers: new Headers(reply.headers), text: reply.text ?? '' };
    };

    /** As a web server over the built player in `dist`, and `stimuli` under /demo/. Resolves with its address. */
    async listen(dist: string, csp: string, stimuli = ''): Promise<{ address: string; server: Server }> {
        const server = createServer((request, response) => {
            const parts: Buffer[] = [];
            request.on('data', (part: Buffer) => parts.push(part));
            request.on('end', () => {
                const path = request.url ?? '/';
                const file = /^\/v\/1\/([a-z_.]+)$/.exec(path)?.[1];
                if (file && file !== 'protocol.json') {
                    const type = { css: 'text/css', html: 'text/html' }[file.split('.')[1] ?? ''] ?? 'text/javascript';
                    const headers = { 'Content-Type': type, ...(type === 'text/html' && { 'Content-Security-Policy': policy('SANDBOX') }) };
                    response.writeHead(200, headers).end(readFileSync(join(dist, file)));
                    return;
                }
                const stimulus = /^\/demo\/(\w+\/[\w-]+\.(svg|mp3|ogg))$/.exec(path);
                if (stimulus?.[1] && stimuli && existsSync(join(stimuli, stimulus[1]))) {
                    const types: { [ending: string]: string } = { svg: 'image/svg+xml', mp3: 'audio/mpeg', ogg: 'audio/ogg' };
                    response.writeHead(200, { 'Content-Type': types[stimulus[2] ?? ''] ?? '' }).end(readFileSync(join(stimuli, stimulus[1])));
                    return;
                }
                if (/^\/(exp\/)?studies\/[^/]+\/[^/]+\/(preview\/)?$/.test(path) || path === '/' || path.startsWith('/static/')) {
                    const script = path.includes('studies') ? 'player.js' : 'outbox.js';
                    response.writeHead(200, { 'Content-Type': 'text/html', 'Content-Security-Policy': csp, 'Set-Cookie': 'csrftoken=token; Path=/' })
                        .end(`<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">` +
                            `<link rel="stylesheet" href="/v/1/player.css"><title>Study</title><div id="expContainer" data-viewer="ann"></div><script src="/v/1/${script}" data-viewer="ann"></script>`);
                    return;
                }
                const headers = new Headers(Object.entries(request.headers).map(([name, value]) => [name, String(value)] as [string, string]));
                const reply = this.answer({ method: request.method ?? '', path: path.split('?')[0] ?? '', headers, body: Buffer.concat(parts) });
                if (reply === 'cut') request.socket.destroy();
                else response.writeHead(reply.status, reply.headers).end(request.method === 'HEAD' ? undefined : reply.text);
            });
        });
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
        return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
    }
}

/** A content security policy as the gateway sends it: STAGE, SANDBOX. */
export function policy(name: string): string {
    const source = readFileSync(join(process.env.PLAYER_TESTS ?? '', '../../gateway/gateway_answer.c'), 'utf8');
    const parts = new RegExp(`#define CSP_${name}\\b((?:\\s|\\\\|CSP_COMMON|"[^"]*")+)`).exec(source)?.[1]?.match(/CSP_\w+|"[^"]*"/g);
    if (!parts) throw new Error(`gateway_answer.c has no policy CSP_${name}`);
    return parts.map((part) => (part.startsWith('"') ? part.slice(1, -1) : policy(part.slice(4)))).join('');
}

function uploadHeaders(upload: StoredUpload): { [name: string]: string } {
    return {
        'Tus-Resumable': '1.0.0', 'Upload-Offset': String(upload.bytes.length), 'Cache-Control': 'no-store',
        ...(upload.length === null ? { 'Upload-Defer-Length': '1' } : { 'Upload-Length': String(upload.length) }),
    };
}

function patch(upload: StoredUpload, asked: Asked): Reply {
    if (asked.headers.get('upload-offset') !== String(upload.bytes.length)) return { status: 409, headers: uploadHeaders(upload) };
    if (asked.body.length > 1024 * 1024) return { status: 413 };
    const [kind, sum] = (asked.headers.get('upload-checksum') ?? '').split(' ');
    if (kind !== 'sha256' || sum !== createHash('sha256').update(asked.body).digest('base64')) return { status: 460 };
    upload.bytes = Buffer.concat([upload.bytes, asked.body]);
    upload.patches.push(asked.body.length);
    const length = asked.headers.get('upload-length');
    if (length !== null) upload.length = Number(length);
    return { status: 204, headers: uploadHeaders(upload) };
}
