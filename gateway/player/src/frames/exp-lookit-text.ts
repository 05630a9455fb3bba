/* Paragraphs in a readable column, Previous, Next (frames.md 16). The model for other kinds. */

import type { CommonParams, FrameKind, TextBlock } from '../frame.js';
import { navigation, page } from '../parts.js';
import { textBlocks } from '../text.js';

interface Params extends CommonParams {
    blocks: TextBlock[];
    showPreviousButton: boolean;
}

export const expLookitText: FrameKind<Params> = {
    kind: 'exp-lookit-text',
    mount(frame) {
        const { bar } = navigation(frame, { previous: frame.params.showPreviousButton });
        page(frame.root, textBlocks(frame.params.blocks), bar);
        return {};
    },
};
