/* A trial with pictures and sound: a page of a story, pictures side by side, a choice with feedback (frames.md 22). */

import type { FrameBody, FrameContext, FrameKind } from '../frame.js';
import { isChoice, isReady, highlighted, nameAll, type Picture, type PictureParams } from '../trial/pictures.js';
import { TrialScreen } from '../trial/screen.js';
import { Sound } from '../trial/sound.js';

type Context = FrameContext<PictureParams>;

/** So long the border of a choice without feedback is seen before the trial ends. */
const CHOICE_SEEN_MS = 150;
/** After this long the family may go on although the recording is still being sent. */
const SENDING_MAX_MS = 5000;
/** Pictures that need longer get a word of patience. */
const PATIENCE_MS = 2500;

export const expLookitImagesAudio: FrameKind<PictureParams> = {
    kind: 'exp-lookit-images-audio',
    follows: { doUseCamera: 'doRecording', startRecordingAutomatically: 'doRecording' },
    settle(params) {
        params.images = nameAll(params.images);
        if (!Array.isArray(params.audio)) params.audio = [];
        params.durationSeconds = Math.max(0, Number(params.durationSeconds) || 0);
    },
    mount: (frame) => new PictureTrial(frame),
};

class PictureTrial implements FrameBody {
    readonly #frame: Context;
    readonly #params: PictureParams;
    readonly #screen: TrialScreen;
    readonly #sound: Sound | null;
    readonly #feedback = new Map<string, Sound>();
    readonly #timers: (() => void)[] = [];
    #delayed: (() => void)[] = [];
    #phase: 'waiting' | 'running' | 'finishing' | 'paused' = 'waiting';
    #isLongEnough: boolean;
    #hasSoundFinished = false;
    /** the sound counts as finished once per playing */
    #isSoundCounted = false;
    #isAsking = false;
    #selected: Picture | null = null;
    #highlighting = 0;

