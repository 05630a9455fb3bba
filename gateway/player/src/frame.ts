/* The contract of a frame kind. Whoever writes a kind reads this file and frames/exp-lookit-text.ts, and needs nothing else.
 *
 * A kind consists of
 *   schemas/protocol/frames/KIND.json    its parameters, data and shared parts: declared once, read by the checker, the
 *                                        documentation and the player
 *   frames/KIND.ts                       what it shows and does: one exported FrameKind
 *   frames/index.ts                      one line that makes it known
 *   locale/*.json                        its fixed sentences, section KIND
 *
 * What the base does (frame_run.ts), so that a kind need not:
 *   - parameters: defaults, the researcher's values over them, generateProperties over those; console warnings for values
 *     that the declaration does not allow; stimulus files expanded (frames.md 4) for kinds with the part "expand-assets"
 *   - the id with its -repeat-N, frameType, frameDuration, generatedProperties, eventTimings, and every property that the
 *     declaration lists under "recorded_properties"
 *   - full screen on entry, the "return to fullscreen" button, the events enteredFullscreen and leftFullscreen
 *   - the part "video-record": the recorder, its events, the covers "starting webcam recording" and "uploading video"
 *   - the part "pause-unpause": key, covers, sounds, the repeat of the frame
 *   - startSessionRecording and endSessionRecording
 *   - nextFrame and previousFrame events, selectNextFrame, saving, moving on
 *
 * Life of a frame:
 *   settle?  mount  start  [pause]  destroy
 *   mount    builds the page in `frame.root` and returns a FrameBody. The recorder may not be ready yet.
 *   start    is called once when everything the frame waits for is there: at once for a frame without recording; after
 *            recording has really begun and the cover is gone where startRecordingAutomatically or startSessionRecording is
 *            true. A trial begins here.
 *            If the camera cannot be had, start is not called: the base tells the family what to do.
 *   pause    only with the part "pause-unpause": stop media and timers, hide the content. The frame will not go on from
 *            there; it is saved, destroyed and mounted again with a new id.
 *   destroy  is called exactly once, always. `frame.signal` is aborted just before it: listeners made with frame.listen or
 *            {signal: frame.signal} and timers made with frame.after are gone by then. */

import type { Language } from './language.js';

export type FrameType = 'DEFAULT' | 'CONSENT' | 'EXIT';

/** One playable file of a stimulus. Audio and video parameters arrive as a list of these, best first; empty = nothing. */
export interface MediaSource {
    src: string;
    type: string;
}

/** frames.md 8; draw it with textBlock() of text.ts. */
export interface TextBlock {
    title?: string;
    text?: string | string[];
    emph?: boolean;
    image?: { src: string; alt?: string };
    listblocks?: TextBlock[];
    css?: { [property: string]: string };
}

/** Parameters that every frame has (frames.md 2.2). A kind's own parameters extend this. */
export interface CommonParams {
    kind: string;
    id: string;
    displayFullscreen?: boolean;
    displayFullscreenOverride: boolean;
    startSessionRecording: boolean;
    endSessionRecording: boolean;
    sessionMaxUploadSeconds: number;
    language?: string;
    generateProperties?: string;
    selectNextFrame?: string;
}

/** Parameters of the part "video-record" (frames.md 3.2). */
export interface RecordParams extends CommonParams {
    maxRecordingLength: number;
    maxUploadSeconds: number;
    doUseCamera: boolean;
    startRecordingAutomatically: boolean;
    checkMic: boolean;
    showWaitForRecordingMessage: boolean;
    waitForRecordingMessage: string;
    waitForRecordingMessageColor: string;
    showWaitForUploadMessage: boolean;
    waitForUploadMessage: string;
    waitForUploadMessageColor: string;
    waitForUploadImage: string;
    waitForUploadVideo: MediaSource[];
}

/** Parameters of the part "pause-unpause" (frames.md 6). */
export interface PauseParams extends CommonParams {
    pauseKey: string;
    allowUserPause: boolean;
    pauseWhenExitingFullscreen: boolean;
    pausedText: string;
    pausingText: string;
    fullscreenPausedText: string;
    pauseColor: string;
    pauseImage: string;
    pauseVideo: MediaSource[];
    pauseAudio: MediaSource[];
    unpauseAudio: MediaSource[];
    frameOffsetAfterPause: number;
    stopSessionRecordingOnPause: boolean;
}

