/* Researchers' functions for tests without a browser: in this process, but over the same border as in the sandbox. */
import { Evaluator, outcomeOf } from '../../gateway/player/src/protocol/evaluate.js';
import type { Evaluate } from '../../gateway/player/src/protocol/evaluate.js';

export function evaluateHere(): Evaluate {
    const evaluator = new Evaluator();
    return async (job) => outcomeOf(structuredClone(evaluator.run(structuredClone(job))));
}
