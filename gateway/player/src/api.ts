/* The JSON:API calls: those of the start (player-session.md 3), and the last one of a page that is closed. */

import { send } from './http.js';

const TYPE = 'application/vnd.api+json';

export interface Resource {
    id: string;
    attributes: { [name: string]: unknown };
}

/** The server could not be reached or said no. */
export class ApiError extends Error {
    constructor(readonly status: number, what: string) {
        super(status === 0 ? `${what}: no answer` : `${what}: the server answered ${status}`);
    }
}

async function ask(method: string, address: string, body?: unknown): Promise<{ data: unknown; links?: { meta?: { count?: number } } }> {
    const answer = await send(method, address, {
        headers: { Accept: TYPE, ...(body === undefined ? {} : { 'Content-Type': TYPE }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (answer.status < 200 || answer.status > 299) throw new ApiError(answer.status, `${method} ${address}`);
    try {
        return JSON.parse(answer.text) as { data: unknown };
    } catch {
        throw new ApiError(answer.status, `${method} ${address}: not JSON`);
    }
}

export async function getStudy(study: string): Promise<Resource> {
    return (await ask('GET', `/api/v1/studies/${study}/`)).data as Resource;
}

export async function getChild(child: string): Promise<Resource> {
    return (await ask('GET', `/api/v1/children/${child}/`)).data as Resource;
}

export async function createResponse(study: string, child: string, isPreview: boolean): Promise<Resource> {
    return (await ask('POST', '/api/v1/responses/', {
        data: {
            type: 'responses',
            attributes: {
                global_event_timings: [], exp_data: {}, sequence: [], completed: false,
                completed_consent_frame: false, survey_consent: false, created_on: null, is_preview: isPreview,
                hash_child_id: null, recording_method: 'recordrtc',
            },
            relationships: { study: { data: { type: 'studies', id: study } }, child: { data: { type: 'children', id: child } } },
        },
    })).data as Resource;
}

/** Changes attributes of the response by a request that outlives the page. Whether it arrives is not known here. */
export function sendPatch(response: string, attributes: { [name: string]: unknown }): void {
    void send('PATCH', `/api/v1/responses/${response}/`, {
        headers: { Accept: TYPE, 'Content-Type': TYPE },
        body: JSON.stringify({ data: { type: 'responses', id: response, attributes } }),
        keepalive: true,
    });
}

const PAGE = 100;
const PAGES_MAX = 50;

/** All visits of this child to this study, most recently changed first. */
export async function pastResponses(study: string, child: string): Promise<Resource[]> {
    const all = new Map<string, Resource>();
    for (let page = 1; page <= PAGES_MAX; page++) {
        const { data, links } = await ask('GET', `/api/v1/studies/${study}/responses/?page_size=${PAGE}&page=${page}&child=${child}`);
        for (const one of data as Resource[]) if (!all.has(one.id)) all.set(one.id, one);
        if ((links?.meta?.count ?? 0) <= page * PAGE) break;
    }
    return [...all.values()];
}
