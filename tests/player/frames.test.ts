/* The frame kinds in a real browser: what a family sees and does, and exactly what is saved of it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { policy } from './double.js';
import { extras, names, own, Theatre } from './play.js';

let theatre: Theatre;
before(async () => {
    theatre = await Theatre.open();
});
after(() => theatre.close());

const chime = [{ src: '/demo/mp3/chime.mp3', type: 'audio/mpeg' }];
const bye = { kind: 'exp-lookit-text', blocks: [{ title: 'Goodbye' }] };
const study = (frame: object): object => ({ frames: { one: frame, bye }, sequence: ['one', 'bye'] });

test('instructions: what must be played is asked for, what cannot be played keeps nobody', async () => {
    await theatre.play(study({
        kind: 'exp-lookit-instructions', showWebcam: true, nextButtonText: 'We are ready\n(turn around now)',
        blocks: [
            { title: 'Where is the ball?', text: 'In a moment the pictures fill the screen.', listblocks: [{ text: 'It is fine to look away.' }] },
            { title: 'Your speakers', mediaBlock: { title: 'A chime', text: 'You should hear <em>one</em> chime.', warningText: 'Please try your speakers.', sources: chime, mustPlay: true } },
            { mediaBlock: { title: 'A lost film', isVideo: true, mustPlay: true, sources: [{ src: '/demo/mp4/none.mp4', type: 'video/mp4' }] } },
            { mediaBlock: { title: 'Only if you like', sources: chime, warningText: 'never seen' } },
        ],
        webcamBlocks: [{ text: 'Can you see your child?' }],
    }), async (play) => {
        const { page } = play;
        await page.waitForFunction(() => document.querySelector<HTMLVideoElement>('.camera video')?.videoWidth);
        await page.click('#nextbutton');
        await page.waitForSelector('text=Please try your speakers.');
        assert.deepEqual(await page.locator('.warning:visible').allTextContents(), ['Please try your speakers.']);
        await play.shot('kind-instructions');
        await page.locator('audio').first().evaluate((audio: HTMLAudioElement) => audio.play());
        await page.waitForFunction(() => document.querySelector('audio')?.ended);
        assert.equal(await page.locator('.warning:visible').count(), 0);
        await page.click('#nextbutton');
        await page.waitForSelector('text=Goodbye');
        const saved = await play.saved('0-one');
        assert.deepEqual(names(saved), ['setupVideoRecorder', 'recorder.hasCamAccess', 'recorderReady', 'nextFrame']);
        assert.deepEqual(own(saved), {});
    });
});

test('preview: recorded from the moment it is accepted to its end', async () => {
    await theatre.play(study({
        kind: 'exp-lookit-stimuli-preview', baseDir: '/demo/', nextStimulusText: 'The next one',
        blocks: [{ title: 'Would you like to see them first?', text: 'Please do not let your child see the screen meanwhile.' }],
        stimuli: [{ caption: 'A ball', image: 'ball.svg' }, { caption: 'A chime', audio: 'chime' }],
    }), async (play) => {
        const { page } = play;
        await page.waitForSelector('#nextbutton:not([disabled])');
        await play.shot('kind-preview-1');
        await page.click('#nextbutton');
        await page.waitForSelector('text=A ball');
        assert.equal(await page.locator('#previousbutton').isDisabled(), true);
        await page.click('text=The next one');
        await page.waitForSelector('text=A chime');
        assert.equal(await page.locator('audio source').first().getAttribute('src'), '/demo/mp3/chime.mp3');
        await page.click('#previousbutton');
        await page.waitForFunction(() => document.querySelector<HTMLImageElement>('.preview-item img')?.complete);
        await play.shot('kind-preview-2');
        await page.click('#nextbutton');
        await page.waitForTimeout(1500); /* so that there is something to send */
        await page.click('text=Continue');
        await page.waitForSelector('text=Goodbye');
        const saved = await play.saved('0-one');
        assert.deepEqual(names(saved).filter((name) => !['videoStreamConnection', 'startRecording', 'uploadComplete'].includes(name)), [
            'setupVideoRecorder', 'recorder.hasCamAccess', 'recorderReady', 'startPreview', 'nextStimulus', 'previousStimulus', 'nextStimulus',
            'stoppingCapture', 'nextFrame']);
        const { videoId, videoList } = own(saved);
        assert.deepEqual(videoList, [videoId]);
        assert.equal([...play.double.uploads.values()][0]?.metadata['filename'], `${String(videoId)}.webm`);
    });
});

