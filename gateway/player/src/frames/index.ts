/* All frame kinds that this player can show. */

import { register } from '../frame.js';
import { expLookitText } from './exp-lookit-text.js';

register(expLookitText);
