/* The declarations of the kinds that this player has. A kind that is registered without one is refused at start. */

import type { Declaration, Param } from './declarations.js';
import images from '../../../schemas/protocol/frames/exp-lookit-images-audio.json';
import exit from '../../../schemas/protocol/frames/exp-lookit-exit-survey.json';
import instructions from '../../../schemas/protocol/frames/exp-lookit-instructions.json';
import startRecording from '../../../schemas/protocol/frames/exp-lookit-start-recording.json';
import preview from '../../../schemas/protocol/frames/exp-lookit-stimuli-preview.json';
import stopRecording from '../../../schemas/protocol/frames/exp-lookit-stop-recording.json';
import survey from '../../../schemas/protocol/frames/exp-lookit-survey.json';
import text from '../../../schemas/protocol/frames/exp-lookit-text.json';
import consent from '../../../schemas/protocol/frames/exp-lookit-video-consent.json';
import config from '../../../schemas/protocol/frames/exp-video-config.json';
import parts from '../../../schemas/protocol/parts.json';

const all = [config, consent, exit, images, instructions, preview, startRecording, stopRecording, survey, text];

export const DECLARATIONS: { [kind: string]: Declaration } = Object.fromEntries(
    all.map((declared) => [declared.kind, declared as unknown as Declaration]));
export const PARTS = parts as unknown as { [part: string]: { [name: string]: Param } };