test('preview: who skips it is not recorded', async () => {
    await theatre.play(study({ kind: 'exp-lookit-stimuli-preview', doRecording: false, stimuli: [{ caption: 'A ball' }] }), async (play) => {
        await play.page.click('#skipbutton');
        await play.page.waitForSelector('text=Goodbye');
        const saved = await play.saved('0-one');
        assert.deepEqual(names(saved), ['nextFrame']);
        assert.deepEqual(own(saved), {});
    });
});

test('exit survey: answers are asked for in their place, saved at once, and saved again with the last button', async () => {
    await theatre.play({ frames: { bye, one: { kind: 'exp-lookit-exit-survey', additionalVideoPrivacyText: 'About <b>your</b> recordings:',
        debriefing: { title: 'Thank you, both of you!', text: 'We wanted to know <em>where</em> the ball is.', image: { src: '/demo/img/ball.svg', alt: 'a ball' }, blocks: [{ text: 'It was in the box.' }] } } },
    sequence: ['bye', 'one'] }, async (play) => {
        const { page } = play;
        await page.click('#nextbutton');
        await page.waitForSelector('#birthdate');
        await play.shot('kind-exit-1');
        await page.click('#nextbutton');
        assert.deepEqual(await page.locator('.warning:visible').count(), 3);
        assert.equal(await page.evaluate(() => document.activeElement?.id), 'birthdate');
        await page.fill('#birthdate', '2999-01-01');
        await page.click('#nextbutton');
        await page.waitForSelector('text=This day has not come yet');
        await page.fill('#birthdate', '2024-02-01');
        await page.check('#databraryShare-yes');
        assert.match(await page.locator('label[class=choice]:has(#useOfMedia-private)').innerText(), /Databrary/);
        await page.check('#databraryShare-no');
        assert.doesNotMatch(await page.locator('label[class=choice]:has(#useOfMedia-private)').innerText(), /Databrary/);
        await page.focus('#useOfMedia-private');
        await page.keyboard.press('Space');
        await page.keyboard.press('ArrowDown');
        await page.fill('#feedback', 'She loved the ball.');
        assert.equal(await page.locator('.warning:visible').count(), 0);
        await play.shot('kind-exit-2');
        await page.locator('#feedback').scrollIntoViewIfNeeded();
        await play.shot('kind-exit-3');
        await page.click('#nextbutton');
        await page.waitForSelector('text=It was in the box.');
        const answers = { birthDate: '2024-02-01T00:00:00.000Z', databraryShare: 'no', useOfMedia: 'scientific', withdrawal: false, feedback: 'She loved the ball.' };
        const first = await play.saved('1-one');
        assert.deepEqual(own(first), answers);
        assert.deepEqual([first.completed, first.data.frameType, names(first)], [true, 'EXIT', []]);
        assert.match(await page.getAttribute('#sharebutton', 'href') ?? '', /sharer.*u=http.*%2Fstudies%2F/);
        await play.shot('kind-exit-4');
        await page.click('#nextbutton');
        await page.waitForURL(/thanks\?child=QRSTUV/);
        const last = await play.saved('1-one', 2);
        assert.deepEqual(own(last), answers);
        assert.deepEqual(names(last), ['nextFrame']);
    });
});

test('exit survey: withdrawing needs the birth date and a second yes', async () => {
    await theatre.play({ frames: { bye, one: { kind: 'exp-lookit-exit-survey', debriefing: { text: 'That was it.' }, showDatabraryOptions: false, privateLevelOnly: true, showShareButton: false } },
        sequence: ['bye', 'one'] }, async (play) => {
        const { page } = play;
        await page.click('#nextbutton');
        await page.check('#withdrawal');
        await page.click('#nextbutton');
        await page.waitForSelector('#birthdate-warning:visible');
        await page.fill('#birthdate', '2024-02-01');
        await page.click('#nextbutton');
        await page.waitForSelector('#withdraw-confirm');
        await play.shot('kind-exit-withdraw');
        await page.click('#withdraw-cancel');
        await page.waitForSelector('#withdrawal:not(:checked)');
        await page.check('#withdrawal');
        await page.click('#nextbutton');
        await page.click('#withdraw-confirm');
        await page.waitForSelector('text=That was it.');
        assert.equal(await page.locator('h1, #sharebutton').count(), 0, 'no heading of ours, nothing to share');
        assert.deepEqual(own(await play.saved('1-one')), { birthDate: '2024-02-01T00:00:00.000Z', databraryShare: 'NA', useOfMedia: 'private', withdrawal: true, feedback: '' });
    });
});

