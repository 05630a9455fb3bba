/* A visit from its start to the way out (player-session.md). */

import { createResponse, getChild, getStudy, pastResponses, type Resource } from './api.js';
import { h } from './dom.js';
import type { ChildRecord, SessionView, StudyRecord } from './frame.js';
import { FrameRun, prepare } from './frame_run.js';
import { finish } from './finish.js';
import { send } from './http.js';
import type { Language } from './language.js';
import { forgetLastWords, lastWords, sayLastWords } from './last_words.js';
import { exitAddress } from './names.js';
import type { Outbox } from './outbox.js';
import { expand } from './protocol/expand.js';
import type { Evaluate } from './protocol/evaluate.js';
import type { SessionData } from './protocol/functions.js';
import { childRecord, recordOf, sessionRecord } from './protocol/records.js';
import type { Accessor, Frame, Study, Tree } from './protocol/types.js';
import type { SessionRecorder, Studio } from './recorder.js';
import { Sandbox } from './sandbox.js';
import type { Stage } from './stage.js';
import type { Visit } from './store.js';
import { broken } from './trouble.js';

const SAVE_WAIT_MS = 5000;

export interface Place {
    study: string;
    child: string;
    isPreview: boolean;
    /** address of the folder that player.js came from */
    assets: string;
}

/** All that a reload needs. Kept with every save. */
interface VisitState {
    response: string;
    hashChildId: string;
    frames: Frame[];
    conditions: Tree;
    expData: { [id: string]: { [name: string]: unknown } };
    sequence: string[];
    globalEventTimings: { [name: string]: unknown }[];
    index: number;
    language: string;
    /** begun but conditions not yet handed in */
    isFresh: boolean;
}

/** Study, child and mode from the address of the page, or null. */
export function placeOf(path: string, assets: string): Place | null {
    const uuid = '([0-9a-fA-F-]{36})';
    const preview = new RegExp(`/exp/studies/${uuid}/${uuid}/preview/?$`).exec(path);
    const visit = preview ?? new RegExp(`/studies/${uuid}/${uuid}/?$`).exec(path);
    if (!visit?.[1] || !visit[2]) return null;
    return { study: visit[1].toLowerCase(), child: visit[2].toLowerCase(), isPreview: preview !== null, assets };
}

export class Session implements SessionView {
    readonly stage: Stage;
    readonly language: Language;
    readonly outbox: Outbox;
    readonly studio: Studio;
    readonly study: StudyRecord;
    readonly child: ChildRecord;
    readonly isPreview: boolean;
    readonly pastSessions: readonly Accessor[];
    /** runs the researchers' functions */
    readonly evaluate: Evaluate;
    readonly #place: Place;
    readonly #state: VisitState;
    #current: FrameRun | null = null;
    #entries = 0;
    #hasLeft = false;
    #recorder: SessionRecorder | null = null;
    #handlers: AbortController | null = null;
    #flags: { [flag: string]: true } = {};

    constructor(parts: {
        stage: Stage; language: Language; outbox: Outbox; place: Place; study: StudyRecord; child: ChildRecord;
        past: Resource[]; state: VisitState; evaluate: Evaluate;
    }) {
        const { place, state } = parts;
        this.stage = parts.stage;
        this.language = parts.language;
        this.outbox = parts.outbox;
        this.study = parts.study;
        this.child = parts.child;
        this.evaluate = parts.evaluate;
        this.isPreview = place.isPreview;
        this.#place = place;
        this.#state = state;
        this.studio = { outbox: parts.outbox, study: place.study, response: state.response, assets: place.assets };
        this.pastSessions = this.#past(parts.past);
        this.language.choose(state.language);
    }

