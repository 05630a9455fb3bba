/* Ends the session recording and shows how its upload goes on (frames.md 31). */

import { h } from '../dom.js';
import type { FrameKind } from '../frame.js';
import { placeholder } from '../parts.js';
import { format } from '../text.js';
import type { WaitingParams } from './exp-lookit-start-recording.js';

interface Params extends WaitingParams {
    waitForUploadMessage: string;
    showProgressBar: boolean;
}

/** If not a byte got through in this time, waiting is of no use; the recording is sent later. */
const HOPELESS_MS = 300_000;

export const expLookitStopRecording: FrameKind<Params> = {
    kind: 'exp-lookit-stop-recording',
    mount(frame) {
        const { backgroundColor, image, imageAnimation, video, waitForUploadMessage, showProgressBar } = frame.params;
        const text = h('div', { id: 'waitForUpload' });
        const fill = h('div.progress-fill');
        const standard = (percent: number): string => `${frame.language.t('uploading video')} … ${percent} %`;
        if (waitForUploadMessage === '') text.textContent = standard(0);
        else text.append(format(waitForUploadMessage));
        placeholder(frame.root, {
            background: backgroundColor, image, animation: imageAnimation, video, text,
            below: showProgressBar && h('div.progress-bar-line', { role: 'progressbar' }, fill),
        });
        let best = 0;
        const onprogress = (share: number): void => {
            best = Math.max(best, share);
            const percent = Math.round(best * 100);
            fill.style.width = `${percent}%`;
            if (waitForUploadMessage === '') text.textContent = standard(percent);
        };
        return {
            async start() {
                if (!frame.session.sessionRecording) frame.log('warningNoActiveSessionRecording');
                frame.after(HOPELESS_MS, () => {
                    if (best > 0) return;
                    frame.log('warningUploadTimeoutError');
                    void frame.next();
                });
                await frame.endSessionRecording(onprogress);
                await frame.next();
            },
        };
    },
};