const trial = { kind: 'exp-lookit-images-audio', baseDir: '/demo/', pageColor: 'white' };

test('images: what happens by itself happens in order', async () => {
    await theatre.play({ frames: { hello: { ...bye, blocks: [{ title: 'Hello' }] }, one: {
        ...trial, audio: 'chime', durationSeconds: 2, autoProceed: true, showProgressBar: true, parentTextBlock: { text: 'Please listen together.' },
        images: [{ src: 'ball.svg', position: 'left' }, { id: 'image_1', src: 'box.svg', position: 'right', displayDelayMs: 0 }, { src: 'none.svg', position: 'center', displayDelayMs: 300 }],
        highlights: [{ range: [0, 0.6], imageId: 'image_2' }],
    }, bye }, sequence: ['hello', 'one', 'bye'] }, async (play) => {
        const { page } = play;
        await page.evaluate(() => {
            const seen = new Set<string>();
            Object.assign(globalThis, { seen });
            new MutationObserver((changes) => {
                for (const { target } of changes) if ((target as Element).classList.contains('is-highlighted')) seen.add((target as Element).id);
            }).observe(document, { subtree: true, attributes: true, attributeFilter: ['class'] });
        });
        await page.click('#nextbutton');
        await page.waitForSelector('#image_3:visible');
        await play.shot('kind-images-story');
        await page.waitForSelector('text=Goodbye');
        assert.deepEqual(await page.evaluate(() => [...(globalThis as unknown as { seen: Set<string> }).seen]), ['image_2']);
        assert.equal(await page.locator('.is-highlighted').count(), 0);
        const saved = await play.saved('1-one');
        assert.deepEqual(names(saved).filter((name) => !['startAudio', 'displayImage'].includes(name)), [
            'startTimer', 'displayImages', 'finishAudio', 'endTimer', 'trialComplete', 'nextFrame']);
        assert.ok(names(saved).indexOf('startAudio') < names(saved).indexOf('finishAudio'));
        assert.deepEqual(extras(saved, 'displayImage'), [{ imageId: 'image_1' }, { imageId: 'image_3' }]);
        assert.deepEqual(own(saved), {
            images: [{ src: '/demo/img/ball.svg', position: 'left', id: 'image_2' }, { id: 'image_1', src: '/demo/img/box.svg', position: 'right', displayDelayMs: 0 },
                { src: '/demo/img/none.svg', position: 'center', displayDelayMs: 300, id: 'image_3' }],
            audioPlayed: '/demo/mp3/chime.mp3',
        });
    });
});

test('images: a choice, a wrong one first, with words and sound', async () => {
    await theatre.play({ frames: { hello: bye, one: {
        ...trial, audio: 'chime', choiceRequired: true, correctChoiceRequired: true, canMakeChoiceBeforeAudioFinished: true,
        parentTextBlock: { title: 'Your turn', text: 'Which one would your child like to play with? Please press on it together.' },
        images: [{ id: 'cue', src: 'box.svg', alt: 'a box', position: 'center', nonChoiceOption: true }, { id: 'duck', src: 'duck.svg', alt: 'a duck', position: 'left', correct: false, feedbackText: 'Try again!' },
            { id: 'ball', src: 'ball.svg', alt: 'a ball', position: 'right', correct: true, feedbackAudio: 'chime' }],
    }, bye }, sequence: ['hello', 'one', 'bye'] }, async (play) => {
        const { page } = play;
        await page.click('#nextbutton');
        await page.waitForSelector('#duck:visible');
        await page.click('#cue');
        await page.focus('#duck');
        await page.keyboard.press('Enter');
        await page.waitForSelector('.trial-feedback');
        await play.shot('kind-images-feedback');
        await page.click('#ball', { force: true, noWaitAfter: true }).catch(() => undefined); /* lies under the question */
        await page.click('#feedback-ok');
        assert.equal(await page.evaluate(() => document.activeElement?.id), 'duck');
        assert.equal(await page.isDisabled('#nextbutton'), true);
        await page.click('#ball');
        await page.waitForSelector('#ball[aria-pressed=true]');
        await play.shot('kind-images-choice');
        await page.waitForSelector('#nextbutton:not([disabled])');
        await page.click('#replaybutton');
        await page.click('#nextbutton');
        await page.waitForFunction(() => !document.querySelector('.trial'));
        const saved = await play.saved('1-one');
        assert.deepEqual(names(saved).filter((name) => name !== 'startAudio'), [
            'displayImages', 'finishAudio', 'clickImage', 'dismissFeedback', 'clickImage', 'startImageAudio', 'replayAudio', 'displayImages', 'trialComplete', 'nextFrame']);
        assert.deepEqual(extras(saved, 'clickImage'), [{ imageId: 'duck', correct: false }, { imageId: 'ball', correct: true }]);
        assert.deepEqual([own(saved)['selectedImage'], own(saved)['correctImageSelected']], ['ball', true]);
    });
});

