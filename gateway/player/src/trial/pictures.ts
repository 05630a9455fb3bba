/* The pictures of a trial and what may be done with them: rules without a page (frames.md 22). */

import type { MediaSource, PauseParams, RecordParams, TextBlock } from '../frame.js';

export interface Picture {
    id: string;
    src: string;
    alt?: string;
    left?: number;
    width?: number;
    top?: number;
    height?: number;
    position?: 'left' | 'center' | 'right' | 'fill';
    nonChoiceOption?: boolean;
    displayDelayMs?: number;
    correct?: boolean;
    feedbackAudio?: MediaSource[];
    feedbackText?: string;
}

export interface Highlight {
    range: [number, number];
    imageId: string;
}

export interface PictureParams extends RecordParams, Omit<PauseParams, keyof RecordParams> {
    doRecording?: boolean;
    autoProceed: boolean;
    durationSeconds: number;
    showProgressBar: boolean;
    showPreviousButton: boolean;
    showReplayButton: boolean;
    showCursor: boolean;
    maximizeDisplay: boolean;
    audio: MediaSource[];
    parentTextBlock: TextBlock;
    images: Picture[];
    backgroundColor: string;
    pageColor: string;
    choiceRequired: boolean;
    choiceAllowed: boolean;
    correctChoiceRequired: boolean;
    canMakeChoiceBeforeAudioFinished: boolean;
    highlights: Highlight[];
}

/** Gives every picture a name: image_1, image_2, … where it has none, passing over names that are taken. */
export function nameAll(images: unknown): Picture[] {
    if (!Array.isArray(images)) return [];
    const pictures = images.filter((one): one is Picture => typeof one === 'object' && one !== null);
    const taken = new Set(pictures.map((one) => one.id));
    let number = 1;
    for (const picture of pictures) {
        if (picture.id) continue;
        while (taken.has(`image_${number}`)) number++;
        picture.id = `image_${number}`;
        taken.add(picture.id);
    }
    return pictures;
}

export function isChoice(params: PictureParams, picture: Picture): boolean {
    return (params.choiceRequired || params.choiceAllowed) && !picture.nonChoiceOption;
}

/** Pictures with a narration border at this second of the sound: strictly between the two ends. */
export function highlighted(highlights: unknown, second: number): Set<string> {
    const now = (Array.isArray(highlights) ? highlights as Partial<Highlight>[] : []).filter(({ range, imageId }) =>
        Array.isArray(range) && typeof imageId === 'string' && range[0] < second && second < range[1]);
    return new Set(now.map((one) => one.imageId as string));
}

export interface TrialState {
    isLongEnough: boolean;
    hasSoundFinished: boolean;
    isAsking: boolean;
    selected: Picture | null;
}

/** True when the trial may end. */
export function isReady(params: PictureParams, state: TrialState): boolean {
    if (!state.isLongEnough || !state.hasSoundFinished || state.isAsking) return false;
    if (!params.choiceRequired) return true;
    return state.selected !== null && (!params.correctChoiceRequired || state.selected.correct === true);
}

export function hasText(block: TextBlock | undefined | null): block is TextBlock {
    return Boolean(block && (block.title || block.text?.length || block.image?.src || block.listblocks?.length));
}
