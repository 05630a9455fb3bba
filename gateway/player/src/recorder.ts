/* Recording: one file from the camera into the outbox, and the two ways of using it, by a frame and across frames.
 * Events and their order: frames.md 3. */

import { closeCamera, container, openCamera } from './devices.js';
import type { FrameRecorder } from './frame.js';
import { videoName } from './names.js';
import type { Outbox } from './outbox.js';

const SLICE_MS = 1000;
export const LENGTH_MAX_S = 7200;
const MIC_THRESHOLD = 0.1;
/** A playback larger than this is not kept. */
const PLAYBACK_MAX_BYTES = 256 * 1024 * 1024;

export type Log = (name: string, extra?: { [name: string]: unknown }) => void;

/** What all recordings of a visit have in common. */
export interface Studio {
    outbox: Outbox;
    study: string;
    response: string;
    /** where mic_check.js lies */
    assets: string;
}

/** One running recording of one file. */
class Take {
    readonly #recorder: MediaRecorder;
    readonly #outbox: Outbox;
    readonly #name: string;
    readonly #parts: Blob[] | null;
    #partBytes = 0;
    #writing: Promise<void> = Promise.resolve();
    #startedAt: number | null = null;
    #timer: ReturnType<typeof setTimeout> | undefined;
    readonly #ended: Promise<void>;

