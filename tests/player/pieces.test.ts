/* Small rules of the player that need no page. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { defaultsOf, expandAssets, mismatches } from '../../gateway/player/src/declarations.js';
import { restMs, verdict, waitMs, WAIT_MAX_MS, WAIT_MIN_MS } from '../../gateway/player/src/http.js';
import { fill } from '../../gateway/player/src/language.js';
import { exitAddress, videoName } from '../../gateway/player/src/names.js';
import { placeOf } from '../../gateway/player/src/session.js';

test('waiting doubles from half a second to thirty and is shortened by chance', () => {
    assert.equal(waitMs(0, () => 0), WAIT_MIN_MS);
    assert.equal(waitMs(1, () => 0), 1000);
    assert.equal(waitMs(1, () => 1), 500);
    assert.equal(waitMs(50, () => 0), WAIT_MAX_MS);
});
test('the server may ask for more patience, within reason', () => {
    assert.equal(waitMs(0, () => 0, '7'), 7000);
    assert.equal(waitMs(0, () => 0, '999999'), 600_000);
    assert.equal(waitMs(0, () => 0, 'Wed, 21 Oct'), WAIT_MIN_MS);
});
test('what an answer means', () => {
    const meaning = { 0: 'offline', 200: 'done', 204: 'done', 409: 'realign', 410: 'gone', 401: 'signin', 403: 'signin', 507: 'full', 503: 'busy', 460: 'busy', 429: 'busy', 404: 'refused', 422: 'refused' };
    for (const [status, what] of Object.entries(meaning)) assert.equal(verdict(Number(status)), what);
    assert.equal(restMs('refused', 0, () => 0, null), 300_000);
    assert.ok(restMs('signin', 0, () => 1, null) >= 10_000);
});
test('video names have six fields, and consent says so', () => {
    const of = { study: 's', frame: '1-video-consent', response: 'r' };
    assert.equal(videoName({ ...of, isConsent: true }, 1714564800000.7, () => 0.1234), 'consent-videoStream_s_1-video-consent_r_1714564800000_123');
    assert.equal(videoName({ ...of, isConsent: false }, 5, () => 0.0), 'videoStream_s_1-video-consent_r_5_0');
});
test('the exit address keeps what it has and gets child and response', () => {
    assert.equal(exitAddress('https://a.example/x?child=old&k=1#h', 'C', 'R'), 'https://a.example/x?child=C&k=1&response=R#h');
    for (const none of ['', null, undefined, 'a.example/x', 'javascript:alert(1)']) assert.equal(exitAddress(none, 'C', 'R'), '/');
});
test('the page says which study, which child, and whether it is a preview', () => {
    const [s, c] = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222'];
    assert.deepEqual(placeOf(`/studies/${s}/${c}/`, 'x'), { study: s, child: c, isPreview: false, assets: 'x' });
    assert.deepEqual(placeOf(`/exp/studies/${s}/${c}/preview/`, 'x'), { study: s, child: c, isPreview: true, assets: 'x' });
    assert.equal(placeOf('/studies/1/2/', 'x'), null);
});
test('sentences take values and choose between forms', () => {
    assert.equal(fill('By {name} ({place})', { name: 'Ada', place: 'Bern' }), 'By Ada (Bern)');
    assert.equal(fill('{a, select, true {you {b}} other {your child}}!', { a: true, b: 'too' }), 'you too!');
    assert.equal(fill('{a, select, true {you} other {your child}}!', { a: false }), 'your child!');
});
test('stimuli become addresses, at every depth that the declaration names', () => {
    const values: { [name: string]: unknown } = {
        ...defaultsOf('exp-lookit-images-audio'), baseDir: 'https://x.example/dir', audio: 'chime', pauseVideo: 'rest',
        images: [{ src: 'duck.png', feedbackAudio: 'good' }, { src: 'https://y.example/a.png' }],
    };
    expandAssets('exp-lookit-images-audio', values);
    const both = (name: string) => [{ src: `https://x.example/dir/mp3/${name}.mp3`, type: 'audio/mp3' }, { src: `https://x.example/dir/ogg/${name}.ogg`, type: 'audio/ogg' }];
    assert.deepEqual(values['audio'], both('chime'));
    assert.deepEqual(values['images'], [{ src: 'https://x.example/dir/img/duck.png', feedbackAudio: both('good') }, { src: 'https://y.example/a.png' }]);
    assert.deepEqual((values['pauseVideo'] as unknown[])[0], { src: 'https://x.example/dir/mp4/rest.mp4', type: 'video/mp4' });
    assert.deepEqual(values['unpauseAudio'], []);
});
test('values that the declaration does not allow are named', () => {
    assert.deepEqual(mismatches('exp-lookit-text', { blocks: 'x', showPreviousButton: 1 }).length, 2);
    assert.deepEqual(mismatches('exp-lookit-text', { blocks: [{ text: 'fine' }], showPreviousButton: false }), []);
});