    constructor(frame: Context) {
        const { params, language } = frame;
        this.#frame = frame;
        this.#params = params;
        this.#isLongEnough = params.durationSeconds === 0;
        this.#screen = new TrialScreen(frame);
        this.#sound = params.audio.length ? new Sound(params.audio) : null;
        for (const { id, feedbackAudio } of params.images)
            if (Array.isArray(feedbackAudio) && feedbackAudio.length) this.#feedback.set(id, new Sound(feedbackAudio));
        const { next, previous, replay, pictures } = this.#screen;
        for (const { picture, box } of pictures)
            if (isChoice(params, picture)) frame.listen(box, 'click', () => this.#choose(picture));
        if (next) {
            next.disabled = true;
            frame.listen(next, 'click', () => void this.#finish());
        }
        if (replay) {
            replay.disabled = true;
            frame.listen(replay, 'click', () => this.#replay());
        }
        if (previous) frame.listen(previous, 'click', () => void frame.previous());
        frame.listen(frame.root, 'keyup', (event) => this.#keepForPause(event));
        const wait = (): void => {
            if (this.#phase === 'waiting') this.#screen.say(`${language.t(params.startSessionRecording ? 'establishing video connection' : 'please wait')} …`);
        };
        if (params.startSessionRecording) wait();
        else frame.after(PATIENCE_MS, wait);
    }

    data(): { [name: string]: unknown } {
        return {
            selectedImage: this.#selected?.id,
            correctImageSelected: this.#selected?.correct,
            audioPlayed: this.#params.audio[0]?.src,
        };
    }

    /* The key that pauses must not press the button that was pressed last as well; Enter does. */
    #keepForPause(event: KeyboardEvent): void {
        const { allowUserPause, pauseKey } = this.#params;
        if (allowUserPause && event.key === pauseKey && this.#frame.fullscreen.isOn) event.preventDefault();
    }

    /* ---- the trial ---- */

    async start(): Promise<void> {
        await this.#screen.loaded();
        if (this.#frame.signal.aborted || this.#phase !== 'waiting') return;
        const { durationSeconds } = this.#params;
        this.#screen.say('');
        this.#frame.pause?.allow(true);
        if (durationSeconds > 0) {
            this.#frame.log('startTimer');
            this.#screen.fillProgress(durationSeconds);
            this.#timers.push(this.#frame.after(durationSeconds * 1000, () => {
                this.#frame.log('endTimer');
                this.#isLongEnough = true;
                this.#check();
            }));
        }
        this.#playSound();
        this.#displayImages();
        this.#phase = 'running';
        if (this.#screen.replay) this.#screen.replay.disabled = false;
        this.#check();
    }

    #playSound(): void {
        this.#isSoundCounted = false;
        if (!this.#sound) {
            this.#countSound();
            return;
        }
        this.#sound.play({
            onbegin: () => {
                this.#frame.log('startAudio');
                this.#followHighlights();
            },
            onfail: (error) => {
                console.error(`${this.#frame.id}: the sound cannot be played`, error);
                this.#frame.log('failedToStartAudio');
                this.#countSound();
                this.#check();
            },
            onend: () => {
                this.#countSound();
                this.#check();
            },
        });
    }

    #countSound(): void {
        if (!this.#isSoundCounted) this.#frame.log('finishAudio');
        this.#isSoundCounted = true;
        this.#hasSoundFinished = true;
    }

    #displayImages(): void {
        for (const stop of this.#delayed) stop();
        this.#frame.log('displayImages');
        this.#delayed = this.#screen.pictures.flatMap(({ picture, box }) => {
            const { displayDelayMs } = picture;
            if (typeof displayDelayMs !== 'number') {
                box.hidden = false;
                return [];
            }
            return [this.#frame.after(displayDelayMs, () => {
                this.#frame.log('displayImage', { imageId: picture.id });
                box.hidden = false;
            })];
        });
    }

    /* The sound's time is looked at with every picture that the screen draws. */
    #followHighlights(): void {
        if (!this.#params.highlights?.length) return;
        cancelAnimationFrame(this.#highlighting);
        const look = (): void => {
            const isPlaying = this.#sound?.isPlaying ?? false;
            this.#screen.mark('is-highlighted', isPlaying ? highlighted(this.#params.highlights, this.#sound?.second ?? 0) : new Set());
            if (isPlaying) this.#highlighting = requestAnimationFrame(look);
        };
        look();
    }

    #replay(): void {
        if (this.#phase !== 'running' || this.#isAsking) return;
        this.#frame.log('replayAudio');
        this.#hush();
        this.#screen.hideAll();
        this.#playSound();
        this.#displayImages();
    }

    #hush(): void {
        cancelAnimationFrame(this.#highlighting);
        this.#screen.mark('is-highlighted', new Set());
        this.#sound?.stop();
        for (const sound of this.#feedback.values()) sound.stop();
    }

    /* ---- choosing ---- */

    #choose(picture: Picture): void {
        const mayChoose = this.#params.canMakeChoiceBeforeAudioFinished || this.#hasSoundFinished;
        if (this.#phase !== 'running' || this.#isAsking || !mayChoose) return;
        if (!this.#hasSoundFinished) this.#countSound();
        this.#frame.log('clickImage', { imageId: picture.id, ...(picture.correct === undefined ? {} : { correct: picture.correct }) });
        this.#selected = picture;
        this.#screen.mark('is-selected', new Set([picture.id]));
        if (this.#params.correctChoiceRequired && picture.correct !== true) this.#enableNext(false);
        this.#giveFeedback(picture);
    }

    #giveFeedback(picture: Picture): void {
        const sound = this.#feedback.get(picture.id);
        if (sound) this.#playFeedback(picture, sound);
        if (picture.feedbackText) {
            this.#isAsking = true;
            this.#screen.ask(picture.feedbackText, this.#frame.language.t('exp-lookit-images-audio.ok'), () => {
                this.#isAsking = false;
                this.#frame.log('dismissFeedback', { imageId: picture.id });
                this.#check();
            });
        }
        if (!sound && !picture.feedbackText) this.#timers.push(this.#frame.after(CHOICE_SEEN_MS, () => this.#check()));
    }

    #playFeedback(picture: Picture, sound: Sound): void {
        const imageId = picture.id;
        this.#hush();
        sound.play({
            onbegin: () => this.#frame.log('startImageAudio', { imageId }),
            onfail: (error) => {
                console.error(`${this.#frame.id}: the sound of ${imageId} cannot be played`, error);
                this.#frame.log('failedToStartImageAudio', { imageId });
                this.#check();
            },
            onend: () => this.#check(),
        });
    }

    /* ---- the end ---- */

    #enableNext(enabled: boolean): void {
        if (this.#screen.next) this.#screen.next.disabled = !enabled;
    }

    #check(): void {
        const state = { isLongEnough: this.#isLongEnough, hasSoundFinished: this.#hasSoundFinished, isAsking: this.#isAsking, selected: this.#selected };
        if (this.#phase !== 'running' || !isReady(this.#params, state)) return;
        if (this.#params.autoProceed) void this.#finish();
        else this.#enableNext(true);
    }

    async #finish(): Promise<void> {
        const { recorder, language, pause } = this.#frame;
        const { next } = this.#screen;
        if (this.#phase === 'finishing') { /* the family does not want to wait any longer, or going on failed */
            await this.#frame.next();
            return;
        }
        if (this.#phase !== 'running') return;
        this.#phase = 'finishing';
        pause?.allow(false);
        this.#stopAll();
        this.#frame.log('trialComplete');
        if (recorder?.state === 'recording' || recorder?.state === 'stopped') {
            if (next) next.textContent = language.t('exp-lookit-images-audio.sending');
            this.#enableNext(false);
            this.#frame.after(SENDING_MAX_MS, () => this.#enableNext(true));
            await recorder.stop();
        }
        await this.#frame.next();
        this.#enableNext(true);
    }

    #stopAll(): void {
        this.#hush();
        for (const stop of [...this.#timers, ...this.#delayed]) stop();
    }

    pause(): void {
        this.#phase = 'paused';
        this.#stopAll();
        this.#screen.hide();
    }

    destroy(): void {
        this.#hush();
    }
}