test('images: sounds that cannot be played are noted and hold nothing up', async () => {
    await theatre.play({ frames: { hello: bye, one: {
        ...trial, audio: 'lost', audioTypes: ['mp3'], choiceAllowed: true, maximizeDisplay: true, autoProceed: true, durationSeconds: 1.5, backgroundColor: 'white',
        images: [{ id: 'ball', src: 'ball.svg', alt: 'a ball', position: 'fill', feedbackAudio: 'lost' }],
    }, bye }, sequence: ['hello', 'one', 'bye'] }, async (play) => {
        const { page } = play;
        await page.click('#nextbutton');
        await page.click('#ball');
        await page.waitForFunction(() => !document.querySelector('.trial'));
        const saved = await play.saved('1-one');
        assert.deepEqual(names(saved), ['startTimer', 'displayImages', 'failedToStartAudio', 'finishAudio', 'clickImage', 'failedToStartImageAudio', 'endTimer', 'trialComplete', 'nextFrame']);
        assert.deepEqual(extras(saved, 'clickImage'), [{ imageId: 'ball' }]);
    });
});

test('images: recorded, paused, and then again from the beginning', async () => {
    await theatre.play({ frames: { hello: bye, one: {
        ...trial, doRecording: true, durationSeconds: 2, maxUploadSeconds: 10, images: [{ id: 'ball', src: 'ball.svg', alt: 'a ball', position: 'center' }],
    }, bye }, sequence: ['hello', 'one', 'bye'] }, async (play) => {
        const { page } = play;
        await page.click('#nextbutton');
        await page.waitForSelector('#ball:visible');
        await page.keyboard.press('Space');
        await page.waitForSelector('text=Press space to resume');
        assert.equal(await page.isVisible('.trial'), false);
        await play.shot('kind-images-paused');
        await page.waitForTimeout(200); /* the key is debounced */
        await page.keyboard.press('Space');
        await page.waitForSelector('#ball:visible');
        await page.waitForSelector('#nextbutton:not([disabled])');
        await play.shot('kind-images-plain');
        await page.click('#nextbutton');
        await page.waitForSelector('text=Goodbye');
        const paused = await play.saved('1-one');
        const begin = ['setupVideoRecorder', 'recorder.hasCamAccess', 'recorderReady', 'videoStreamConnection', 'startRecording', 'startTimer', 'finishAudio', 'displayImages'];
        assert.deepEqual(names(paused), [...begin, 'pauseStudy', 'stoppingCapture', 'videoStreamConnection', 'uploadComplete', 'resumeStudy']);
        const again = await play.saved('1-one-repeat-1');
        assert.deepEqual(names(again), [...begin, 'endTimer', 'trialComplete', 'stoppingCapture', 'videoStreamConnection', 'uploadComplete', 'nextFrame']);
        assert.equal(play.double.uploads.size, 2);
    });
});