/** What kinds export. P is the type of its parameters after settling. */
export interface FrameKind<P extends CommonParams = CommonParams> {
    /** "exp-lookit-text"; its declaration has this name too */
    readonly kind: string;
    /** Parameters of the recording part that are another name for one of this kind's own, for example
     * {doUseCamera: 'doRecording', startRecordingAutomatically: 'doRecording'}. When a session recording runs, both
     * become false. */
    readonly follows?: { doUseCamera?: keyof P & string; startRecordingAutomatically?: keyof P & string };
    /** Keeps the frame recorder's latest recording in memory so that recorder.playback() can give it. */
    readonly keepsPlayback?: boolean;
    /** Last word on the parameters, before mount: derived values, impossible combinations. */
    readonly settle?: (params: P, session: SessionView) => void;
    readonly mount: (frame: FrameContext<P>) => FrameBody;
}

/** What mount returns. Every part is optional. */
export interface FrameBody {
    start?(): void | Promise<void>;
    pause?(): void | Promise<void>;
    destroy?(): void;
    /** Values for the declaration's "recorded_properties", asked for at every save. The base takes a property from here
     * first, then videoId and videoList from the recorder, then from the parameters. undefined is left out. Names that
     * the declaration does not list are refused (console error): declare them. */
    data?(): { [name: string]: unknown };
}

/** One event as it is saved: eventType is "<kind>:<name>". */
export interface FrameEvent {
    eventType: string;
    timestamp: string;
    videoId?: string;
    streamTime?: number | null;
    sessionVideoId?: string;
    sessionStreamTime?: number | null;
    [extra: string]: unknown;
}

/** What a frame is given. */
export interface FrameContext<P extends CommonParams = CommonParams> {
    readonly kind: string;
    /** with its prefix and -repeat-N: the key of its data */
    readonly id: string;
    /** position in session.frames */
    readonly index: number;
    readonly frameType: FrameType;
    readonly params: P;
    /** the empty element to fill */
    readonly root: HTMLElement;
    readonly signal: AbortSignal;
    readonly session: SessionView;
    readonly language: Language;
    /** null unless the kind has the part "video-record" and doUseCamera is true (no session recording running) */
    readonly recorder: FrameRecorder | null;
    /** null unless the kind has the part "pause-unpause" */
    readonly pause: PauseControl | null;
    readonly fullscreen: Fullscreen;

    /** Logs "<kind>:<name>" with the time, the stream times of running recordings, and extra. */
    log(name: string, extra?: { [name: string]: unknown }): void;
    /** A timer that dies with the frame (and not with a pause: call the returned function there). */
    after(ms: number, then: () => void): () => void;
    /** addEventListener that dies with the frame. */
    listen<K extends keyof HTMLElementEventMap>(on: EventTarget, type: K, then: (event: HTMLElementEventMap[K]) => void): void;
    listen(on: EventTarget, type: string, then: (event: Event) => void): void;

    /** Event, selectNextFrame, save, move on. Further calls while the first is under way do nothing. */
    next(): Promise<void>;
    previous(): Promise<void>;
    /** Save and go there, without nextFrame event; -1 means the next one. */
    goTo(index: number): Promise<void>;
    /** Ends the study here; this frame's data is saved first. */
    leaveStudy(): Promise<void>;
    /** Saves this frame without leaving it. "saved": the server has it. "kept": the server cannot be reached now, it is
     * stored in this browser and will be sent. Rejects when neither is possible: say so and let the family try again. */
    save(): Promise<'saved' | 'kept'>;
    /** Stops the session recording and waits until the server has all of it, or sessionMaxUploadSeconds at most. `onprogress`
     * hears the share that is sent, 0..1, several times a second. The base does this by itself on next() where
     * endSessionRecording is true. */
    endSessionRecording(onprogress?: (share: number) => void): Promise<'uploaded' | 'late' | 'nothing'>;
    /** Flags of the response; they travel with the next save of this frame. */
    flag(flags: { completed?: true; completedConsentFrame?: true; surveyConsent?: true }): void;
    /** A short friendly message at the top right that goes away by itself. */
    say(sentence: string): void;
}

