/* Legal consent: the document, and a spoken statement that is recorded and played back (frames.md 13). */

import { consentDocument, type ConsentParams } from '../consent.js';
import { h, setLooksDisabled, show, type Child } from '../dom.js';
import type { FrameBody, FrameContext, FrameKind, FrameRecorder, RecordParams } from '../frame.js';
import { camera } from '../parts.js';
import { dateForName, download, pdfOf } from '../pdf.js';
import { format } from '../text.js';

type Params = RecordParams & ConsentParams & { prompt_all_adults: boolean; consent_statement_text: string };
type Context = FrameContext<Params>;
type Translate = (key: string, values?: { [name: string]: string | number }) => string;

type State = 'ready' | 'starting' | 'recording' | 'stopping' | 'failed';

/** A recording shorter than this is a mistaken click. */
const STOP_AFTER_MS = 2000;

export const expLookitVideoConsent: FrameKind<Params> = {
    kind: 'exp-lookit-video-consent',
    keepsPlayback: true,
    settle(params) {
        params.startRecordingAutomatically = false;
    },
    mount(frame) {
        const t: Translate = (key, values) => frame.language.t(`exp-lookit-video-consent.${key}`, values);
        const form = consentDocument(frame.params, frame.session.study, frame.language);
        const keep = h('button.btn.btn-outline-secondary.btn-sm', { type: 'button', id: 'downloadbutton' }, t('download'));
        frame.listen(keep, 'click', () => void keepCopy(frame, form, t));
        const consent = frame.recorder ? new SpokenConsent(frame, frame.recorder, t) : null;
        frame.root.classList.add('page', 'page-wide');
        frame.root.append(
            h('div.page-content', h('div.two-columns',
                h('div.consent-left', h('div.consent-lead', h('span', t('consent-step-1')), keep), form),
                consent ? consent.element : h('p.warning', t('no-camera')))),
            h('nav.frame-navigation', h('div', consent?.warning), consent?.submit));
        const consentFormText = form.innerText;
        return { data: () => ({ consentFormText }), destroy: () => consent?.destroy() } satisfies FrameBody;
    },
};

async function keepCopy(frame: Context, form: HTMLElement, t: Translate): Promise<void> {
    frame.log('downloadConsentForm');
    const now = new Date();
    const pdf = await pdfOf(form.innerText, (page, pages) => `${now.toLocaleString()}    ${t('page-of', { page, pages })}`);
    download(pdf, `Lookit_study_consent_${dateForName(now)}.pdf`);
}

/** Record, stop, play, submit. */
class SpokenConsent {
    readonly element: HTMLElement;
    readonly submit: HTMLButtonElement;
    readonly warning = h('p.warning', { role: 'alert', id: 'consent-warning' });
    readonly #frame: Context;
    readonly #recorder: FrameRecorder;
    readonly #t: Translate;
    readonly #record = h('button.btn.btn-danger', { type: 'button', id: 'recordbutton' });
    readonly #stop = h('button.btn.btn-outline-secondary', { type: 'button', id: 'stopbutton' });
    readonly #play = h('button.btn.btn-outline-secondary', { type: 'button', id: 'playbutton' });
    readonly #playback = h('video', { controls: true, playsinline: true, id: 'consent-playback' });
    readonly #lamp = h('div.camera-state', { role: 'status', id: 'recordstatus' });
    #state: State = 'ready';
    #mayStop = false;
    #hasRecorded = false;
    #hasPlayed = false;
    #address = '';