test('survey: messages in their place, questions that come and go, and the answers exactly', async () => {
    const formSchema = {
        schema: {
            type: 'object', title: 'About <em>you two</em>',
            properties: {
                name: { type: 'string', title: 'What do you call your child?<script>globalThis.bad = 1</script><img src="/demo/img/duck.svg" width="60" alt="a duck" onerror="globalThis.bad = 2">' },
                age: { type: 'integer', title: 'How many months old is your child?', required: true, minimum: 0, maximum: 200 },
                sits: { type: 'string', title: 'Where does your child sit?', enum: ['lap', 'chair', 'floor'], required: true },
                why: { type: 'string', title: 'Why on the floor?', required: true },
                toys: { type: 'array', title: 'Which of these do you have?', enum: ['ball', 'duck', 'box'] },
                siblings: { type: 'boolean', title: 'My child has brothers or sisters.' },
                language: { type: 'string', title: 'Which language do you mostly speak?', enum: ['de', 'en', 'fr', 'ja'] },
                seen: { type: 'string', format: 'date', title: 'When did your child last see a ball?' },
                nap: { type: 'object', title: 'The last nap', properties: { from: { type: 'string', title: 'It began at' }, good: { type: 'string', title: 'Was it a good one?', enum: ['y', 'n'] } } },
                secret: { type: 'string', default: 'hidden value' },
            },
            dependencies: { why: ['sits'] },
        },
        options: {
            hideInitValidationError: true,
            fields: {
                name: { validator: 'required-field', message: 'Any name will do.', placeholder: 'A nickname is fine', helper: 'Nobody outside the lab sees it.' },
                age: { numericEntry: true },
                sits: { type: 'radio', sort: false, removeDefaultNone: true, optionLabels: ['On my lap', 'On a chair of its own', 'On the <b>floor</b>'] },
                why: { type: 'textarea', rows: 2, dependencies: { sits: 'floor' } },
                toys: { type: 'checkbox' },
                language: { optionLabels: ['German', 'English', 'French', 'Japanese'] },
                nap: { fields: { from: { type: 'time', dateFormat: 'H:mm' }, good: { optionLabels: ['Yes', 'No'], vertical: false } } },
                secret: { type: 'hidden' }, nobody: { type: 'text' },
            },
            form: { buttons: {} },
        },
        view: { locale: 'xx_XX' },
    };
    await theatre.play(study({ kind: 'exp-lookit-survey', nextButtonText: 'Send\n<small>and go on</small>', formSchema, showPreviousButton: false }), async (play) => {
        const { page } = play;
        const field = (name: string): string => `[data-field="${name}"]`;
        await page.waitForSelector('text=About you two');
        await play.shot('kind-survey-1');
        assert.deepEqual(await page.locator('.survey img').evaluate((image) => image.getAttributeNames()), ['src', 'width', 'alt'], 'nothing that runs is left of a title');
        assert.equal(await page.locator('.survey script').count(), 0);
        assert.equal(await page.locator('.warning:visible').count(), 0, 'nobody is scolded before the first try');
        assert.equal(await page.isVisible(field('why')), false);
        await page.click('#nextbutton');
        assert.deepEqual(await page.locator('.warning:visible').allTextContents(), ['Any name will do.', 'Please answer this question.', 'Please answer this question.']);
        assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('name')), 'name');
        await page.keyboard.type('Mia');
        assert.equal(await page.locator(`${field('name')} .warning`).isVisible(), false, 'answering takes the message away');
        await page.keyboard.press('Tab');
        await page.keyboard.type('201');
        await page.keyboard.press('Tab');
        assert.equal(await page.locator(`${field('age')} .warning`).textContent(), 'Please write a number that is at most 200.');
        await play.shot('kind-survey-2');
        await page.fill(`${field('age')} input`, '12');
        assert.deepEqual(await page.locator(`${field('sits')} label`).allTextContents(), ['On my lap', 'On a chair of its own', 'On the floor']);
        await page.getByText('On the floor', { exact: true }).click();
        await page.fill(`${field('why')} textarea`, 'She likes it.');
        assert.deepEqual(await page.locator(`${field('toys')} label`).allTextContents(), ['ball', 'box', 'duck'], 'sorted by label');
        await page.getByLabel('duck', { exact: true }).check();
        await page.getByLabel('ball', { exact: true }).check();
        await page.getByLabel('Which language do you mostly speak?').selectOption('Japanese');
        await page.getByLabel('When did your child last see a ball?').fill('2024-02-01');
        await page.getByLabel('It began at').fill('09:05');
        assert.deepEqual(await page.locator(`${field('nap.good')} label`).allTextContents(), ['No answer', 'No', 'Yes']);
        await page.locator(`${field('nap.good')}`).getByText('Yes').click();
        await play.shot('kind-survey-3');
        await page.click('#nextbutton');
        await page.waitForSelector('text=Goodbye');
        const saved = await play.saved('0-one');
        const formData = {
            name: 'Mia', age: 12, sits: 'floor', why: 'She likes it.', toys: ['ball', 'duck'], siblings: false, language: 'ja', seen: '02/01/2024',
            nap: { from: '9:05', good: 'y' }, secret: 'hidden value',
        };
        assert.deepEqual(own(saved), { formSchema, formData });
        assert.deepEqual(names(saved), ['nextFrame']);

    });
});

