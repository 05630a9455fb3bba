/* Requests to our own server, and how long to wait before the next try. */

export interface Answer {
    /** 0: no answer came (network, time-out) */
    status: number;
    headers: Headers;
    text: string;
}

export interface Sending {
    headers?: { [name: string]: string };
    body?: BodyInit | null;
    /** outlives the page; the browser allows 64 KiB in all */
    keepalive?: boolean;
    timeoutMs?: number;
    signal?: AbortSignal;
}

/** Sends with the session's cookie and the CSRF token. Never throws: no answer is status 0. */
export async function send(method: string, address: string, how: Sending = {}): Promise<Answer> {
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), how.timeoutMs ?? 30_000);
    const giveUp = (): void => timeout.abort();
    how.signal?.addEventListener('abort', giveUp);
    try {
        const answer = await fetch(address, {
            method,
            headers: { ...how.headers, ...(method === 'GET' || method === 'HEAD' ? {} : { 'X-CSRFTOKEN': csrfToken() }) },
            body: how.body ?? null,
            credentials: 'same-origin',
            keepalive: how.keepalive ?? false,
            redirect: 'error', /* a redirect means "log in first"; following it would look like success */
            cache: 'no-store',
            signal: timeout.signal,
        });
        return { status: answer.status, headers: answer.headers, text: await answer.text() };
    } catch {
        return { status: 0, headers: new Headers(), text: '' };
    } finally {
        clearTimeout(timer);
        how.signal?.removeEventListener('abort', giveUp);
    }
}

export function csrfToken(): string {
    if (typeof document === 'undefined') return '';
    return /(?:^|;\s*)csrftoken=([^;]*)/.exec(document.cookie)?.[1] ?? '';
}

export const WAIT_MIN_MS = 500;
export const WAIT_MAX_MS = 30_000;

/** Wait before try number `attempt` + 1: 0.5 s doubling to 30 s, each shortened by chance by up to half, so that many
 * families do not come back at the same moment. The server's Retry-After (seconds) is the least. */
export function waitMs(attempt: number, random: () => number = Math.random, retryAfter: string | null = null): number {
    const full = Math.min(WAIT_MAX_MS, WAIT_MIN_MS * 2 ** Math.min(attempt, 10));
    const asked = retryAfter !== null && /^\d+$/.test(retryAfter) ? Math.min(Number(retryAfter), 600) * 1000 : 0;
    return Math.max(full * (1 - random() / 2), asked);
}

/** What an answer means for something that waits in the outbox. */
export type Verdict = 'done' | 'realign' | 'gone' | Problem;
/** offline: no answer. busy: try again soon. full: the server has no room. signin: log in again. refused: will not be
 * taken as it is; kept all the same. */
export type Problem = 'offline' | 'busy' | 'full' | 'signin' | 'refused';

export function verdict(status: number): Verdict {
    if (status === 0) return 'offline';
    if (status >= 200 && status < 300) return 'done';
    if (status === 409) return 'realign';
    if (status === 410) return 'gone';
    if (status === 401 || status === 403) return 'signin';
    if (status === 507) return 'full';
    if (status >= 500 || [408, 423, 425, 429, 460].includes(status)) return 'busy';
    return 'refused';
}

/** How long a problem of that kind keeps a line from trying again. */
export function restMs(problem: Problem, attempt: number, random: () => number, retryAfter: string | null): number {
    if (problem === 'refused') return 300_000;
    if (problem === 'signin' || problem === 'full') return Math.max(10_000, waitMs(attempt, random, retryAfter));
    return waitMs(attempt, random, retryAfter);
}
