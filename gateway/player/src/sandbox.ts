/* Researchers' functions never run in the page that speaks for the family: they run in sandbox.html, a hidden frame with an
 * origin of its own, and only plain data crosses (protocol/evaluate.ts). The frame is made when it is first needed, and
 * again after a function that did not end. */

import { outcomeOf, type Evaluate, type Failure, type Job, type Outcome } from './protocol/evaluate.js';

const LOAD_MAX_MS = 20_000;
const RUN_MAX_MS = 5000;
/** what one call may say to its console and to us */
const MESSAGES_MAX = 5000;
const LEVELS = ['debug', 'log', 'info', 'warn', 'error'] as const;

interface Room {
    frame: HTMLIFrameElement;
    port: MessagePort;
}

function failure(trouble: Failure['trouble'], message: string): Failure {
    return { trouble, message, stack: '' };
}

export class Sandbox {
    readonly #address: string;
    #room: Promise<Room> | null = null;
    #last: Promise<unknown> = Promise.resolve();
    #number = 0;

    /** `address`: of sandbox.html */
    constructor(address: string) {
        this.#address = address;
    }

    /** Fetches the sandbox now, so that it is there when the network is not. */
    warm(): void {
        void this.#open().catch((error: unknown) => console.warn('the sandbox is not there yet', error));
    }

    /** One job after the other. */
    readonly evaluate: Evaluate = (job) => {
        const outcome = this.#last.then(() => this.#run(job));
        this.#last = outcome;
        return outcome;
    };

    async #run(job: Job): Promise<Outcome> {
        let room: Room;
        try {
            room = await this.#open();
        } catch (error) {
            return failure('away', String(error));
        }
        const outcome = await this.#ask(room, job);
        if ('trouble' in outcome && outcome.trouble === 'time') this.#close(room);
        return outcome;
    }

    #ask({ port }: Room, job: Job): Promise<Outcome> {
        const number = ++this.#number;
        return new Promise((resolve) => {
            let heard = 0;
            const end = (outcome: Outcome): void => {
                clearTimeout(timer);
                port.onmessage = null;
                resolve(outcome);
            };
            const timer = setTimeout(() => end(failure('time', `it did not end within ${RUN_MAX_MS / 1000} seconds`)), RUN_MAX_MS);
            port.onmessage = ({ data }: MessageEvent<unknown>) => {
                const said = (typeof data === 'object' ? data : null) as { number?: unknown; outcome?: unknown; level?: unknown; text?: unknown } | null;
                if (said?.number === number) end(outcomeOf(said.outcome));
                else if (++heard > MESSAGES_MAX) end(failure('time', `it said more than ${MESSAGES_MAX} things`));
                else repeat(job.name, said);
            };
            try {
                port.postMessage({ number, job });
            } catch (error) {
                end(failure('away', `what it is to be given cannot be sent: ${String(error)}`));
            }
        });
    }

    #open(): Promise<Room> {
        this.#room ??= this.#make().catch((error: unknown) => {
            this.#room = null;
            throw error;
        });
        return this.#room;
    }

    #make(): Promise<Room> {
        const frame = document.createElement('iframe');
        const { port1: port, port2 } = new MessageChannel();
        frame.setAttribute('sandbox', 'allow-scripts');
        frame.hidden = true;
        frame.title = 'sandbox';
        frame.src = this.#address;
        return new Promise((resolve, reject) => {
            const giveUp = (why: string): void => {
                frame.remove();
                reject(new Error(`${this.#address} ${why}`));
            };
            let timer = setTimeout(() => giveUp('did not come'), LOAD_MAX_MS);
            port.onmessage = () => { /* "ready" comes first: the functions are not there yet */
                clearTimeout(timer);
                resolve({ frame, port });
            };
            /* an origin that has no name can only be called "*"; what is sent is a port, nothing else */
            frame.addEventListener('load', () => {
                clearTimeout(timer);
                timer = setTimeout(() => giveUp('does not answer'), RUN_MAX_MS);
                frame.contentWindow?.postMessage(null, '*', [port2]);
            }, { once: true });
            document.body.append(frame);
        });
    }

    #close({ frame, port }: Room): void {
        port.close();
        frame.remove();
        this.#room = null;
    }
}

/** What a function says to its console is heard in the page's. */
function repeat(name: string, said: { level?: unknown; text?: unknown } | null): void {
    const level = LEVELS.find((one) => one === said?.level);
    if (level && typeof said?.text === 'string') console[level](`${name}: ${said.text.slice(0, 4000)}`);
}
