/* The form on the page: questions in cards, messages in their place, questions that come and go with other answers. */

import { h, show, type Child } from '../dom.js';
import { clean } from '../text.js';
import { control, type Control, type Translate } from './controls.js';
import { choicesFrom, tree, type Field, type Plan } from './plan.js';
import { asked, troubleWith, type Trouble } from './rules.js';

export interface FormOptions {
    t: Translate;
    /** what is said when an answer is missing */
    required: string;
    signal: AbortSignal;
}

type Answers = { [name: string]: unknown };
let formsMade = 0;

export class SurveyForm {
    readonly element: HTMLElement;
    readonly #root: Group;

    constructor(plan: Plan, options: FormOptions) {
        const id = `survey-${++formsMade}`;
        const hasMust = plan.fields.some(mustBeAnswered);
        this.#root = new Group(plan.fields, id, options, hasMust);
        this.element = h('form.survey', { novalidate: true, autocomplete: 'off' },
            plan.title && h('h1', clean(plan.title)), plan.description && h('p.lead', clean(plan.description)), this.#root.elements);
        this.element.addEventListener('submit', (event) => event.preventDefault()); /* Enter in a line does not go on */
    }

    /** Fills the form. Where `answers` has nothing, `withDefaults` decides whether the protocol's default stands there. */
    write(answers: unknown, withDefaults: boolean): void {
        this.#root.write(tree(answers), withDefaults);
    }

    /** Only what was answered and is asked; groups are nested. */
    read(): Answers {
        return this.#root.read();
    }

    /** True when all is well. Else the messages are shown and the first question with one has the focus. */
    check(): boolean {
        const first = this.#root.check();
        first?.focus();
        return first === null;
    }
}

function mustBeAnswered(field: Field): boolean {
    return field.kind === 'group' ? field.children.some(mustBeAnswered) : field.isRequired && field.kind !== 'hidden';
}

interface Part {
    readonly field: Field;
    readonly element: HTMLElement;
    read(): unknown;
    write(value: unknown, withDefaults: boolean): void;
    /** shows or takes away messages; gives the first question with trouble */
    check(): Question | null;
}

/** Questions side by side: the whole form, or a group in it. */
class Group {
    readonly #parts: Part[];

