/* Camera and microphone before anything is recorded (frames.md 11). */

import { chooseDevice, chosenDevice, devices, type DeviceKind } from '../devices.js';
import { append, h, setLooksDisabled, show } from '../dom.js';
import type { FrameContext, FrameKind, RecordParams } from '../frame.js';
import { camera, navigation, page } from '../parts.js';
import { format } from '../text.js';

interface Params extends RecordParams {
    troubleshootingIntro: string;
}
type Context = FrameContext<Params>;

interface Step {
    element: HTMLElement;
    status: HTMLElement;
    warning: HTMLElement;
}

export const expVideoConfig: FrameKind<Params> = {
    kind: 'exp-video-config',
    settle(params) {
        params.startRecordingAutomatically = false;
    },
    mount(frame) {
        const t = (key: string): string => frame.language.t(`exp-video-config.${key}`);
        const recorder = frame.recorder;
        if (!recorder) return aside(frame, t);
        const view = camera(frame, recorder, t('no-webcam-detected'));
        const reload = h('button.btn.btn-outline-secondary.btn-sm', { type: 'button', id: 'reloadCheckButton' }, t('reload-button-label'));
        const steps = {
            camera: step(1, t('step-1'), t('camera-access-warning')),
            reload: step(2, t('step-2'), t('step-2-warning'), h('p', t('step-2-click-directions'), ' ', t('step-2-what-should-happen')), h('p', reload)),
            microphone: step(3, t('step-3'), t('step-3-warning'), h('p', t('try-clapping'))),
        };
        let hasReloaded = false;
        const missing = (): Step[] => [
            recorder.hasCamera ? null : steps.camera, hasReloaded ? null : steps.reload, recorder.micChecked ? null : steps.microphone,
        ].filter((one) => one !== null);

        const { bar, next } = navigation(frame, {
            onNext: () => {
                const open = missing();
                for (const one of Object.values(steps)) show(one.warning, open.includes(one));
                open[0]?.warning.scrollIntoView({ block: 'center', behavior: 'smooth' });
                if (open.length === 0) void frame.next();
            },
        });
        const renew = async (): Promise<void> => {
            await recorder.renew().catch(() => undefined); /* the steps say what is missing */
            await lists.update();
        };
        const lists = deviceLists(frame, t, renew);
        frame.listen(reload, 'click', () => {
            hasReloaded = true;
            void renew();
        });

        const update = (): void => {
            mark(steps.camera, recorder.hasCamera, recorder.hasCamera ? t('looks-good') : recorder.state === 'denied' ? t('no-webcam-detected') : t('starting'));
            mark(steps.reload, hasReloaded && recorder.hasCamera, hasReloaded && recorder.hasCamera ? t('looks-good') : '');
            mark(steps.microphone, recorder.micChecked, recorder.micChecked ? t('sounds-good') : t('no-sound-yet'));
            next.disabled = !recorder.hasCamera;
            setLooksDisabled(next, missing().length > 0);
        };
        recorder.onchange(update);
        void recorder.whenReady().then(() => lists.update(), update);
        update();

        page(frame.root, [
            h('h1', t('title')), h('p.lead', t('not-recording-note')),
            h('div.two-columns',
                h('div', view, lists.element),
                h('div', steps.camera.element, steps.reload.element, steps.microphone.element)),
            advice(frame, t),
        ], bar);
        frame.root.classList.add('page-wide');
        return { data: screenSize };
    },
};

/* While a session recording runs, the camera works: nothing to set up. */
function aside(frame: Context, t: (key: string) => string): { data: typeof screenSize } {
    page(frame.root, [h('h1', t('title')), h('p.lead', t('looks-good'))], navigation(frame).bar);
    return { data: screenSize };
}

function screenSize(): { screenWidth: number; screenHeight: number } {
    return { screenWidth: screen.width, screenHeight: screen.height };
}

function step(number: number, title: string, warning: string, ...content: HTMLElement[]): Step {
    const status = h('span.step-status');
    const warn = h('p.warning', { role: 'alert', hidden: true }, warning);
    const element = h('section.step', h('h2', h('span.step-number', String(number)), h('span', title, ' ', status)), content, warn);
    return { element, status, warning: warn };
}

function mark(of: Step, isDone: boolean, word: string): void {
    of.element.classList.toggle('is-done', isDone);
    of.status.textContent = word && `– ${word}`;
    if (isDone) show(of.warning, false);
}

/* Drop-downs of microphones and cameras; choosing one rebuilds the recorder. */
function deviceLists(frame: Context, t: (key: string) => string, onchoose: () => Promise<void>): { element: HTMLElement; update: () => Promise<void> } {
    const make = (kind: DeviceKind, label: string): { list: HTMLSelectElement; kind: DeviceKind; label: string } => {
        const list = h('select.form-select', { id: `select-${kind}`, 'aria-label': label });
        frame.listen(list, 'change', () => {
            if (!list.value) return;
            chooseDevice(kind, list.value);
            void onchoose();
        });
        return { list, kind, label };
    };
    const both = [make('audioinput', t('Microphone')), make('videoinput', t('Camera'))];
    return {
        element: h('div.device-choice', both.map(({ list, label }) => h('div', h('label', { for: list.id }, label), list))),
        update: async () => {
            for (const { list, kind, label } of both) {
                const found = await devices(kind);
                list.replaceChildren(h('option', { value: '' }));
                found.forEach((device, i) => append(list, h('option', { value: device.deviceId, selected: device.deviceId === chosenDevice(kind) },
                    device.label || `${label} ${i + 1}`)));
            }
        },
    };
}

function advice(frame: Context, t: (key: string) => string): HTMLElement {
    const panel = (header: string, ...paragraphs: (string | DocumentFragment)[]): HTMLElement =>
        h('details.advice', h('summary', header), h('div', paragraphs.map((one) => h('p', one))));
    const html = (key: string): DocumentFragment => frame.language.html(`exp-video-config.${key}`);
    return h('section', { style: { marginTop: '1.6rem' } },
        frame.params.troubleshootingIntro && h('p', format(frame.params.troubleshootingIntro)),
        h('p', t('see-troubleshooting')),
        panel(t('setup-tips-header'), t('supported-setup'), t('mobile-devices'), t('browser-support')),
        panel(t('chrome-instructions-header'), t('chrome-directions-prompt'), t('chrome-directions-set-perms'), html('chrome-select'), html('chrome-further-help')),
        panel(t('firefox-instructions-header'), t('firefox-directions-prompt'), t('firefox-directions-set-perms')),
        panel(t('additional-troubleshooting-header'), t('additional-troubleshooting-intro'), t('camera-check'), t('try-another-browser'),
            t('chrome-incognito'), frame.language.t('exp-video-config.additional-troubleshooting-contact', { response: frame.session.responseId })));
}

