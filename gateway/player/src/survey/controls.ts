/* What one question is answered with. A control reads and writes the answer as it is saved. */

import { append, h } from '../dom.js';
import { clean } from '../text.js';
import { read, written, type MomentKind } from './moments.js';
import { sorted, type Choice, type Field } from './plan.js';

export interface Control {
    readonly element: HTMLElement;
    /** a single element that the question labels; null: a group of several */
    readonly input: HTMLElement | null;
    /** undefined: no answer */
    read(): unknown;
    write(value: unknown): void;
    focus(): void;
    /** a sentence about what stands there but cannot be read, or null */
    unreadable?(): string | null;
    setChoices?(choices: Choice[]): void;
}

export type Translate = (key: string, values?: { [name: string]: string | number }) => string;

/** `id` is unique in the page. */
export function control(field: Field, id: string, t: Translate): Control {
    switch (field.kind) {
    case 'radio': return new Boxes(field, id, t, 'radio');
    case 'checkboxes': return new Boxes(field, id, t, 'checkbox');
    case 'select': return new List(field, id, t);
    case 'checkbox': return new Box(field, id);
    case 'date': case 'time': case 'datetime': return new Moment(field, id, field.kind);
    case 'hidden': case 'group': return new Hidden();
    case 'textarea': case 'lines': case 'text': case 'number': case 'email': case 'url': case 'phone': case 'password': return new Text(field, id);
    }
}

function sameValue(a: unknown, b: unknown): boolean {
    return a === b || (a !== undefined && a !== null && String(a) === String(b));
}

/** "3", "3.5", "3,5" are numbers; anything else stays as it is. */
export function numeric(text: string): number | string {
    return /^[+-]?(\d+([.,]\d*)?|[.,]\d+)$/.test(text.trim()) ? Number(text.trim().replace(',', '.')) : text;
}

class Text implements Control {
    readonly element: HTMLInputElement | HTMLTextAreaElement;
    readonly #field: Field;

    constructor(field: Field, id: string) {
        this.#field = field;
        const { kind, rows, cols, size, placeholder, isDisabled, isNumeric, autocomplete } = field;
        const common = { id, name: field.path, placeholder: placeholder || null, disabled: isDisabled, autocomplete: autocomplete || 'off' };
        if (kind === 'textarea' || kind === 'lines') this.element = h('textarea.form-control', { ...common, rows: rows ?? 4, cols });
        else {
            const type = kind === 'phone' ? 'tel' : kind === 'email' || kind === 'password' ? kind : 'text';
            const inputmode = kind === 'number' || isNumeric ? (field.limits.isInteger && (field.limits.minimum ?? -1) >= 0 ? 'numeric' : 'decimal') : kind === 'url' ? 'url' : null;
            this.element = h('input.form-control', { ...common, type, inputmode, size, maxlength: null });
            if (inputmode === 'numeric' || inputmode === 'decimal') this.element.classList.add('is-number');
            if (size) this.element.classList.add('is-sized');
        }
    }

    get input(): HTMLElement {
        return this.element;
    }

    read(): unknown {
        const { kind, isNumeric } = this.#field;
        const text = this.element.value;
        const one = (part: string): unknown => (isNumeric || kind === 'number' ? numeric(part) : part);
        if (kind === 'lines') {
            const lines = text.split('\n').map((line) => line.trim()).filter((line) => line !== '');
            return lines.length ? lines.map(one) : undefined;
        }
        return text === '' ? undefined : one(text);
    }

    write(value: unknown): void {
        this.element.value = Array.isArray(value) ? value.join('\n') : value === undefined || value === null ? '' : String(value);
    }

    focus(): void {
        this.element.focus();
    }
}

/** A day, a time, or both, with the browser's own picker. */
class Moment implements Control {
    readonly element: HTMLInputElement;
    readonly #field: Field;
    readonly #kind: MomentKind;

    constructor(field: Field, id: string, kind: MomentKind) {
        this.#field = field;
        this.#kind = kind;
        this.element = h('input.form-control', { id, name: field.path, type: kind === 'datetime' ? 'datetime-local' : kind, disabled: field.isDisabled });
    }

    get input(): HTMLElement {
        return this.element;
    }

