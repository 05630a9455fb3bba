/* Rules of trials and of the last page that need no page. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { birthDateSaved, dayHere } from '../../gateway/player/src/frames/exp-lookit-exit-survey.js';
import { hasText, highlighted, isChoice, isReady, nameAll, type PictureParams } from '../../gateway/player/src/trial/pictures.js';

test('pictures without a name get the next free number', () => {
    const named = nameAll([{ src: 'a' }, { id: 'image_2', src: 'b' }, { src: 'c' }, { id: 'fox', src: 'd' }, { id: '', src: 'e' }]);
    assert.deepEqual(named.map((one) => one.id), ['image_1', 'image_2', 'image_3', 'fox', 'image_4']);
    for (const none of [undefined, null, 'x', {}]) assert.deepEqual(nameAll(none), []);
});
test('a border is shown strictly inside its range', () => {
    const borders = [{ range: [1, 2], imageId: 'a' }, { range: [1.5, 3], imageId: 'b' }, { range: 'x', imageId: 'c' }, {}];
    assert.deepEqual([...highlighted(borders, 1)], []);
    assert.deepEqual([...highlighted(borders, 1.2)], ['a']);
    assert.deepEqual([...highlighted(borders, 1.7)], ['a', 'b']);
    assert.deepEqual([...highlighted(borders, 2)], ['b']);
    assert.deepEqual([...highlighted('nonsense', 2)], []);
});
test('a trial is ready when time, sound, question and choice allow it', () => {
    const params = (more: Partial<PictureParams>): PictureParams => ({ choiceRequired: false, choiceAllowed: false, correctChoiceRequired: false, ...more }) as PictureParams;
    const done = { isLongEnough: true, hasSoundFinished: true, isAsking: false, selected: null };
    const right = { id: 'a', src: '', correct: true };
    assert.equal(isReady(params({}), done), true);
    assert.equal(isReady(params({}), { ...done, isLongEnough: false }), false);
    assert.equal(isReady(params({}), { ...done, hasSoundFinished: false }), false);
    assert.equal(isReady(params({}), { ...done, isAsking: true }), false);
    assert.equal(isReady(params({ choiceAllowed: true }), done), true, 'what is only allowed delays nothing');
    assert.equal(isReady(params({ choiceRequired: true }), done), false);
    assert.equal(isReady(params({ choiceRequired: true }), { ...done, selected: { id: 'b', src: '' } }), true);
    assert.equal(isReady(params({ choiceRequired: true, correctChoiceRequired: true }), { ...done, selected: { id: 'b', src: '' } }), false);
    assert.equal(isReady(params({ choiceRequired: true, correctChoiceRequired: true }), { ...done, selected: right }), true);
    assert.equal(isChoice(params({ choiceAllowed: true }), { ...right, nonChoiceOption: true }), false);
    assert.equal(isChoice(params({}), right), false);
});
test('an empty text block is none', () => {
    for (const none of [undefined, null, {}, { css: { color: 'red' } }, { text: '' }, { text: [] }]) assert.equal(hasText(none), false);
    assert.equal(hasText({ text: 'x' }), true);
});
test('a birth date is saved as the day that was chosen, wherever it is read', () => {
    assert.equal(birthDateSaved('2024-02-01'), '2024-02-01T00:00:00.000Z');
    assert.equal(birthDateSaved(''), undefined);
    assert.equal(dayHere(new Date(2024, 1, 3, 23, 59)), '2024-02-03');
});