    constructor(fields: readonly Field[], id: string, options: FormOptions, marksOptional: boolean) {
        this.#parts = fields.map((field, i) => field.kind === 'group'
            ? new GroupPart(field, `${id}-${i}`, options, marksOptional)
            : new Question(field, `${id}-${i}`, options, marksOptional));
        for (const { element } of this.#parts)
            for (const type of ['input', 'change']) element.addEventListener(type, () => this.#refresh(), { signal: options.signal });
    }

    get elements(): HTMLElement[] {
        return this.#parts.map((part) => part.element);
    }

    #asked(): Part[] {
        const answers = new Map(this.#parts.map((part) => [part.field.name, part.read()]));
        const names = asked(this.#parts.map((part) => part.field), answers);
        return this.#parts.filter((part) => names.has(part.field.name));
    }

    #refresh(): void {
        const now = this.#asked();
        for (const part of this.#parts) show(part.element, now.includes(part) && part.field.kind !== 'hidden');
    }

    write(answers: Answers, withDefaults: boolean): void {
        for (const part of this.#parts) part.write(answers[part.field.name], withDefaults);
        this.#refresh();
    }

    read(): Answers {
        const answers: Answers = {};
        for (const part of this.#asked()) {
            const answer = part.read();
            if (answer !== undefined) answers[part.field.name] = answer;
        }
        return answers;
    }

    check(): Question | null {
        return this.#asked().map((part) => part.check()).find((one) => one !== null) ?? null;
    }
}

class GroupPart implements Part {
    readonly field: Field;
    readonly element: HTMLElement;
    readonly #group: Group;

    constructor(field: Field, id: string, options: FormOptions, marksOptional: boolean) {
        this.field = field;
        this.#group = new Group(field.children, id, options, marksOptional);
        this.element = h('fieldset.survey-group', field.title && h('legend', h('h2', clean(field.title))),
            field.helpers.map((one) => h('p.helper', clean(one))), this.#group.elements);
        this.element.classList.add(...field.classes);
    }

    read(): unknown {
        return this.#group.read();
    }

    write(value: unknown, withDefaults: boolean): void {
        this.#group.write(tree(value ?? (withDefaults ? this.field.initial : undefined)), withDefaults);
    }

    check(): Question | null {
        return this.#group.check();
    }
}

class Question implements Part {
    readonly field: Field;
    readonly element: HTMLElement;
    readonly #control: Control;
    readonly #warning: HTMLElement;
    readonly #options: FormOptions;
    #hasNoChoices: boolean;

    constructor(field: Field, id: string, options: FormOptions, marksOptional: boolean) {
        this.field = field;
        this.#options = options;
        this.#control = control(field, id, options.t);
        this.#hasNoChoices = ['radio', 'select', 'checkboxes'].includes(field.kind) && field.choices.length === 0;
        this.#warning = h('p.warning', { role: 'alert', id: `${id}-warning`, hidden: true });
        this.element = this.#build(id, marksOptional && !field.isRequired && field.kind !== 'checkbox');
        this.element.dataset['field'] = field.path;
        this.element.classList.add(...field.classes);
        this.element.addEventListener('change', () => this.check(), { signal: options.signal });
        this.element.addEventListener('input', () => {
            if (!this.#warning.hidden) this.check();
        }, { signal: options.signal });
        if (field.choicesFrom) void this.#fetchChoices();
    }

    #build(id: string, isOptional: boolean): HTMLElement {
        const { field } = this;
        const { input } = this.#control;
        const helpers = field.helpers.map((one, i) => h('p.helper', { id: `${id}-helper-${i}` }, clean(one)));
        if (field.kind === 'lines') helpers.push(h('p.helper', { id: `${id}-helper-lines` }, this.#options.t('one-per-line')));
        const describedBy = [...helpers.map((one) => one.id), this.#warning.id].join(' ');
        const described = input ?? this.#control.element;
        described.setAttribute('aria-describedby', describedBy);
        if (field.isRequired && (input || field.kind === 'radio')) described.setAttribute('aria-required', 'true');
        const words: Child = [clean(field.title), isOptional && h('small.optional', ' ', this.#options.t('optional'))];
        const hasTitle = field.title !== '' && !(field.kind === 'checkbox' && field.boxLabel === '');
        if (input) {
            if (field.title === '' && field.kind !== 'checkbox') input.setAttribute('aria-label', field.name);
            const title = field.kind === 'checkbox' ? h('p.question-title', words) : h('label.question-title', { for: id }, words);
            return h('section.card.question', hasTitle && title, helpers, this.#control.element, this.#warning);
        }
        this.#control.element.setAttribute('role', field.kind === 'radio' ? 'radiogroup' : 'group');
        if (hasTitle) this.#control.element.setAttribute('aria-labelledby', `${id}-title`);
        else this.#control.element.setAttribute('aria-label', field.name);
        return h('section.card.question', hasTitle && h('p.question-title', { id: `${id}-title` }, words), helpers, this.#control.element, this.#warning);
    }

    async #fetchChoices(): Promise<void> {
        try {
            const answer = await fetch(this.field.choicesFrom, { signal: this.#options.signal });
            if (!answer.ok) throw new Error(String(answer.status));
            const choices = choicesFrom(await answer.json());
            this.#hasNoChoices = choices.length === 0;
            const wanted = this.#late;
            this.#control.setChoices?.(choices);
            if (wanted !== undefined) this.#control.write(wanted);
        } catch (error) {
            if (!this.#options.signal.aborted) console.error(`the choices of ${this.field.path} could not be fetched`, error);
        }
    }

    /* what is to be chosen once the choices are there */
    #late: unknown;

    read(): unknown {
        return this.#control.read();
    }

    write(value: unknown, withDefaults: boolean): void {
        const wanted = value ?? (withDefaults ? this.field.initial : undefined);
        if (this.#hasNoChoices) this.#late = wanted;
        this.#control.write(wanted);
    }

    /* A question whose choices never came keeps nobody. */
    #trouble(): Trouble | null {
        if (this.field.kind === 'hidden' || this.field.isDisabled || this.#hasNoChoices) return null;
        const unreadable = this.#control.unreadable?.() ?? null;
        return unreadable === null ? troubleWith(this.field, this.read()) : { key: unreadable };
    }

    check(): Question | null {
        const trouble = this.#trouble();
        const described = this.#control.input ?? this.#control.element;
        show(this.#warning, trouble !== null);
        this.#warning.textContent = trouble === null ? '' : this.#sentence(trouble);
        if (trouble) described.setAttribute('aria-invalid', 'true');
        else described.removeAttribute('aria-invalid');
        return trouble === null ? null : this;
    }

    #sentence({ key, limit, message }: Trouble): string {
        if (message) return clean(message).textContent ?? '';
        return key === 'required' ? this.#options.required : this.#options.t(key, limit === undefined ? {} : { limit });
    }

    focus(): void {
        this.element.scrollIntoView({ block: 'center' });
        this.#control.focus();
    }
}