    read(): unknown {
        return written(this.element.value, this.#field.form);
    }

    write(value: unknown): void {
        const text = value === undefined || value === null ? '' : String(value);
        this.element.value = read(text, this.#field.form, this.#kind) || text; /* the browser takes its own form too, and refuses others */
    }

    unreadable(): string | null {
        return this.element.validity.badInput ? this.#kind : null;
    }

    focus(): void {
        this.element.focus();
    }
}

/** One box: ticked or not is an answer. */
class Box implements Control {
    readonly element: HTMLElement;
    readonly input: HTMLInputElement;

    constructor(field: Field, id: string) {
        this.input = h('input', { type: 'checkbox', id, name: field.path, disabled: field.isDisabled });
        this.element = h('label.choice', this.input, h('span', clean(field.boxLabel || field.title || field.name)));
    }

    read(): unknown {
        return this.input.checked;
    }

    write(value: unknown): void {
        this.input.checked = value === true || value === 'true';
    }

    focus(): void {
        this.input.focus();
    }
}

/* The choices of a question in their order, with a label for yes and no. */
function ordered(field: Field, choices: Choice[], t: Translate): Choice[] {
    const spoken = choices.map(({ value, label }) => ({ value, label: label === 'true' ? t('yes') : label === 'false' ? t('no') : label }));
    return field.isSorted ? sorted(spoken) : spoken;
}

/** Round buttons: one of several. Square boxes: some of several. */
class Boxes implements Control {
    readonly element: HTMLElement;
    readonly input = null;
    readonly #field: Field;
    readonly #id: string;
    readonly #t: Translate;
    readonly #type: 'radio' | 'checkbox';
    #choices: Choice[] = [];
    #inputs: HTMLInputElement[] = [];

    constructor(field: Field, id: string, t: Translate, type: 'radio' | 'checkbox') {
        this.#field = field;
        this.#id = id;
        this.#t = t;
        this.#type = type;
        this.element = h(field.isInline ? 'div.choices.is-inline' : 'div.choices');
        this.setChoices(field.choices);
    }

    setChoices(choices: Choice[]): void {
        const { path, isDisabled, offersNone, noneLabel } = this.#field;
        const before = this.read();
        this.#choices = ordered(this.#field, choices, this.#t);
        if (this.#type === 'radio' && offersNone && choices.length) this.#choices.unshift({ value: undefined, label: noneLabel || this.#t('none') });
        this.#inputs = this.#choices.map(({ value }, i) =>
            h('input', { type: this.#type, name: path, id: `${this.#id}-${i}`, value: value === undefined ? '' : String(value), disabled: isDisabled }));
        this.element.replaceChildren();
        append(this.element, this.#inputs.map((input, i) => h('label.choice', input, h('span', clean(this.#choices[i]?.label ?? '')))));
        this.write(before);
    }

    read(): unknown {
        const chosen = this.#choices.filter((_, i) => this.#inputs[i]?.checked).map(({ value }) => value);
        return this.#type === 'radio' ? chosen[0] : chosen.length ? chosen : undefined;
    }

    write(value: unknown): void {
        const values = this.#type === 'checkbox' && Array.isArray(value) ? value : [value === null || value === '' ? undefined : value];
        this.#inputs.forEach((input, i) => {
            input.checked = values.some((one) => sameValue(this.#choices[i]?.value, one));
        });
    }

    focus(): void {
        (this.#inputs.find((one) => one.checked) ?? this.#inputs[0])?.focus();
    }
}

class List implements Control {
    readonly element: HTMLSelectElement;
    readonly #field: Field;
    readonly #t: Translate;
    #choices: Choice[] = [];

    constructor(field: Field, id: string, t: Translate) {
        this.#field = field;
        this.#t = t;
        this.element = h('select.form-select', { id, name: field.path, disabled: field.isDisabled });
        this.setChoices(field.choices);
    }

    get input(): HTMLElement {
        return this.element;
    }

    /* The first entry is no answer: nothing is ever chosen for the family. */
    setChoices(choices: Choice[]): void {
        const before = this.read();
        this.#choices = ordered(this.#field, choices, this.#t);
        const nothing = this.#field.noneLabel || this.#t('choose');
        this.element.replaceChildren();
        append(this.element, [h('option', { value: '' }, nothing),
            this.#choices.map(({ label }, i) => h('option', { value: i }, clean(label).textContent ?? ''))]);
        this.write(before);
    }

    read(): unknown {
        return this.element.value === '' ? undefined : this.#choices[Number(this.element.value)]?.value;
    }

    write(value: unknown): void {
        const at = value === '' ? -1 : this.#choices.findIndex((one) => sameValue(one.value, value));
        this.element.value = at < 0 ? '' : String(at);
    }

    focus(): void {
        this.element.focus();
    }
}

/** A value that nobody sees. */
class Hidden implements Control {
    readonly element = h('span', { hidden: true });
    readonly input = null;
    #value: unknown;

    read(): unknown {
        return this.#value === '' ? undefined : this.#value;
    }

    write(value: unknown): void {
        this.#value = value ?? undefined;
    }

    focus(): void { /* nothing to see */ }
}