test('survey: who comes back sees the earlier answers, and going back saves none', async () => {
    const formSchema = { schema: { properties: { a: { type: 'string', title: 'First', default: 'usual' }, b: { type: 'string', title: 'Second', enum: ['x', 'y'] } } }, data: { b: 'y' } };
    await theatre.play({ frames: { ...(study({ kind: 'exp-lookit-survey', formSchema }) as { frames: object }).frames, bye: { ...bye, showPreviousButton: true } }, sequence: ['bye', 'one', 'bye'] }, async (play) => {
        const { page } = play;
        await page.click('#nextbutton');
        assert.equal(await page.inputValue('[name=a]'), 'usual');
        assert.equal(await page.isChecked('[name=b][value=y]'), true);
        await page.fill('[name=a]', '');
        await page.check('[name=b][value=x]');
        await page.click('#nextbutton');
        await page.click('#previousbutton');
        await page.waitForSelector('[name=a]');
        assert.equal(await page.inputValue('[name=a]'), '', 'not the default again');
        assert.equal(await page.isChecked('[name=b][value=x]'), true);
        await page.fill('[name=a]', 'changed');
        await page.click('#previousbutton');
        await page.waitForSelector('text=Goodbye');
        assert.deepEqual((await play.saved('1-one')).data['formData'], { b: 'x' });
        assert.equal((await play.saved('1-one-repeat-1')).data['formData'], null);
    });
});

test('the demonstration study: ten kinds from the first page to the last', async () => {
    const demo = JSON.parse(readFileSync(join(process.env.PLAYER_TESTS ?? import.meta.dirname, '../../ops/demo/protocol.json'), 'utf8')) as { sequence: string[] };
    await theatre.play(demo, async (play) => {
        const { page } = play;
        const next = async (): Promise<void> => page.click('#nextbutton:not([disabled]):not(.looks-disabled)');
        await page.waitForSelector('#nextbutton:not([disabled])');
        await page.click('#reloadCheckButton');
        await page.waitForFunction(() => document.querySelectorAll('.step.is-done').length === 3);
        await next();
        await page.click('#recordbutton:not([disabled])');
        await page.click('#stopbutton:not([disabled])');
        await page.click('#playbutton:not([disabled])');
        await page.click('#submitbutton');
        await page.waitForSelector('text=Where is the ball?');
        await play.shot('demo-1-welcome');
        await next();
        await page.waitForSelector('text=Two questions before we start');
        await play.shot('demo-2-about-you');
        await page.getByLabel('On my lap').check();
        await next();
        await page.waitForSelector('text=Show me the pictures first');
        await play.shot('demo-3-look-first');
        await next();
        for (const caption of ['A ball', 'A box', 'A duck']) {
            await page.waitForSelector(`h2:text-is("${caption}")`);
            await next();
        }
        await page.waitForSelector('.trial-picture:visible');
        await play.shot('demo-4-round');
        await page.waitForSelector('text=Which one would your child like');
        await page.waitForSelector('#ball.is-choice:visible');
        await play.shot('demo-5-choose');
        assert.equal(await page.isDisabled('#nextbutton'), true);
        await page.click('#ball');
        await next();
        await page.waitForSelector('#birthdate');
        await page.fill('#birthdate', '2024-02-01');
        await page.check('#useOfMedia-public');
        await next();
        await page.waitForSelector('text=Thank you, both of you!');
        await play.shot('demo-6-thanks');
        await next();
        await page.waitForURL(/thanks\?child=/);

        const frames = play.saves.map((one) => one.frame?.replace(/^\d+-/, ''));
        assert.deepEqual(frames, ['camera', 'consent', 'welcome', 'about-you', 'look-first', 'record', 'rounds', 'rounds', 'rounds', 'choose', 'stop', 'thanks', 'thanks']);
        const rounds = play.saves.filter((one) => one.frame?.endsWith('rounds'));
        for (const round of rounds) {
            assert.deepEqual(names(round).filter((name) => name !== 'displayImage').sort(), ['displayImages', 'endTimer', 'finishAudio', 'nextFrame', 'startAudio', 'startTimer', 'trialComplete']);
            assert.ok(round.data.eventTimings.every((event) => event['sessionVideoId']), 'the session recording goes on');
        }
        const chosen = play.saves.find((one) => one.frame?.endsWith('choose'));
        assert.ok(chosen);
        assert.deepEqual(names(chosen), ['finishAudio', 'displayImages', 'clickImage', 'trialComplete', 'nextFrame']);
        assert.equal(own(chosen)['selectedImage'], 'ball');
        assert.deepEqual(play.saves.find((one) => one.frame?.endsWith('about-you'))?.data['formData'], { sits: 'lap' });
        assert.deepEqual([play.saves.at(-1)?.completed, play.saves.at(-1)?.['completed_consent_frame']], [true, true]);
        assert.equal(play.double.uploads.size, 2, 'consent and session');
    });
});