    /* The current visit's entry is live: functions see what was saved since. */
    #past(past: Resource[]): Accessor[] {
        const state = this.#state;
        const live = (attributes: { [name: string]: unknown }): Accessor => {
            const record = sessionRecord(state.response, attributes);
            const fields = { ...record, expData: state.expData, sequence: state.sequence, conditions: state.conditions, globalEventTimings: state.globalEventTimings };
            return recordOf(fields);
        };
        const list = past.map((one) => one.id === state.response ? live(one.attributes) : sessionRecord(one.id, one.attributes));
        return past.some((one) => one.id === state.response) ? list : [...list, live({})];
    }

    get responseId(): string { return this.#state.response; }
    get frames(): Frame[] { return this.#state.frames; }
    get frameIndex(): number { return this.#state.index; }
    get expData(): VisitState['expData'] { return this.#state.expData; }
    get sequence(): string[] { return this.#state.sequence; }
    get conditions(): Tree { return this.#state.conditions; }
    get sessionRecording(): SessionRecorder | null { return this.#recorder; }

    /** A camera that comes when the family has left already is let go: nothing is recorded behind their back. */
    setSessionRecorder(recorder: SessionRecorder | null): void {
        if (this.#hasLeft) recorder?.abandon();
        else this.#recorder = recorder;
    }

    functionData(): SessionData {
        const { expData, sequence, conditions, pastSessions } = this;
        return { expData, sequence, conditions, pastSessions, child: this.child as unknown as Accessor };
    }

    /* ---- running ---- */

    /** Shows the frame where the visit stands. */
    async run(): Promise<void> {
        this.#watchLeaving();
        if (this.#state.isFresh) {
            this.#state.isFresh = false;
            await this.#put({ frame: null, conditions: this.#state.conditions, global_event_timings: [], recording_method: 'recordrtc' });
        }
        await this.#enter(this.#state.index);
    }

    /* While a frame is made ready the family may leave for another one: the last entry counts. */
    async #enter(index: number): Promise<void> {
        const entry = ++this.#entries;
        this.#current?.destroy();
        this.#current = null;
        const last = this.frames.length - 1;
        if (index === last && last > 0) this.#stopWatching();
        this.#state.index = index;
        if (index >= this.frames.length) {
            await this.#end();
            return;
        }
        try {
            const ready = await prepare(this, index);
            if (entry === this.#entries) this.#current = new FrameRun(this, ready);
        } catch (error) {
            if (entry !== this.#entries) return;
            console.error(`${this.frames[index]?.id ?? index}: this frame cannot be shown`, error);
            broken(this.stage, this.language, error, this.study);
        }
    }

    /** Saves the frame and goes on. The save is kept before the frame is left; sending happens meanwhile. */
    async move(run: FrameRun, target: number): Promise<void> {
        await this.#keep(run, target);
        if (this.#current === run) await this.#enter(target); /* else the family left meanwhile */
    }

    async save(run: FrameRun): Promise<'saved' | 'kept'> {
        const { committed } = await this.#keep(run, this.#state.index);
        const late = new Promise<'kept'>((resolve) => setTimeout(() => resolve('kept'), SAVE_WAIT_MS));
        return Promise.race([committed.then(() => 'saved' as const), late]);
    }

    async #keep(run: FrameRun, index: number): Promise<{ committed: Promise<void> }> {
        const data = run.data();
        if (this.sequence.at(-1) !== run.id) this.sequence.push(run.id);
        this.expData[run.id] = data;
        const { completed, completedConsentFrame, surveyConsent } = run.flags;
        if (completed) this.#flags['completed'] = true;
        if (completedConsentFrame) this.#flags['completed_consent_frame'] = true;
        if (surveyConsent) this.#flags['survey_consent'] = true;
        return this.#put({ frame: run.id, data, ...this.#flags }, index);
    }

    #put(body: object, index = this.#state.index): Promise<{ committed: Promise<void> }> {
        return this.outbox.put(this.responseId, body, this.#visit(index));
    }

    #visit(index: number): Visit {
        return { key: visitKey(this.#place), changedAt: Date.now(), state: { ...this.#state, index, language: this.language.code } };
    }

    /* ---- leaving early ---- */

    #watchLeaving(): void {
        this.#handlers = new AbortController();
        const { signal } = this.#handlers;
        window.addEventListener('keydown', (event) => {
            const isExit = event.key === 'F1' || event.key === 'Escape' || (event.ctrlKey && event.key.toLowerCase() === 'x');
            if (!isExit) return;
            event.preventDefault();
            void this.stage.fullscreen.leave();
            this.stage.askExit(() => this.exitEarly());
        }, { signal });
        window.addEventListener('beforeunload', (event) => {
            event.preventDefault();
            void this.stage.fullscreen.leave();
            this.stage.askExit(() => this.exitEarly());
            void this.#logExit('browserNavigationAttempt', this.frameIndex).then(() => {
                if (!this.outbox.isFragile) forgetLastWords(visitKey(this.#place));
            });
            sayLastWords(visitKey(this.#place), this.responseId, this.#state.globalEventTimings);
        }, { signal });
    }

    #stopWatching(): void {
        this.#handlers?.abort();
        this.#handlers = null;
    }

    #logExit(exitType: string, lastPageSeen: number, index = this.frameIndex): Promise<unknown> {
        this.#state.globalEventTimings.push({ eventType: 'exitEarly', timestamp: new Date().toISOString(), exitType, lastPageSeen });
        return this.#put({ frame: null, global_event_timings: this.#state.globalEventTimings }, index);
    }

    /** To the last page, which asks about privacy; this frame is not saved. */
    exitEarly(): void {
        this.#hasLeft = true;
        this.#recorder?.abandon();
        this.#recorder = null;
        this.#stopWatching();
        const last = this.frames.length - 1;
        void this.#logExit('manualInterrupt', this.frameIndex + 1, last);
        void this.#enter(last).catch((error: unknown) => console.error('cannot show the last page', error));
    }

    /* ---- the end ---- */

    async #end(): Promise<void> {
        this.#stopWatching();
        this.#recorder?.abandon();
        this.#recorder = null;
        await this.stage.fullscreen.leave();
        await finish(this.stage, this.language, this.outbox, this.responseId);
        await this.outbox.dropVisit(visitKey(this.#place));
        location.assign(exitAddress(this.study.exit_url, this.#state.hashChildId, this.responseId));
    }
}

/** A study that was found but cannot be shown. */
export class StudyTrouble extends Error {
    constructor(readonly study: StudyRecord, cause: unknown) {
        super(cause instanceof Error ? cause.message : String(cause), { cause });
    }
}

export function visitKey(place: Place): string {
    return `${place.study}/${place.child}${place.isPreview ? '/preview' : ''}`;
}

/* ---- start ---- */

/** Opens the visit: goes on where the family was, or begins anew. Rejects with ApiError or StudyTrouble. */
export async function open(stage: Stage, language: Language, outbox: Outbox, place: Place): Promise<Session> {
    const kept = (await outbox.visit(visitKey(place)))?.state as VisitState | undefined;
    if (kept) await adoptLastWords(outbox, place, kept);
    const isWanted = kept !== undefined && await askResume(stage, language);
    stage.page(h('p.loading', language.t('visit.loading')));
    const study = studyRecord(await getStudy(place.study), await pinnedProtocol(place.assets));
    const child = childAccessor(await getChild(place.child));
    const isResumed = isWanted && await isThere(kept.response, place);
    const response = isResumed ? kept.response : (await createResponse(place.study, place.child, place.isPreview)).id;
    const past = await pastResponses(place.study, place.child);
    const sandbox = new Sandbox(new URL('sandbox.html', place.assets).href);
    const { evaluate } = sandbox;
    const state = isResumed ? kept : await begin(study, child, past, response, evaluate).catch((error: unknown) => {
        throw new StudyTrouble(study, error);
    });
    state.hashChildId = String(past.find((one) => one.id === response)?.attributes['hash_child_id'] ?? state.hashChildId);
    document.title = study.name;
    if (state.frames.some((frame) => frame.generateProperties || frame.selectNextFrame)) sandbox.warm();
    const session = new Session({ stage, language, outbox, place, study, child, past, state, evaluate });
    if (!isResumed) await outbox.keepVisit({ key: visitKey(place), changedAt: Date.now(), state });
    return session;
}

/* A response that was erased meanwhile takes no more answers: the visit begins anew. */
async function isThere(response: string, place: Place): Promise<boolean> {
    return (await pastResponses(place.study, place.child)).some((one) => one.id === response);
}

async function adoptLastWords(outbox: Outbox, place: Place, kept: VisitState): Promise<void> {
    const key = visitKey(place);
    const said = lastWords(key, kept.response);
    if (said && said.length > kept.globalEventTimings.length) {
        kept.globalEventTimings = said;
        await outbox.put(kept.response, { frame: null, global_event_timings: said }, { key, changedAt: Date.now(), state: kept });
    }
    forgetLastWords(key);
}

async function begin(study: StudyRecord, child: ChildRecord, past: Resource[], response: string, evaluate: Evaluate): Promise<VisitState> {
    const { frames, conditions } = await expand(study as unknown as Study, {
        evaluate,
        random: Math.random,
        now: Date.now,
        child: child as unknown as Accessor,
        pastSessions: past.map((one) => sessionRecord(one.id, one.attributes)),
        fetchText: async (address) => {
            const answer = await fetch(address);
            if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
            return answer.text();
        },
        warn: (code, sentence) => console.warn(`${code}: ${sentence}`),
    });
    if (frames.length === 0) throw new Error('This study has no frames yet.');
    return {
        response, hashChildId: '', frames, conditions, expData: {}, sequence: [], globalEventTimings: [], index: 0,
        language: 'en-us', isFresh: true,
    };
}

function askResume(stage: Stage, language: Language): Promise<boolean> {
    return new Promise((resolve) => {
        const t = (key: string): string => language.t(`visit.${key}`);
        stage.page(
            h('h1', t('resume-title')), h('p.lead', t('resume-text')),
            h('div.buttons',
                h('button.btn.btn-primary.btn-lg', { type: 'button', id: 'resume-continue', onclick: () => resolve(true) }, t('resume-continue')),
                h('button.btn.btn-outline-secondary.btn-lg', { type: 'button', id: 'resume-again', onclick: () => resolve(false) }, t('resume-again'))));
    });
}

/** The protocol that was built with this player version lies beside player.js; a host without versions has none, then the
 * study's own counts. */
async function pinnedProtocol(assets: string): Promise<{ [name: string]: unknown } | null> {
    const answer = await send('GET', new URL('protocol.json', assets).href);
    if (answer.status !== 200) return null;
    const pinned = JSON.parse(answer.text) as { [name: string]: unknown };
    return 'sequence' in pinned ? { structure: pinned, use_generator: false } : pinned;
}

function studyRecord({ id, attributes }: Resource, pinned: { [name: string]: unknown } | null): StudyRecord {
    const all = { ...attributes, ...pinned };
    const text = (name: string): string => typeof all[name] === 'string' ? (all[name] as string) : '';
    return {
        id, name: text('name'), duration: text('duration'), contact_info: text('contact_info'), exit_url: text('exit_url'),
        structure: all['structure'], generator: text('generator'), use_generator: all['use_generator'] === true,
        page: `${location.origin}/studies/${id}/`,
    };
}

function childAccessor({ id, attributes }: Resource): ChildRecord {
    return childRecord(id, attributes) as unknown as ChildRecord;
}