    constructor(outbox: Outbox, name: string, stream: MediaStream, keepsPlayback: boolean) {
        const mimeType = container();
        this.#recorder = new MediaRecorder(stream, mimeType ? { mimeType } : {});
        this.#outbox = outbox;
        this.#name = name;
        this.#parts = keepsPlayback ? [] : null;
        this.#recorder.ondataavailable = (event) => this.#write(event.data);
        this.#ended = new Promise((resolve) => this.#recorder.addEventListener('stop', () => {
            clearTimeout(this.#timer);
            this.#startedAt = null;
            resolve();
        }));
    }

    get streamTime(): number | null {
        return this.#startedAt === null ? null : Math.round(performance.now() - this.#startedAt);
    }

    get file(): string {
        return this.#name;
    }

    /** Resolves when recording has begun. */
    async start(lengthMaxS: number): Promise<void> {
        const began = new Promise<void>((resolve, reject) => {
            this.#recorder.addEventListener('start', () => resolve());
            this.#recorder.addEventListener('error', (event) => reject((event as ErrorEvent).error ?? new Error('recording failed')));
        });
        this.#recorder.start(SLICE_MS);
        await began;
        this.#startedAt = performance.now();
        this.#timer = setTimeout(() => void this.end(), lengthMaxS * 1000);
    }

    /* Parts are stored one after the other: their order is the file. */
    #write(data: Blob): void {
        if (this.#parts && (this.#partBytes += data.size) <= PLAYBACK_MAX_BYTES) this.#parts.push(data);
        this.#writing = this.#writing.then(async () => {
            const isWanted = await this.#outbox.append(this.#name, await data.arrayBuffer());
            if (!isWanted && this.#recorder.state !== 'inactive') this.#recorder.stop();
        }).catch((error: unknown) => console.error('a second of video could not be stored', error));
    }

    /** Resolves when the last part is in the outbox. Ending twice is harmless. */
    async end(): Promise<void> {
        if (this.#recorder.state !== 'inactive') this.#recorder.stop();
        await this.#ended;
        await this.#writing;
        await this.#outbox.finish(this.#name);
    }

    whenEnded(): Promise<void> {
        return this.#ended;
    }

    playback(): Blob | null {
        if (!this.#parts?.length || this.#partBytes > PLAYBACK_MAX_BYTES) return null;
        return new Blob(this.#parts, { type: this.#recorder.mimeType });
    }
}

/** Resolves with what came first. */
async function within<T>(what: Promise<T>, seconds: number, signal?: AbortSignal): Promise<'done' | 'late'> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<'late'>((resolve) => {
        timer = setTimeout(() => resolve('late'), Math.max(0, seconds) * 1000);
        signal?.addEventListener('abort', () => resolve('late'));
    });
    try {
        return await Promise.race([what.then(() => 'done' as const), late]);
    } finally {
        clearTimeout(timer);
    }
}

/** Listens to the microphone until it was loud enough once. */
class MicCheck {
    #context: AudioContext | null = null;

    async listen(stream: MediaStream, assets: string, onloud: () => void): Promise<void> {
        const context = new AudioContext();
        this.#context = context;
        await context.audioWorklet.addModule(new URL('mic_check.js', assets).href);
        const node = new AudioWorkletNode(context, 'mic-check');
        const silence = new GainNode(context, { gain: 0 });
        node.port.onmessage = (event: MessageEvent<number>) => {
            if (event.data > MIC_THRESHOLD) onloud();
        };
        context.createMediaStreamSource(stream).connect(node).connect(silence).connect(context.destination);
        if (context.state === 'suspended') void context.resume();
    }

    stop(): void {
        void this.#context?.close().catch(() => undefined);
        this.#context = null;
    }
}

export interface RecorderOptions {
    frame: string;
    isConsent: boolean;
    lengthMaxS: number;
    uploadWaitS: () => number;
    checkMic: boolean;
    keepsPlayback: boolean;
    /** called while a stop waits for the upload, for the cover */
    onwait: (isWaiting: boolean) => void;
}

/** See FrameRecorder in frame.ts. */
export class OwnRecorder implements FrameRecorder {
    readonly #studio: Studio;
    readonly #log: Log;
    readonly #options: RecorderOptions;
    readonly videoList: string[] = [];
    readonly #listeners: (() => void)[] = [];
    readonly #views: HTMLVideoElement[] = [];
    state: FrameRecorder['state'] = 'starting';
    error: Error | null = null;
    videoId = '';
    stream: MediaStream | null = null;
    micChecked = false;
    #take: Take | null = null;
    #last: Take | null = null;
    #mic = new MicCheck();
    #setUp = 0;
    #isConnected = false;
    #isDestroyed = false;
    #ready: Promise<void>;

    constructor(studio: Studio, log: Log, options: RecorderOptions) {
        this.#studio = studio;
        this.#log = log;
        this.#options = options;
        this.#ready = this.#prepare();
        this.#ready.catch(() => undefined);
    }

    get hasCamera(): boolean {
        return this.stream !== null;
    }

    get streamTime(): number | null {
        return this.#take?.streamTime ?? null;
    }

    whenReady(): Promise<void> {
        return this.#ready;
    }

    async #prepare(): Promise<void> {
        const setUp = ++this.#setUp;
        const { study, response, assets } = this.#studio;
        this.error = null;
        this.micChecked = false;
        this.videoId = videoName({ study, response, frame: this.#options.frame, isConsent: this.#options.isConsent }, Date.now());
        this.#log('setupVideoRecorder', { videoId: this.videoId, streamTime: null });
        this.#become('starting');
        try {
            const stream = await openCamera();
            if (this.#isDestroyed || setUp !== this.#setUp) {
                closeCamera(stream);
                throw new Error('the camera is not wanted any more');
            }
            this.stream = stream;
            this.#log('recorder.hasCamAccess', { hasCamAccess: true });
            for (const view of this.#views) attach(view, stream);
            this.#changed();
            if (this.#options.checkMic) await this.#checkMic(stream, assets, setUp);
            this.#log('recorderReady');
            this.#become('ready');
        } catch (error) {
            if (setUp === this.#setUp && !this.#isDestroyed) {
                this.error = error as Error;
                if (!this.stream) this.#log('recorder.hasCamAccess', { hasCamAccess: false });
                this.#become('denied');
            }
            throw error;
        }
    }

    /* A browser that cannot run the check does not keep the family out. */
    async #checkMic(stream: MediaStream, assets: string, setUp: number): Promise<void> {
        try {
            await this.#mic.listen(stream, assets, () => {
                if (this.micChecked || setUp !== this.#setUp) return;
                this.micChecked = true;
                this.#changed();
            });
        } catch (error) {
            console.error('the microphone cannot be checked here', error);
            this.micChecked = stream.getAudioTracks().length > 0;
        }
    }

    async start(): Promise<void> {
        await this.#ready;
        if (this.state === 'recording' || !this.stream) return;
        const take = new Take(this.#studio.outbox, `${this.videoId}.webm`, this.stream, this.#options.keepsPlayback);
        try {
            await this.#studio.outbox.open({
                name: take.file, response: this.#studio.response, frame: this.#options.frame,
                isConsent: this.#options.isConsent, type: 'video/webm',
            });
            this.#isConnected = true;
            this.#log('videoStreamConnection', { status: 'connected' });
            await take.start(Math.min(LENGTH_MAX_S, Math.max(1, this.#options.lengthMaxS)));
        } catch (error) {
            this.#log('errorStartingRecording', { error: String(error) });
            void this.#studio.outbox.finish(take.file);
            throw error;
        }
        this.#take = take;
        this.videoList.push(this.videoId);
        this.#log('startRecording');
        this.#become('recording');
        void take.whenEnded().then(() => {
            if (this.#take === take && this.state === 'recording') void this.#endQuietly(take);
        });
    }

    /* The greatest length is reached, or the camera was pulled out: no event. */
    async #endQuietly(take: Take): Promise<void> {
        await take.end();
        this.#last = take;
        this.#become('stopped');
    }

    async stop(): Promise<'uploaded' | 'late' | 'nothing'> {
        const take = this.#take;
        if (!take || (this.state !== 'recording' && this.state !== 'stopped')) return 'nothing';
        this.#log('stoppingCapture');
        this.#become('stopping');
        this.#options.onwait(true);
        let outcome: 'uploaded' | 'late' = 'late';
        try {
            await take.end();
            this.#last = take;
            outcome = await within(this.#studio.outbox.uploaded(take.file), this.#options.uploadWaitS()) === 'done' ? 'uploaded' : 'late';
            if (outcome === 'late') this.#log('recordingUploadTimedout');
            else {
                this.#disconnect();
                this.#log('uploadComplete');
            }
        } catch (error) {
            this.#log('errorStoppingRecorder', { error: String(error) });
        }
        this.#options.onwait(false);
        this.#take = null;
        this.#become('stopped');
        return outcome;
    }

    #disconnect(): void {
        if (this.#isConnected) this.#log('videoStreamConnection', { status: 'disconnected' });
        this.#isConnected = false;
    }

    async renew(): Promise<void> {
        this.#release();
        this.#ready = this.#prepare();
        this.#ready.catch(() => undefined);
        await this.#ready;
    }

    playback(): Blob | null {
        return this.#last?.playback() ?? null;
    }

    show(video: HTMLVideoElement): void {
        this.#views.push(video);
        video.muted = true;
        video.autoplay = true;
        video.playsInline = true;
        if (this.stream) attach(video, this.stream);
    }

    onchange(then: () => void): void {
        this.#listeners.push(then);
    }

    /** The frame ends: a running recording is finished and sent on by the outbox. */
    destroy(): void {
        if (this.#isDestroyed) return;
        this.#release();
        this.#isDestroyed = true;
        this.#listeners.length = 0;
    }

    #release(): void {
        this.#disconnect();
        this.#log('destroyingRecorder');
        const take = this.#take;
        this.#take = null;
        this.#mic.stop();
        const { stream } = this;
        this.stream = null;
        void (take ? take.end() : Promise.resolve()).finally(() => closeCamera(stream));
    }

    #become(state: FrameRecorder['state']): void {
        this.state = state;
        this.#changed();
    }

    #changed(): void {
        for (const then of this.#listeners) then();
    }
}

function attach(video: HTMLVideoElement, stream: MediaStream): void {
    if (video.srcObject === stream) return;
    video.srcObject = stream;
    void video.play().catch(() => undefined); /* it starts by itself as soon as the browser allows */
}

/** The recording that spans frames (frames.md 3.3). Events go to the frame that starts or ends it. */
export class SessionRecorder {
    readonly #studio: Studio;
    readonly videoId: string;
    readonly #frame: string;
    #stream: MediaStream | null = null;
    #take: Take | null = null;

    constructor(studio: Studio, frame: string) {
        this.#studio = studio;
        this.#frame = `${frame}-multiframe`;
        this.videoId = videoName({ study: studio.study, response: studio.response, frame: this.#frame, isConsent: false }, Date.now());
    }

    get streamTime(): number | null {
        return this.#take?.streamTime ?? null;
    }

    /** Asks for the camera; `onready` is called just before recording begins. */
    async start(log: Log, onready: () => void): Promise<void> {
        const id = { sessionVideoId: this.videoId };
        log('setupSessionVideoRecorder', id);
        try {
            this.#stream = await openCamera();
            log('sessionRecorder.hasCamAccess', { hasCamAccess: true, ...id });
            onready();
            log('sessionRecorderReady', id);
            const take = new Take(this.#studio.outbox, `${this.videoId}.webm`, this.#stream, false);
            await this.#studio.outbox.open({ name: take.file, response: this.#studio.response, frame: this.#frame, isConsent: false, type: 'video/webm' });
            log('videoStreamConnection', { status: 'connected', ...id });
            log('startSessionRecording');
            await take.start(LENGTH_MAX_S);
            this.#take = take;
            log('startedSessionRecording');
        } catch (error) {
            log('errorStartingSessionRecording', { error: String(error) });
            this.abandon();
            throw error;
        }
    }

    async stop(log: Log, waitS: number, onprogress: (share: number) => void, signal?: AbortSignal): Promise<'uploaded' | 'late' | 'nothing'> {
        const id = { sessionVideoId: this.videoId };
        const take = this.#take;
        if (!take) return 'nothing';
        log('stopSessionRecording', id);
        const timer = setInterval(() => void this.#studio.outbox.progress(take.file).then((at) =>
            onprogress(at.isHere ? at.confirmed / Math.max(1, at.bytes) : 1)), 100);
        let outcome: 'uploaded' | 'late' = 'late';
        try {
            await take.end();
            outcome = await within(this.#studio.outbox.uploaded(take.file), waitS, signal) === 'done' ? 'uploaded' : 'late';
            log(outcome === 'uploaded' ? 'uploadComplete' : 'sessionRecordingUploadTimedout', id);
        } catch (error) {
            log('errorStoppingSessionRecording', { error: String(error), ...id });
        }
        clearInterval(timer);
        log('destroyingRecorder', id);
        this.abandon();
        return outcome;
    }

    /** Ends without waiting; what is recorded is sent. */
    abandon(): void {
        const stream = this.#stream;
        const take = this.#take;
        this.#take = null;
        this.#stream = null;
        void (take ? take.end() : Promise.resolve()).finally(() => closeCamera(stream));
    }
}
