/* The page sandbox.html, where researchers' functions run. The browser gives it an origin of its own: no cookies, no
 * storage, no way into the page around it; its content security policy (gateway_answer.c, CSP_SANDBOX) leaves it no network.
 *
 * This text runs twice: in the page, which only starts a worker with the same text, and in that worker, which evaluates.
 * A worker has no document, cannot navigate, and when it does not end, the page around goes on and throws it away, in
 * every browser. */

import { Evaluator, type Job } from './protocol/evaluate.js';

const LINES_MAX = 500;
const LINE_CHARACTERS_MAX = 4000;
const LEVELS = ['debug', 'log', 'info', 'warn', 'error'] as const;

function host(text: string): void {
    addEventListener('message', (event) => {
        const [port] = event.ports;
        if (event.source !== parent || !port) return;
        const worker = new Worker(URL.createObjectURL(new Blob([text], { type: 'text/javascript' })));
        worker.postMessage(null, [port]);
    });
}

function inWords(value: unknown): string {
    if (typeof value === 'string') return value;
    if (value instanceof Error) return String(value.stack ?? value.message);
    try {
        return JSON.stringify(value) ?? String(value);
    } catch {
        return Object.prototype.toString.call(value);
    }
}

function work(port: MessagePort): void {
    const evaluator = new Evaluator();
    let lines = 0;
    for (const level of LEVELS)
        console[level] = (...values: unknown[]) => {
            if (++lines <= LINES_MAX) port.postMessage({ level, text: values.map(inWords).join(' ').slice(0, LINE_CHARACTERS_MAX) });
        };
    Object.assign(globalThis, { window: globalThis });
    port.onmessage = ({ data }: MessageEvent<{ number: number; job: Job }>) => {
        lines = 0;
        port.postMessage({ number: data.number, outcome: evaluator.run(data.job) });
    };
    port.postMessage('ready');
}

if (typeof document === 'undefined')
    addEventListener('message', ({ ports: [port] }) => port && work(port), { once: true });
else
    host(document.currentScript?.textContent ?? '');
