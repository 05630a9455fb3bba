/* From a form's description in a protocol to the list of its questions (frames.md 20.2). What is not known is ignored. */

import type { MomentKind } from './moments.js';
import { USUAL } from './moments.js';

export type Kind = MomentKind | 'group' | 'text' | 'textarea' | 'number' | 'email' | 'url' | 'phone' | 'password' | 'radio' | 'select'
    | 'checkboxes' | 'checkbox' | 'lines' | 'hidden';

export interface Choice {
    value: unknown;
    /** HTML */
    label: string;
}

export interface Limits {
    minimum?: number;
    maximum?: number;
    isMinimumExcluded: boolean;
    isMaximumExcluded: boolean;
    multipleOf?: number;
    minLength?: number;
    maxLength?: number;
    minItems?: number;
    maxItems?: number;
    pattern?: string;
    isInteger: boolean;
}

export interface Field {
    name: string;
    /** names of the groups around it and its own, joined by dots */
    path: string;
    kind: Kind;
    /** HTML */
    title: string;
    /** HTML */
    helpers: string[];
    /** beside a single box, HTML */
    boxLabel: string;
    isRequired: boolean;
    /** the validator "required-field": also an unticked box counts as missing */
    mustBeFilled: boolean;
    /** its own words for a missing answer */
    message: string;
    isNumeric: boolean;
    choices: Choice[];
    isSorted: boolean;
    /** address of a list of choices */
    choicesFrom: string;
    /** offers no answer as one of the choices */
    offersNone: boolean;
    noneLabel: string;
    initial: unknown;
    limits: Limits;
    /** shown only when these have an answer, and, where values are listed, one of these values */
    needs: { other: string; values: unknown[] | null }[];
    form: string;
    isInline: boolean;
    isDisabled: boolean;
    placeholder: string;
    classes: string[];
    size: number | null;
    rows: number | null;
    cols: number | null;
    autocomplete: string;
    children: Field[];
}

export interface Plan {
    /** HTML */
    title: string;
    description: string;
    fields: Field[];
    /** en_US, ja_JP … or empty */
    locale: string;
    /** answers to begin with */
    data: unknown;
}

type Tree = { [key: string]: unknown };
const DEPTH_MAX = 8;

export function tree(value: unknown): Tree {
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Tree : {};
}
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string => (typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '');
const number = (value: unknown): number | undefined => (value === null || value === '' || !Number.isFinite(Number(value)) ? undefined : Number(value));
const isTrue = (value: unknown): boolean => value === true || value === 'true';

export function planForm(formSchema: unknown): Plan {
    const { schema, options, view, data } = tree(formSchema);
    const whole = tree(schema);
    for (const name of ['layout', 'fields', 'templates'])
        if (tree(view)[name] !== undefined) console.warn(`view.${name} of a form is not used: questions stand one below the other`);
    return {
        title: text(whole['title']),
        description: text(whole['description']),
        fields: planGroup(whole, tree(tree(options)['fields']), '', 0),
        locale: text(tree(view)['locale']),
        data: data ?? undefined,
    };
}

function planGroup(schema: Tree, options: Tree, path: string, depth: number): Field[] {
    const properties = tree(schema['properties']);
    const required = list(schema['required']);
    const dependencies = tree(schema['dependencies']);
    const fields = Object.entries(properties).map(([name, declared]) => {
        const field = planField(name, tree(declared), tree(options[name]), path, depth);
        if (required.includes(name)) field.isRequired = true;
        const needed = dependencies[name];
        for (const other of typeof needed === 'string' ? [needed] : list(needed)) field.needs.push({ other: text(other), values: null });
        return field;
    });
    for (const field of fields) field.needs = field.needs.filter(({ other }) => {
        if (Object.hasOwn(properties, other)) return true;
        console.warn(`${field.path} depends on ${other}, which is not a question beside it: it is always shown`);
        return false;
    });
    const order = new Map(fields.map((field, i) => [field, number(tree(options[field.name])['order']) ?? i]));
    return fields.sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
}

function planField(name: string, schema: Tree, options: Tree, parent: string, depth: number): Field {
    const path = parent ? `${parent}.${name}` : name;
    const values = valuesOf(schema);
    const kind = depth >= DEPTH_MAX && schema['type'] === 'object' ? 'hidden' : kindOf(schema, options, values);
    const isRequired = isTrue(schema['required']) || isTrue(options['required']);
    const mustBeFilled = options['validator'] === 'required-field';
    const { choices, choicesFrom } = choicesOf(schema, options, values);
    const picker = tree(options['picker']);
    return {
        name, path, kind,
        title: text(options['label']) || text(schema['title']),
        helpers: [text(options['helper']), ...list(options['helpers']).map(text), text(schema['description'])].filter((one) => one !== ''),
        boxLabel: text(options['rightLabel']),
        isRequired: isRequired || mustBeFilled,
        mustBeFilled,
        message: mustBeFilled ? text(options['message']) : '',
        isNumeric: ['text', 'number', 'lines'].includes(kind) && (options['type'] === 'number' || options['type'] === 'integer'
            || ['number', 'integer'].includes(text(kind === 'lines' ? tree(schema['items'])['type'] : schema['type']))),
        choices, choicesFrom,
        isSorted: options['sort'] !== false && values !== YES_OR_NO,
        offersNone: !isTrue(options['hideNone'] ?? options['removeDefaultNone'] ?? isRequired),
        noneLabel: text(options['noneLabel']),
        initial: schema['default'],
        limits: limitsOf(schema, options),
        needs: Object.entries(tree(options['dependencies'])).map(([other, wanted]) => ({ other, values: Array.isArray(wanted) ? wanted : [wanted] })),
        form: text(picker['format']) || text(options['dateFormat']) || text(options['timeFormat']) || (kind in USUAL ? USUAL[kind as MomentKind] : ''),
        isInline: options['vertical'] === false,
        isDisabled: isTrue(options['disabled']) || isTrue(schema['readonly']) || isTrue(options['readonly']),
        placeholder: text(options['placeholder']),
        classes: text(options['fieldClass']).split(/\s+/).filter((one) => one !== ''),
        size: number(options['size']) ?? null,
        rows: number(options['rows']) ?? null,
        cols: number(options['cols']) ?? null,
        autocomplete: options['type'] === 'personalname' ? 'name' : '',
        children: kind === 'group' ? planGroup(schema, tree(options['fields']), path, depth + 1) : [],
    };
}

