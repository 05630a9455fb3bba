/* Rules of survey forms that need no page. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { numeric } from '../../gateway/player/src/survey/controls.js';
import { read, USUAL, written } from '../../gateway/player/src/survey/moments.js';
import { choicesFrom, earlierAnswers, planForm, sorted, type Field } from '../../gateway/player/src/survey/plan.js';
import { asked, troubleWith } from '../../gateway/player/src/survey/rules.js';

function one(schema: object, options: object = {}): Field {
    const [field] = planForm({ schema: { type: 'object', properties: { a: schema } }, options: { fields: { a: options } } }).fields;
    assert.ok(field);
    return field;
}

test('a question gets its control from the options, else from its list, format and type', () => {
    const kinds: [object, object, string][] = [
        [{ type: 'string' }, {}, 'text'], [{ type: 'text' }, {}, 'text'], [{ type: 'string' }, { type: 'textarea' }, 'textarea'],
        [{ type: 'number' }, {}, 'number'], [{ type: 'integer' }, {}, 'number'], [{ type: 'string' }, { type: 'number' }, 'number'],
        [{ type: 'string', enum: ['a', 'b', 'c'] }, {}, 'radio'], [{ type: 'string', enum: ['a', 'b', 'c', 'd'] }, {}, 'select'],
        [{ type: 'string', enum: ['a'] }, { type: 'select' }, 'select'], [{ type: 'string', enum: ['a', 'b'] }, { type: 'checkbox' }, 'checkboxes'],
        [{ type: 'array', items: { enum: ['a', 'b'] } }, {}, 'checkboxes'], [{ type: 'string', enum: ['a', 'b'] }, { type: 'select', multiple: true }, 'checkboxes'],
        [{ type: 'array' }, {}, 'lines'], [{ type: 'boolean' }, {}, 'checkbox'], [{ type: 'boolean' }, { type: 'radio' }, 'radio'],
        [{ type: 'string', format: 'date' }, {}, 'date'], [{ type: 'string' }, { type: 'time' }, 'time'], [{ type: 'string', format: 'date-time' }, {}, 'datetime'],
        [{ type: 'string', format: 'email' }, {}, 'email'], [{ type: 'string', format: 'uri' }, {}, 'url'], [{ type: 'string' }, { type: 'phone' }, 'phone'],
        [{ type: 'string' }, { type: 'hidden' }, 'hidden'], [{ type: 'string' }, { hidden: true }, 'hidden'], [{ type: 'string' }, { type: 'personalname' }, 'text'],
        [{ type: 'object', properties: {} }, {}, 'group'], [{ type: 'string' }, { dataSource: ['x'] }, 'select'], [{}, {}, 'text'],
    ];
    for (const [schema, options, kind] of kinds) assert.equal(one(schema, options).kind, kind, JSON.stringify([schema, options]));
});
test('what is no form at all is an empty one', () => {
    for (const nothing of [null, undefined, 'x', [], {}, { schema: null }, { schema: { properties: [] } }]) assert.deepEqual(planForm(nothing).fields, []);
    assert.equal(one(null as unknown as object, null as unknown as object).kind, 'text');
});
test('questions stand in the order that is asked for', () => {
    const fields = { c: { order: 0 }, a: { order: 2 }, b: { order: 1 } };
    const plan = planForm({ schema: { properties: { a: {}, b: {}, c: {} } }, options: { fields } });
    assert.deepEqual(plan.fields.map((field) => field.name), ['c', 'b', 'a']);
});
test('labels belong to values, sorting is by label and can be switched off', () => {
    const field = one({ enum: ['x', 'y', 'z'] }, { optionLabels: ['pear', 'Zebra', 'apple'] });
    assert.equal(field.isSorted, true);
    assert.deepEqual(sorted(field.choices).map(({ value }) => value), ['y', 'z', 'x']);
    assert.equal(one({ enum: ['x'] }, { sort: false }).isSorted, false);
    assert.deepEqual(one({ enum: [3, 1, null, ''] }).choices, [{ value: 3, label: '3' }, { value: 1, label: '1' }]);
});
test('no answer is offered unless it is taken away or the question must be answered', () => {
    assert.equal(one({ enum: ['x'] }).offersNone, true);
    assert.equal(one({ enum: ['x'], required: true }).offersNone, false);
    assert.equal(one({ enum: ['x'], required: true }, { removeDefaultNone: false }).offersNone, true);
    assert.equal(one({ enum: ['x'] }, { removeDefaultNone: true }).offersNone, false);
    assert.equal(one({ enum: ['x'] }, { hideNone: true, removeDefaultNone: false }).offersNone, false);
});
test('lists of choices come in three forms', () => {
    assert.deepEqual(choicesFrom(['a', 2]), [{ value: 'a', label: 'a' }, { value: 2, label: '2' }]);
    assert.deepEqual(choicesFrom([{ value: 1, text: 'one' }, { value: 'b' }]), [{ value: 1, label: 'one' }, { value: 'b', label: 'b' }]);
    assert.deepEqual(choicesFrom({ k: 'label' }), [{ value: 'k', label: 'label' }]);
    assert.deepEqual(choicesFrom(null), []);
});
test('what must be answered says so in fixed words, or in those of its validator', () => {
    assert.deepEqual(troubleWith(one({ required: true }, { message: 'not used' }), ''), { key: 'required' });
    assert.deepEqual(troubleWith(one({}, { validator: 'required-field', message: 'Please!' }), undefined), { key: 'required', message: 'Please!' });
    assert.deepEqual(troubleWith(one({ required: true }), '   '), { key: 'required' });
    assert.deepEqual(troubleWith(one({ type: 'array', enum: ['a'], required: true }), undefined), { key: 'required' });
    assert.equal(troubleWith(one({}, { validator: 'something-else' }), undefined), null);
    assert.equal(troubleWith(one({ type: 'number', required: true }), 0), null);
    const [listed] = planForm({ schema: { required: ['a'], properties: { a: {} } } }).fields;
    assert.equal(listed?.isRequired, true);
});
test('a box is an answer ticked or not, unless its validator wants it ticked', () => {
    assert.equal(troubleWith(one({ type: 'boolean', required: true }), false), null);
    assert.deepEqual(troubleWith(one({ type: 'boolean' }, { validator: 'required-field' }), false), { key: 'required' });
});
test('numbers, lengths, patterns and forms are checked', () => {
    const cases: [object, object, unknown, string | null][] = [
        [{ type: 'number' }, {}, 'five', 'number'], [{ type: 'integer' }, {}, 1.5, 'integer'], [{ type: 'integer' }, {}, 'x', 'integer'],
        [{ type: 'number', minimum: 2 }, {}, 1, 'minimum'], [{ type: 'number', minimum: 2 }, {}, 2, null], [{ type: 'number', minimum: 0 }, {}, -1, 'minimum'],
        [{ type: 'number', minimum: 2, exclusiveMinimum: true }, {}, 2, 'above'], [{ type: 'number', maximum: 2 }, {}, 3, 'maximum'],
        [{ type: 'number', maximum: 2, exclusiveMaximum: true }, {}, 2, 'below'], [{ type: 'number', multipleOf: 0.1 }, {}, 0.3, null], [{ type: 'number', divisibleBy: 5 }, {}, 7, 'multiple'],
        [{ minLength: 3 }, {}, 'ab', 'minLength'], [{ maxLength: 3 }, {}, 'abcd', 'maxLength'], [{ pattern: '^[A-Z]+$' }, {}, 'ab', 'pattern'], [{ pattern: '(' }, {}, 'ab', null],
        [{ type: 'array', enum: ['a', 'b'], minItems: 2 }, {}, ['a'], 'minItems'], [{ type: 'array', enum: ['a', 'b'], maxItems: 1 }, {}, ['a', 'b'], 'maxItems'],
        [{ format: 'email' }, {}, 'ada', 'email'], [{ format: 'email' }, {}, 'ada@lab.example', null], [{}, { type: 'url' }, 'lab', 'url'], [{}, { type: 'url' }, 'https://lab.example/x', null],
        [{}, { type: 'phone' }, '+49 (0)30 123-456', null], [{}, { type: 'phone' }, 'call me', 'phone'], [{ minLength: 3 }, {}, '', null], [{ type: 'number', minimum: 3 }, {}, undefined, null],
    ];
    for (const [schema, options, value, key] of cases) assert.equal(troubleWith(one(schema, options), value)?.key ?? null, key, JSON.stringify([schema, options, value]));
});
test('numbers may have a comma', () => {
    assert.deepEqual(['12', '-0.5', '1,5', '.5', '', 'x', '1e3', '0x10'].map(numeric), [12, -0.5, 1.5, 0.5, '', 'x', '1e3', '0x10']);
});
test('a question is asked when what it depends on is answered so, through chains and rings', () => {
    const { fields } = planForm({
        schema: { properties: { a: {}, b: {}, c: {}, d: {}, e: {}, f: {}, g: {} }, dependencies: { b: ['a'], d: 'c', x: ['a'], g: ['nobody'], e: ['f'], f: ['e'] } },
        options: { fields: { b: { dependencies: { a: 'yes' } }, c: { dependencies: { b: ['1', '2'] } } } },
    });
    const of = (answers: object): string => [...asked(fields, new Map(Object.entries(answers)))].join('');
    assert.equal(of({}), 'ag', 'g depends on a question that does not exist: it is asked');
    assert.equal(of({ a: 'no', b: '1', c: 'x' }), 'ag', 'the answer of a question that is not asked does not count');
    assert.equal(of({ a: 'yes' }), 'abg');
    assert.equal(of({ a: 'yes', b: 2, c: 'x' }), 'abcdg');
    assert.equal(of({ a: ['no', 'yes'], b: '3' }), 'abg');
    assert.equal(of({ e: 'x', f: 'y' }), 'aefg');
});
test('days and times are written as the study wants them, and read back', () => {
    const at = '2024-02-01T15:05';
    assert.equal(written(at, USUAL.datetime), '02/01/2024 15:05:00');
    assert.equal(written('2024-02-01', USUAL.date), '02/01/2024');
    assert.equal(written('00:07', USUAL.time), '12:07:00 am');
    assert.equal(written(at, 'D MMM YY [at] H:mm'), '1 Feb 24 at 15:05');
    assert.equal(written('', USUAL.date), undefined);
    assert.equal(read('02/01/2024', USUAL.date, 'date'), '2024-02-01');
    assert.equal(read('3:05:00 pm', USUAL.time, 'time'), '15:05');
    assert.equal(read('12:05:00 am', USUAL.time, 'time'), '00:05');
    assert.equal(read('1 February 2024 at 15:05', 'D MMMM YYYY [at] H:mm', 'datetime'), at);
    for (const nonsense of ['', '13/45/2024', '2024', 'x']) assert.equal(read(nonsense, USUAL.date, 'date'), '');
});
test('the last answers that were saved at this place are found, repeats too', () => {
    const answers = (a: unknown): { formData: unknown } => ({ formData: a });
    assert.equal(earlierAnswers({}, 3), null);
    assert.deepEqual(earlierAnswers({ '3-s': answers({ x: 1 }), '3-s-repeat-1': answers({ x: 2 }), '3-s-repeat-2': answers(null), '30-s': answers({ x: 9 }), '4-s': answers({ x: 8 }) }, 3), { x: 2 });
});
