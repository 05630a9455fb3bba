/* All frame kinds that this player can show. */

import { register } from '../frame.js';
import { expLookitStartRecording } from './exp-lookit-start-recording.js';
import { expLookitStopRecording } from './exp-lookit-stop-recording.js';
import { expLookitText } from './exp-lookit-text.js';
import { expLookitVideoConsent } from './exp-lookit-video-consent.js';
import { expVideoConfig } from './exp-video-config.js';

register(expLookitStartRecording, expLookitStopRecording, expLookitText, expLookitVideoConsent, expVideoConfig);
