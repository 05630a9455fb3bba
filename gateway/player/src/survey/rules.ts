/* What is wrong with an answer, and which questions are asked at all. No page needed. */

import type { Field } from './plan.js';

/** A sentence of the section exp-lookit-survey, "required", or the researcher's own words. */
export interface Trouble {
    key: string;
    limit?: number;
    message?: string;
}

export function isEmpty(value: unknown): boolean {
    return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

/* Blank text is no answer to a question that must have one. */
function isMissing(field: Field, value: unknown): boolean {
    if (field.kind === 'checkbox') return field.mustBeFilled && value !== true;
    return isEmpty(value) || (typeof value === 'string' && value.trim() === '');
}

/** The first trouble with this answer, or null. */
export function troubleWith(field: Field, value: unknown): Trouble | null {
    if (field.isRequired && isMissing(field, value)) return field.message ? { key: 'required', message: field.message } : { key: 'required' };
    if (isEmpty(value)) return null;
    if (Array.isArray(value)) return troubleWithItems(field, value);
    if (field.isNumeric || field.kind === 'number') return troubleWithNumber(field, value);
    return typeof value === 'string' ? troubleWithText(field, value) : null;
}

function troubleWithItems({ limits, isNumeric }: Field, items: unknown[]): Trouble | null {
    if (isNumeric && items.some((one) => typeof one !== 'number')) return { key: 'number' };
    if (limits.minItems !== undefined && items.length < limits.minItems) return { key: 'minItems', limit: limits.minItems };
    if (limits.maxItems !== undefined && items.length > limits.maxItems) return { key: 'maxItems', limit: limits.maxItems };
    return null;
}

function troubleWithNumber({ limits }: Field, value: unknown): Trouble | null {
    if (typeof value !== 'number' || !Number.isFinite(value)) return { key: limits.isInteger ? 'integer' : 'number' };
    if (limits.isInteger && !Number.isInteger(value)) return { key: 'integer' };
    const { minimum, maximum, multipleOf } = limits;
    if (minimum !== undefined && limits.isMinimumExcluded && value <= minimum) return { key: 'above', limit: minimum };
    if (minimum !== undefined && value < minimum) return { key: 'minimum', limit: minimum };
    if (maximum !== undefined && limits.isMaximumExcluded && value >= maximum) return { key: 'below', limit: maximum };
    if (maximum !== undefined && value > maximum) return { key: 'maximum', limit: maximum };
    if (multipleOf !== undefined && Math.abs(value / multipleOf - Math.round(value / multipleOf)) > 1e-9) return { key: 'multiple', limit: multipleOf };
    return null;
}

const FORMS: { [kind: string]: RegExp } = {
    email: /^[^\s@]+@[^\s@]+\.[^\s@.]+$/,
    url: /^(https?|ftp):\/\/[^\s/]+\.?[^\s]*$/i,
    phone: /^\+?[\d\s()./-]{5,25}$/,
};

function troubleWithText({ kind, limits, path }: Field, value: string): Trouble | null {
    if (limits.minLength !== undefined && value.length < limits.minLength) return { key: 'minLength', limit: limits.minLength };
    if (limits.maxLength !== undefined && value.length > limits.maxLength) return { key: 'maxLength', limit: limits.maxLength };
    if (FORMS[kind] && !FORMS[kind].test(value.trim())) return { key: kind };
    try {
        if (limits.pattern !== undefined && !new RegExp(limits.pattern).test(value)) return { key: 'pattern' };
    } catch {
        console.warn(`the pattern of ${path} cannot be read: ${limits.pattern}`);
    }
    return null;
}

/** Names of the questions that are asked, given the answers so far. A question that is not asked has no answer, so that
 * what depends on it is not asked either. */
export function asked(fields: readonly Field[], answers: ReadonlyMap<string, unknown>): Set<string> {
    const shown = new Set(fields.map((field) => field.name));
    for (let hasChanged = true; hasChanged;) { /* every round but the last takes at least one away */
        hasChanged = false;
        for (const { name, needs } of fields) {
            if (!shown.has(name) || needs.every(({ other, values }) => shown.has(other) && fits(answers.get(other), values))) continue;
            shown.delete(name);
            hasChanged = true;
        }
    }
    return shown;
}

function fits(answer: unknown, values: unknown[] | null): boolean {
    if (values === null) return !isEmpty(answer) && answer !== false;
    const given = Array.isArray(answer) ? answer : [answer];
    return values.some((wanted) => given.some((one) => one === wanted || (!isEmpty(one) && String(one) === String(wanted))));
}