const YES_OR_NO: unknown[] = [true, false];

function valuesOf(schema: Tree): unknown[] {
    const given = Array.isArray(schema['enum']) ? schema['enum'] : list(tree(schema['items'])['enum']);
    return given.filter((one) => one !== null && one !== '');
}

function kindOf(schema: Tree, options: Tree, values: unknown[]): Kind {
    const control = text(options['type']).toLowerCase();
    const type = text(schema['type']);
    const hasList = values.length > 0 || options['dataSource'] !== undefined;
    const isMany = type === 'array' || isTrue(options['multiple']);
    if (isTrue(options['hidden']) || control === 'hidden') return 'hidden';
    if (type === 'object' && schema['properties']) return 'group';
    if (hasList && (isMany || control === 'checkbox' || control === 'checkboxlist')) return 'checkboxes';
    if (hasList) return control === 'radio' || control === 'select' ? control : values.length > 3 || values.length === 0 ? 'select' : 'radio';
    if (type === 'array') return 'lines';
    if (type === 'boolean') return control === 'radio' || control === 'select' ? control : 'checkbox';
    return plainKind(control, type, text(schema['format']));
}

function plainKind(control: string, type: string, format: string): Kind {
    switch (control || format || type) {
    case 'checkbox': return 'checkbox';
    case 'textarea': case 'longtext': return 'textarea';
    case 'number': case 'integer': case 'currency': return 'number';
    case 'date': return 'date';
    case 'time': return 'time';
    case 'datetime': case 'date-time': return 'datetime';
    case 'email': return 'email';
    case 'url': case 'uri': return 'url';
    case 'phone': case 'tel': return 'phone';
    case 'password': return 'password';
    case 'radio': case 'select': return control as Kind; /* a list that is not there: shown empty, keeps nobody */
    default: return type === 'number' || type === 'integer' ? 'number' : 'text';
    }
}

function choicesOf(schema: Tree, options: Tree, values: unknown[]): { choices: Choice[]; choicesFrom: string } {
    const source = options['dataSource'];
    if (values.length === 0 && source !== undefined)
        return typeof source === 'string' ? { choices: [], choicesFrom: source } : { choices: choicesFrom(source), choicesFrom: '' };
    const wanted = values.length === 0 && schema['type'] === 'boolean' ? YES_OR_NO : values;
    const labels = options['optionLabels'];
    const label = (value: unknown, i: number): string => text(Array.isArray(labels) ? labels[i] : tree(labels)[String(value)]) || String(value);
    return { choices: wanted.map((value, i) => ({ value, label: label(value, i) })), choicesFrom: '' };
}

/** A list of choices as researchers write it: ["a"], [{"value": 1, "text": "one"}] or {"1": "one"}. */
export function choicesFrom(source: unknown): Choice[] {
    if (!Array.isArray(source)) return Object.entries(tree(source)).map(([value, label]) => ({ value, label: text(label) || value }));
    return source.map((one): Choice => {
        const { value, text: label } = tree(one);
        return value === undefined ? { value: one, label: String(one) } : { value, label: text(label) || String(value) };
    });
}

/** By label, as the forms library of earlier players did: by code point, so that data of both can be compared. */
export function sorted(choices: readonly Choice[]): Choice[] {
    return [...choices].sort((a, b) => (a.label > b.label ? 1 : a.label < b.label ? -1 : 0));
}

function limitsOf(schema: Tree, options: Tree): Limits {
    const limits: Limits = {
        isMinimumExcluded: isTrue(schema['exclusiveMinimum']), isMaximumExcluded: isTrue(schema['exclusiveMaximum']),
        isInteger: schema['type'] === 'integer' || options['type'] === 'integer',
    };
    for (const name of ['minimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems'] as const) {
        const limit = number(schema[name]);
        if (limit !== undefined && schema[name] !== undefined) limits[name] = limit;
    }
    const multiple = number(schema['multipleOf'] ?? schema['divisibleBy'] ?? '');
    if (multiple) limits.multipleOf = multiple;
    if (typeof schema['pattern'] === 'string' && schema['pattern'] !== '') limits.pattern = schema['pattern'];
    return limits;
}

/** What was answered the last time here: the last saved form of a frame at this position, or null. */
export function earlierAnswers(expData: { readonly [id: string]: { [name: string]: unknown } }, frameIndex: number): Tree | null {
    let found: Tree | null = null;
    for (const [id, saved] of Object.entries(expData)) {
        const answers = id.startsWith(`${frameIndex}-`) ? saved['formData'] : null;
        if (typeof answers === 'object' && answers !== null) found = answers as Tree;
    }
    return found;
}