    constructor(frame: Context, recorder: FrameRecorder, t: Translate) {
        this.#frame = frame;
        this.#recorder = recorder;
        this.#t = t;
        this.#record.textContent = t('start-consent-recording');
        this.#stop.textContent = t('stop-recording');
        this.#play.textContent = t('play-consent-video-button');
        this.submit = h('button.btn.btn-primary.btn-lg', { type: 'button', id: 'submitbutton' }, frame.language.t('Submit'));
        this.#showPlayback(false);
        show(this.warning, false);
        const view = camera(frame, recorder, t('no-camera'));
        view.append(this.#playback, this.#lamp);
        view.classList.add('consent-camera');
        this.element = h('div', view, this.#steps());
        frame.listen(this.#record, 'click', () => void this.#startRecording());
        frame.listen(this.#stop, 'click', () => void this.#stopRecording());
        frame.listen(this.#play, 'click', () => this.#playBack());
        frame.listen(this.submit, 'click', () => this.#finish());
        recorder.onchange(() => this.#update());
        this.#update();
    }

    #steps(): HTMLElement {
        const { params } = this.#frame;
        const t = this.#t;
        const statement = params.consent_statement_text ? format(params.consent_statement_text) : t(params.prompt_only_adults ? 'prompt-adult-only' : 'prompt');
        const maySign = ['consent_004', 'consent_005', 'consent_garden'].includes(params.template);
        const quoted = (words: Child): HTMLElement => h('blockquote.statement', '\u201c', words, '\u201d');
        const steps: Child[][] = [
            [h('p', t('step-start')), this.#record],
            [h('p', t('read-statement-below')), quoted(statement), maySign && h('p', t('signed-alternative'))],
        ];
        if (params.prompt_all_adults) steps.push([h('p', t('additional-adult-question')), quoted(t('additional-adult-prompt'))]);
        steps.push([h('p', t('step-stop')), this.#stop], [h('p', t('review-video')), this.#play]);
        return h('div.consent-steps', steps.map((content, i) =>
            h('section.step', h('span.step-number', String(i + 1)), h('div.step-body', content))));
    }

    #update(): void {
        const { state } = this.#recorder;
        const isReady = state === 'ready' || state === 'stopped';
        this.#record.disabled = !(state === 'denied' || (isReady && this.#state !== 'recording' && this.#state !== 'stopping' && this.#state !== 'starting'));
        this.#stop.disabled = !(this.#state === 'recording' && this.#mayStop);
        this.#play.disabled = !(this.#hasRecorded && this.#state === 'ready');
        setLooksDisabled(this.submit, !(this.#hasRecorded && this.#hasPlayed));
        const words = { ready: this.#hasRecorded ? 'Not-recording' : 'Not-recording-yet', starting: 'Starting-recorder', recording: 'Recording', stopping: 'Stopping-and-uploading', failed: 'Error-starting-recorder' };
        this.#lamp.textContent = this.#t(words[this.#state]);
        this.#lamp.classList.toggle('is-recording', this.#state === 'recording');
    }

    #become(state: State): void {
        this.#state = state;
        this.#update();
    }

    async #startRecording(): Promise<void> {
        const isAgain = this.#hasRecorded || this.#recorder.state === 'denied' || this.#state === 'failed';
        this.#playback.pause();
        this.#showPlayback(false);
        show(this.warning, false);
        this.#hasRecorded = this.#hasPlayed = this.#mayStop = false;
        this.#become('starting');
        try {
            if (isAgain) await this.#recorder.renew();
            await this.#recorder.start();
        } catch {
            this.#become('failed');
            return;
        }
        this.#become('recording');
        this.#frame.after(STOP_AFTER_MS, () => {
            this.#mayStop = true;
            this.#update();
        });
    }

    async #stopRecording(): Promise<void> {
        this.#become('stopping');
        await this.#recorder.stop();
        const recording = this.#recorder.playback();
        if (recording) {
            URL.revokeObjectURL(this.#address);
            this.#address = URL.createObjectURL(recording);
            this.#playback.src = this.#address;
        }
        this.#hasRecorded = true;
        this.#become('ready');
    }

    #showPlayback(shown: boolean): void {
        show(this.#playback, shown);
        show(this.#lamp, !shown);
    }

    #playBack(): void {
        this.#showPlayback(true);
        this.#playback.scrollIntoView({ block: 'center' });
        this.#playback.currentTime = 0;
        void this.#playback.play().catch((error: unknown) => console.error('playback', error));
        this.#hasPlayed = true;
        show(this.warning, false);
        this.#update();
    }

    #finish(): void {
        const key = !this.#hasRecorded ? 'consent-recording-warning' : !this.#hasPlayed ? 'play-video-warning' : null;
        show(this.warning, key !== null);
        if (key) {
            this.warning.textContent = this.#t(key);
            return;
        }
        this.#playback.pause();
        this.#frame.flag({ completedConsentFrame: true });
        void this.#frame.next();
    }

    destroy(): void {
        URL.revokeObjectURL(this.#address);
    }
}
