/* One visit of one frame: everything that is the same for all kinds (frames.md 2, 3.2, 5). See frame.ts for the contract. */

import { defaultsOf, declarationOf, expandAssets, mismatches } from './declarations.js';
import { h } from './dom.js';
import type {
    CommonParams, FrameBody, FrameContext, FrameEvent, FrameKind, FrameType, PauseControl, PauseParams, RecordParams,
} from './frame.js';
import { kindNamed, kindNames } from './frame.js';
import type { Language } from './language.js';
import { Pauser } from './pause.js';
import { generatedProperties, nextSelector, type Selector } from './protocol/functions.js';
import type { Frame } from './protocol/types.js';
import { targetIndex, visitId } from './protocol/visit.js';
import { LENGTH_MAX_S, OwnRecorder, SessionRecorder } from './recorder.js';
import type { Session } from './session.js';

type Values = { [name: string]: unknown };
type AnyParams = CommonParams & Values;

/** A frame about to be shown: what its researchers' functions have to say is said. */
interface Ready {
    readonly index: number;
    readonly raw: Frame;
    readonly kind: FrameKind<AnyParams>;
    readonly params: AnyParams;
    readonly generated: Values | null;
    readonly select: Selector | null;
}

/** Reads and asks the functions of the frame at `index`. Rejects when it cannot be shown. */
export async function prepare(session: Session, index: number): Promise<Ready> {
    const raw = session.frames[index];
    const kind = raw && kindNamed(raw.kind);
    if (!raw || !kind) throw new Error(`This player has no frame kind "${String(raw?.kind)}". It has: ${kindNames().join(', ')}.`);
    const { evaluate } = session;
    const params = { ...defaultsOf(raw.kind), ...structuredClone(raw), id: visitId(raw.id, session.sequence) } as AnyParams;
    const generated = params.generateProperties ? await generatedProperties(params.generateProperties, session.functionData(), evaluate) : null;
    Object.assign(params, generated);
    const select = params.selectNextFrame ? await nextSelector(params.selectNextFrame, evaluate) : null;
    return { index, raw, kind, params, generated, select };
}

export class FrameRun implements FrameContext<AnyParams> {
    readonly kind: string;
    readonly id: string;
    readonly index: number;
    readonly frameType: FrameType;
    readonly params: AnyParams;
    readonly root: HTMLElement;
    readonly session: Session;
    readonly language: Language;
    readonly recorder: OwnRecorder | null;
    readonly pause: PauseControl | null;
    readonly fullscreen: Session['stage']['fullscreen'];
    readonly #kind: FrameKind<AnyParams>;
    readonly #raw: Frame;
    readonly #generated: Values | null;
    readonly #select: Selector | null;
    readonly #events: FrameEvent[] = [];
    readonly #enteredAt = performance.now();
    readonly #ending = new AbortController();
    #body: FrameBody = {};
    #flags: { completed?: true; completedConsentFrame?: true; surveyConsent?: true } = {};
    #isLeaving = false;
    #isDestroyed = false;

