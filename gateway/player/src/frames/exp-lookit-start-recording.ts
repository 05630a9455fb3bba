/* Begins a session recording and goes on as soon as it runs (frames.md 30). The base starts it and deals with a camera that
 * cannot be had. */

import { h } from '../dom.js';
import type { CommonParams, FrameKind, MediaSource } from '../frame.js';
import { placeholder } from '../parts.js';
import { format } from '../text.js';

export interface WaitingParams extends CommonParams {
    backgroundColor: string;
    video: MediaSource[];
    image: string;
    imageAnimation: string;
}

interface Params extends WaitingParams {
    waitForVideoMessage: string;
}

export const expLookitStartRecording: FrameKind<Params> = {
    kind: 'exp-lookit-start-recording',
    mount(frame) {
        const { backgroundColor, image, imageAnimation, video, waitForVideoMessage } = frame.params;
        const standard = `${frame.language.t('establishing video connection')}. ${frame.language.t('please wait')}.`;
        placeholder(frame.root, {
            background: backgroundColor, image, animation: imageAnimation, video,
            text: h('div', { id: 'waitForVideo' }, waitForVideoMessage === '' ? standard : format(waitForVideoMessage)),
        });
        return { start: () => frame.next() };
    },
};