test('a camera that comes after the family has left records nothing', async () => {
    await theatre.play({ frames: { one: { kind: 'exp-lookit-start-recording' }, bye }, sequence: ['one', 'bye'] }, async (play) => {
        const { page } = play;
        await page.waitForFunction(() => 'giveCamera' in window);
        await page.keyboard.press('F1');
        await page.click('#exit-leave');
        await page.waitForSelector('text=Goodbye');
        await page.evaluate(() => (window as unknown as { giveCamera: () => void }).giveCamera());
        await page.waitForFunction(() => (window as unknown as { given?: MediaStream }).given?.getTracks().every((track) => track.readyState === 'ended'));
        await page.waitForTimeout(300);
        assert.equal(play.double.uploads.size, 0);
    }, { before: async (page) => void await page.addInitScript(() => {
        const get = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        navigator.mediaDevices.getUserMedia = async (wanted) => {
            await new Promise<void>((resolve) => Object.assign(window, { giveCamera: resolve }));
            const given = await get(wanted);
            Object.assign(window, { given });
            return given;
        };
    }) });
});

test('a visit whose response was erased meanwhile begins anew', async () => {
    await theatre.play({ frames: { one: { kind: 'exp-lookit-text', blocks: [{ title: 'Hello' }] }, bye }, sequence: ['one', 'bye'] }, async (play) => {
        const { page } = play;
        await page.click('#nextbutton');
        await page.waitForSelector('text=Goodbye');
        await play.saved('0-one');
        await page.waitForSelector('#saved-mark.good');
        const [erased] = play.double.responses.splice(0);
        page.on('dialog', (dialog) => void dialog.accept());
        await page.reload();
        await page.click('#resume-continue');
        await page.waitForSelector('text=Hello');
        assert.equal(play.double.responses.length, 1);
        assert.ok(erased);
    });
});

test('pictures, sounds and parts of the protocol come from wherever the lab keeps them', async () => {
    const lab = 'https://lab.example';
    await theatre.play({ frames: {
        one: { kind: 'exp-lookit-instructions', blocks: `JSON:${lab}/blocks.json` },
        bye,
    }, sequence: ['one', 'bye'] }, async (play) => {
        const { page } = play;
        await page.waitForSelector('text=From afar');
        await page.waitForFunction(() => (document.querySelector<HTMLImageElement>('.text-block-image')?.naturalWidth ?? 0) > 0);
        await page.waitForFunction(() => (document.querySelector('audio')?.readyState ?? 0) > 0);
    }, { csp: policy('STAGE'), before: async (page) => {
        const files: { [name: string]: [string, string | Buffer] } = {
            'blocks.json': ['application/json', JSON.stringify([
                { title: 'From afar', image: { src: `${lab}/ball.svg`, alt: 'a ball' } },
                { mediaBlock: { title: 'A chime', sources: [{ src: `${lab}/chime.mp3`, type: 'audio/mpeg' }] } },
            ])],
            'ball.svg': ['image/svg+xml', readFileSync(join(process.env.PLAYER_TESTS ?? import.meta.dirname, '../../ops/demo/stimuli', 'img/ball.svg'))],
            'chime.mp3': ['audio/mpeg', readFileSync(join(process.env.PLAYER_TESTS ?? import.meta.dirname, '../../ops/demo/stimuli', 'mp3/chime.mp3'))],
        };
        await page.route(`${lab}/**`, async (route) => {
            const [contentType = '', body = ''] = files[new URL(route.request().url()).pathname.slice(1)] ?? [];
            await route.fulfill({ contentType, body, headers: { 'Access-Control-Allow-Origin': '*' } });
        });
    } });
});