    /** Builds the frame and shows it. Throws when it cannot be shown. */
    constructor(session: Session, { index, raw, kind, params, generated, select }: Ready) {
        this.session = session;
        this.language = session.language;
        this.fullscreen = session.stage.fullscreen;
        this.kind = raw.kind;
        this.index = index;
        this.frameType = declarationOf(raw.kind).frameType;
        this.#kind = kind;
        this.#raw = raw;
        this.#generated = generated;
        this.id = String(params.id);
        this.#select = select;
        for (const sentence of mismatches(raw.kind, params)) console.warn(`${this.id}: ${sentence}`);
        if (params.language) this.language.choose(params.language);
        this.#settle(params);
        this.params = params;
        this.root = session.stage.blank();
        this.root.classList.add(raw.kind);
        this.root.lang = this.language.code;
        this.#screen();
        this.recorder = this.#has('video-record') && params['doUseCamera'] ? this.#makeRecorder(params as unknown as RecordParams) : null;
        this.pause = this.#has('pause-unpause') ? this.#makePauser(params as unknown as PauseParams) : null;
        this.#body = kind.mount(this);
        void this.#begin().catch((error: unknown) => {
            if (!this.signal.aborted) console.error(`${this.id} could not start`, error);
        });
    }

    get signal(): AbortSignal {
        return this.#ending.signal;
    }

    #has(part: string): boolean {
        return declarationOf(this.kind).mixins.includes(part);
    }

    #settle(params: AnyParams): void {
        expandAssets(this.kind, params);
        const { follows } = this.#kind;
        for (const [name, own] of Object.entries(follows ?? {})) params[name as keyof AnyParams] = Boolean(params[own]) as never;
        const wantsCamera = this.#has('video-record') && params['doUseCamera'] === true;
        if (wantsCamera && (this.session.sessionRecording || params.startSessionRecording)) {
            console.warn(`${this.id}: the frame's own recording is off, because a session recording is running`);
            for (const name of ['doUseCamera', 'startRecordingAutomatically', ...Object.values(follows ?? {})]) params[name as keyof AnyParams] = false as never;
        }
        if (this.#has('video-record')) {
            const length = Number(params['maxRecordingLength']);
            const clamped = Math.min(LENGTH_MAX_S, Math.max(1, Number.isFinite(length) ? length : LENGTH_MAX_S));
            if (clamped !== length) console.warn(`${this.id}: maxRecordingLength is set to ${clamped}`);
            Object.assign(params, { maxRecordingLength: clamped });
        }
        this.#kind.settle?.(params, this.session);
    }

    /* ---- full screen ---- */

    #screen(): void {
        const { fullscreen, session } = this;
        const declared = declarationOf(this.kind).fullscreen;
        const isOwn = declared === 'always' || (declared === 'parameter' && this.params.displayFullscreen !== false);
        const isWanted = isOwn || this.params.displayFullscreenOverride;
        let wasOn = fullscreen.isOn;
        this.root.classList.add(isOwn ? 'fullscreen-frame' : 'windowed-frame');
        const stop = fullscreen.onchange(() => {
            if (fullscreen.isOn === wasOn) return;
            wasOn = fullscreen.isOn;
            this.log(wasOn ? 'enteredFullscreen' : 'leftFullscreen');
            session.stage.offerFullscreen(isWanted && !wasOn);
        });
        this.signal.addEventListener('abort', stop);
        if (!isWanted) void fullscreen.leave();
        else void fullscreen.request().then((isOn) => {
            if (!this.signal.aborted) session.stage.offerFullscreen(!isOn);
        });
    }

    /* ---- recording ---- */

    #makeRecorder(params: RecordParams): OwnRecorder {
        let uncover: (() => void) | null = null;
        return new OwnRecorder(this.session.studio, (name, extra) => this.log(name, extra), {
            frame: this.id,
            isConsent: this.frameType === 'CONSENT',
            lengthMaxS: params.maxRecordingLength,
            uploadWaitS: () => params.maxUploadSeconds,
            checkMic: params.checkMic,
            keepsPlayback: this.#kind.keepsPlayback ?? false,
            onwait: (isWaiting) => {
                uncover?.();
                uncover = null;
                if (isWaiting && params.showWaitForUploadMessage)
                    uncover = this.session.stage.cover({
                        text: params.waitForUploadMessage, background: params.waitForUploadMessageColor,
                        image: params.waitForUploadImage, video: params.waitForUploadVideo,
                    });
            },
        });
    }

    /* What a frame waits for, then its start. A camera that cannot be had is explained and asked for again. */
    async #begin(): Promise<void> {
        const { params } = this;
        const record = params as unknown as RecordParams;
        if (params.startSessionRecording) {
            if (this.session.sessionRecording) console.warn(`${this.id}: a session recording is running already`);
            else await this.#untilCamera(() => this.#startSessionRecording());
        }
        if (this.recorder && record.startRecordingAutomatically) {
            const uncover = record.showWaitForRecordingMessage
                ? this.session.stage.cover({
                    text: record.waitForRecordingMessage, background: record.waitForRecordingMessageColor,
                    image: record.waitForUploadImage, video: record.waitForUploadVideo,
                })
                : () => undefined;
            this.signal.addEventListener('abort', uncover);
            const { recorder } = this;
            await this.#untilCamera((isAgain) => (isAgain ? recorder.renew() : Promise.resolve()).then(() => recorder.start()));
            uncover();
        }
        if (!this.signal.aborted) await this.#body.start?.();
    }

    async #startSessionRecording(): Promise<void> {
        const recorder = new SessionRecorder(this.session.studio, this.id);
        await recorder.start((name, extra) => this.log(name, extra), () => this.session.setSessionRecorder(recorder)).catch((error: unknown) => {
            this.session.setSessionRecorder(null);
            throw error;
        });
        if (this.signal.aborted && this.session.sessionRecording !== recorder) recorder.abandon();
    }

    async #untilCamera(attempt: (isAgain: boolean) => Promise<void>): Promise<void> {
        for (let isAgain = false; !this.signal.aborted; isAgain = true) {
            try {
                await attempt(isAgain);
                return;
            } catch (error) {
                if (this.signal.aborted) return;
                console.error(`${this.id}: no recording`, error);
                await this.#cameraTrouble();
            }
        }
    }

    #cameraTrouble(): Promise<void> {
        return new Promise((resolve) => {
            const t = (key: string): string => this.language.t(key);
            const again = h('button.btn.btn-primary.btn-lg', { type: 'button', id: 'camera-try-again' }, t('camera-try-again'));
            const leave = h('button.btn.btn-outline-secondary.btn-lg', { type: 'button', id: 'camera-leave' }, t('camera-leave'));
            const uncover = this.session.stage.cover({
                text: h('div', h('h2', t('camera-trouble-title')), h('p', t('camera-trouble'))), below: h('div.buttons', again, leave),
            });
            again.addEventListener('click', () => {
                uncover();
                resolve();
            });
            leave.addEventListener('click', () => this.session.exitEarly());
        });
    }

    async endSessionRecording(onprogress: (share: number) => void = () => undefined): Promise<'uploaded' | 'late' | 'nothing'> {
        const recorder = this.session.sessionRecording;
        if (!recorder) return 'nothing';
        const outcome = await recorder.stop((name, extra) => this.log(name, extra), this.params.sessionMaxUploadSeconds, onprogress, this.signal);
        this.session.setSessionRecorder(null);
        return outcome;
    }

    #makePauser(params: PauseParams): Pauser {
        return new Pauser({
            params,
            signal: this.signal,
            isFullscreen: () => this.fullscreen.isOn,
            onFullscreen: (then) => this.signal.addEventListener('abort', this.fullscreen.onchange(then)),
            log: (name) => this.log(name),
            cover: (text) => this.session.stage.cover({ text, background: params.pauseColor, image: params.pauseImage, video: params.pauseVideo }),
            stopSessionRecording: () => this.endSessionRecording(),
            stop: async () => {
                await this.#body.pause?.();
                await this.recorder?.stop();
            },
            repeat: (offset) => void this.goTo(Math.max(0, this.index + offset)),
        });
    }

    /* ---- events and data ---- */

    log(name: string, extra: Values = {}): void {
        const event: FrameEvent = { eventType: `${this.kind}:${name}`, timestamp: new Date().toISOString() };
        if (this.recorder) {
            event.videoId = this.recorder.videoId;
            event.streamTime = this.recorder.streamTime;
        }
        const recording = this.session.sessionRecording;
        if (recording) {
            event.sessionVideoId = recording.videoId;
            event.sessionStreamTime = recording.streamTime;
        }
        this.#events.push({ ...event, ...extra });
    }

    /** exp_data of this frame as it stands now. */
    data(): Values {
        const data: Values = {
            frameType: this.frameType,
            frameDuration: (performance.now() - this.#enteredAt) / 1000,
            generatedProperties: this.#generated,
            eventTimings: [...this.#events],
        };
        const own = this.#body.data?.() ?? {};
        const declared = declarationOf(this.kind).recorded_properties;
        for (const name of Object.keys(own))
            if (!declared.includes(name)) console.error(`${this.kind} may not save "${name}": its declaration does not list it`);
        for (const name of declared) {
            let value = name in own ? own[name] : (this.params as Values)[name];
            if (value === undefined && name === 'videoId') value = this.recorder?.videoId;
            if (value === undefined && name === 'videoList') value = this.recorder?.videoList;
            if (value !== undefined) data[name] = value;
        }
        return structuredClone(data);
    }

    flag(flags: { completed?: true; completedConsentFrame?: true; surveyConsent?: true }): void {
        this.#flags = { ...this.#flags, ...flags };
    }

    get flags(): { completed?: true; completedConsentFrame?: true; surveyConsent?: true } {
        return this.#flags;
    }

    save(): Promise<'saved' | 'kept'> {
        return this.session.save(this);
    }

    /* ---- moving ---- */

    next(): Promise<void> {
        return this.#leave(async () => {
            this.log('nextFrame');
            const { session } = this;
            const choice = await this.#select?.(session.frames, this.index, this.data(), session.functionData());
            if (this.#isDestroyed) return this.index; /* the family left meanwhile */
            choice?.apply();
            const target = targetIndex(choice?.index ?? -1, this.index, session.frames.length);
            if (this.params.endSessionRecording) await this.endSessionRecording();
            return target;
        });
    }

    async previous(): Promise<void> {
        if (this.index > 0) {
            await this.#leave(async () => {
                this.log('previousFrame');
                return this.index - 1;
            });
            return;
        }
        this.log('previousFrame');
        await this.save();
    }

    goTo(index: number): Promise<void> {
        return this.#leave(async () => targetIndex(index, this.index, this.session.frames.length));
    }

    leaveStudy(): Promise<void> {
        return this.#leave(async () => this.session.frames.length);
    }

    /* Trouble in a researcher's function leaves the frame as it is. */
    async #leave(decide: () => Promise<number>): Promise<void> {
        if (this.#isLeaving || this.#isDestroyed) return;
        this.#isLeaving = true;
        try {
            const target = await decide();
            if (this.#isDestroyed) return;
            await this.session.move(this, target);
        } catch (error) {
            console.error(`${this.id}: cannot go on`, error);
            if (this.#isDestroyed) return;
            this.say(this.language.t('protocol-trouble'));
            this.#isLeaving = false;
        }
    }

    say(sentence: string): void {
        this.session.stage.say(sentence);
    }

    after(ms: number, then: () => void): () => void {
        const timer = setTimeout(then, ms);
        const stop = (): void => clearTimeout(timer);
        this.signal.addEventListener('abort', stop);
        return stop;
    }

    listen(on: EventTarget, type: string, then: (event: never) => void): void {
        on.addEventListener(type, then as EventListener, { signal: this.signal });
    }

    destroy(): void {
        if (this.#isDestroyed) return;
        this.#isDestroyed = true;
        this.#ending.abort();
        try {
            this.#body.destroy?.();
        } finally {
            this.recorder?.destroy();
        }
    }

    /** The frame as the protocol has it: exp-frame-select and the like. */
    get raw(): Frame {
        return this.#raw;
    }
}