/** The frame's own webcam recording (frames.md 3.2). All its events are logged by itself. */
export interface FrameRecorder {
    /** starting: waiting for camera and (checkMic) microphone check. denied: no camera or not allowed, see error */
    readonly state: 'starting' | 'ready' | 'recording' | 'stopping' | 'stopped' | 'denied';
    readonly error: Error | null;
    /** id of the latest set-up, even if nothing was recorded */
    readonly videoId: string;
    /** ids of recordings that really started */
    readonly videoList: string[];
    /** the live picture, for a <video muted autoplay playsinline>; null until there is one */
    readonly stream: MediaStream | null;
    /** ms since recording began, null when not recording */
    readonly streamTime: number | null;
    readonly micChecked: boolean;
    /** true when the camera picture is there */
    readonly hasCamera: boolean;
    /** Resolves when ready, rejects when denied or destroyed. */
    whenReady(): Promise<void>;
    /** Resolves when recording has really begun. */
    start(): Promise<void>;
    /** Stops and waits until the server has all of it, or maxUploadSeconds at most ("late": it goes on by itself). Resolves
     * at once with "nothing" if nothing was recorded. With showWaitForUploadMessage the cover is shown meanwhile. */
    stop(): Promise<'uploaded' | 'late' | 'nothing'>;
    /** Throws this set-up away and makes a new one, with a new videoId (record again, other device). */
    renew(): Promise<void>;
    /** The latest finished recording, for playing it back in this page; null if there is none. */
    playback(): Blob | null;
    /** Shows the live picture in this element until the frame ends, through renewals too. */
    show(video: HTMLVideoElement): void;
    /** Called at every change of state, micChecked or hasCamera, until the frame ends. */
    onchange(then: () => void): void;
}

export interface PauseControl {
    /** Pausing by key or by leaving full screen is possible from allow(true) to allow(false). It starts forbidden. */
    allow(allowed: boolean): void;
    readonly isPaused: boolean;
}

export interface Fullscreen {
    readonly isOn: boolean;
    /** Needs a gesture (click) shortly before. False if the browser refused. */
    request(): Promise<boolean>;
    leave(): Promise<void>;
}

/** The session as frames may see it. */
export interface SessionView {
    readonly study: StudyRecord;
    readonly child: ChildRecord;
    readonly responseId: string;
    readonly isPreview: boolean;
    /** newest first, this session is in it */
    readonly pastSessions: readonly unknown[];
    /** the flat list; exp-frame-select and protocol functions may change it */
    readonly frames: { kind: string; id: string; [parameter: string]: unknown }[];
    readonly frameIndex: number;
    /** saved data by frame id, in the order of saving; not yet this frame's */
    readonly expData: { readonly [id: string]: { [name: string]: unknown } };
    readonly sequence: readonly string[];
    readonly conditions: { readonly [key: string]: unknown } | null;
    /** the recording that spans frames, null when none runs */
    readonly sessionRecording: { readonly videoId: string; readonly streamTime: number | null } | null;
}

/** player-session.md 3.1 */
export interface StudyRecord {
    id: string;
    name: string;
    duration: string;
    contact_info: string;
    exit_url: string;
    structure: unknown;
    generator: string;
    use_generator: boolean;
    /** address of the study's public page on this site */
    page: string;
}

/** player-session.md 3.2, names in camel case; also readable as child.get('givenName') */
export interface ChildRecord {
    id: string;
    givenName: string;
    birthday: Date | null;
    gender: string;
    ageAtBirth: string;
    additionalInformation: string;
    languageList: string;
    conditionList: string;
    deleted: boolean;
    get(name: string): unknown;
}

type AnyKind = FrameKind<any>;
const kinds = new Map<string, AnyKind>();

/** Makes a kind known (frames/index.ts). A name may be taken once. */
export function register(...added: AnyKind[]): void {
    for (const kind of added) {
        if (kinds.has(kind.kind)) throw new Error(`frame kind ${kind.kind} is registered twice`);
        kinds.set(kind.kind, kind);
    }
}

export function kindNamed(name: string): AnyKind | undefined {
    return kinds.get(name);
}

export function kindNames(): string[] {
    return [...kinds.keys()].sort();
}
