/* All frame kinds that this player can show. */

import { register } from '../frame.js';
import { expLookitExitSurvey } from './exp-lookit-exit-survey.js';
import { expLookitImagesAudio } from './exp-lookit-images-audio.js';
import { expLookitInstructions } from './exp-lookit-instructions.js';
import { expLookitStartRecording } from './exp-lookit-start-recording.js';
import { expLookitStimuliPreview } from './exp-lookit-stimuli-preview.js';
import { expLookitStopRecording } from './exp-lookit-stop-recording.js';
import { expLookitSurvey } from './exp-lookit-survey.js';
import { expLookitText } from './exp-lookit-text.js';
import { expLookitVideoConsent } from './exp-lookit-video-consent.js';
import { expVideoConfig } from './exp-video-config.js';

register(
    expLookitExitSurvey, expLookitImagesAudio, expLookitInstructions, expLookitStartRecording, expLookitStimuliPreview, expLookitStopRecording,
    expLookitSurvey, expLookitText, expLookitVideoConsent, expVideoConfig);
