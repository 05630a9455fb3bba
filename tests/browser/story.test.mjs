// The whole way through, in a real browser with a camera: a lab puts up a study and is told of its mistakes, a family takes part,
// loses its network, loads the page again and finishes; the lab rules on consent, watches the video and downloads the answers.
// Pictures of every step land in $STORY_SHOTS (build/story).
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { chromium } from 'playwright-core';

import { start } from '../support/service.mjs';

const shots = process.env.STORY_SHOTS ?? join(tmpdir(), 'lookit-story');
const PASSWORD = 'seven tall trees in a quiet row';
const CUT_S = Number(process.env.STORY_CUT_S ?? 20); // seconds without network
// the demonstration, with a function of the lab's in it
const protocol = readFileSync(new URL('../../ops/demo/protocol.json', import.meta.url), 'utf8').replace('"showWebcam": true,',
  `"showWebcam": true, "generateProperties": "function (expData, sequence, child) { return { nextButtonText: 'We are ready, ' + child.get('givenName') }; }",`);
const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

let step = 0;
async function shot(page, name) {
  const isPlayer = (await page.locator('#expContainer').count()) > 0; // its bar stays at the bottom of the window
  await page.screenshot({ path: join(shots, `${String(++step).padStart(2, '0')}-${name}.png`), fullPage: !isPlayer });
}

async function visitor(browser, url, faults) {
  const context = await browser.newContext({ baseURL: url, viewport: { width: 1280, height: 850 }, permissions: ['camera', 'microphone'] });
  const page = await context.newPage();
  page.on('dialog', (dialog) => void dialog.accept());
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => /Content Security Policy|No sentence named/.test(message.text()) && faults.push(message.text()));
  page.on('response', (response) => response.status() >= 500 && faults.push(`${response.status()} ${response.url()}`));
  return { context, page };
}

async function fill(page, fields) {
  for (const [name, value] of Object.entries(fields)) {
    const field = page.locator(`main [name="${name}"]`).first();
    if ((await field.evaluate((e) => e.tagName)) === 'SELECT') await field.selectOption(String(value));
    else await field.fill(String(value));
  }
}

const send = (page) => page.locator('main form button.btn-primary').last().click();

async function tellOfFamily(page, name) {
  await page.goto('/account/demographics/');
  await fill(page, { country: 'DE', number_of_children: 1 });
  await send(page);
  await page.goto('/account/add-child/');
  await fill(page, { given_name: name, birthday_month: 2, birthday_day: 17, birthday_year: new Date().getFullYear() - 2, gender: 'na' });
  await page.check('[name="languages_spoken"][value="de"]');
  await shot(page, `child-${name}`);
  await send(page);
  await page.waitForSelector(`text=${name}`);
}

// ---- the lab

async function write(page, text) {
  await page.locator('.cm-content').click();
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText(text);
}

async function putUpStudy(page, house) {
  await page.goto(/\/setup\/\S+/.exec(house.out)[0]);
  await fill(page, { username: 'kim@uni.example', given_name: 'Kim', family_name: 'Sample', password1: PASSWORD, password2: PASSWORD });
  await shot(page, 'setup');
  await send(page);
  await page.waitForURL('**/exp/studies/');
  await shot(page, 'no-studies-yet');

  await page.goto('/exp/labs/create/');
  await fill(page, { name: 'Toddler Lab', slug: 'toddler-lab', description: 'We look at how children look.', institution: 'Sample University',
    principal_investigator_name: 'Kim Sample', contact_email: 'lab@uni.example', contact_phone: '1', irb_contact_info: 'Ethics board' });
  await send(page);
  await page.waitForURL(/\/exp\/labs\/\d+\//);
  await page.goto(`${page.url()}edit/`);
  await page.check('[name="approved_to_test"]');
  await send(page);
  await shot(page, 'lab');

  await page.goto('/exp/studies/create/');
  await fill(page, { name: 'Where is the ball?', lab: await page.locator('[name="lab"] option', { hasText: 'Toddler Lab' }).getAttribute('value'),
    preview_summary: 'A ball, a box and a duck.', short_description: 'Your child sees a few pictures and hears a chime.',
    purpose: 'To see where children look.', duration: '5 minutes', contact_info: 'Kim Sample, lab@uni.example', criteria: 'For children of two years',
    exit_url: `${house.url}/studies/history/`, max_age_years: 18 });
  await page.check('[name="study_type"][value="1"]');
  await page.check('[name="public"]');
  await shot(page, 'study-form');
  await send(page);
  await page.waitForURL(/\/exp\/studies\/\d+\/design\//);
  const id = Number(/studies\/(\d+)/.exec(page.url())[1]);

  await write(page, protocol.replace('"camera": {', '"camera" {'));
  await page.getByRole('button', { name: 'Save' }).click();
  await page.locator('[data-field="structure"]').getByText('Nothing is saved').waitFor();
  assert.match(await page.locator('[data-field="structure"]').innerText(), /line 3, column \d+/i, 'broken JSON is told with its place');
  await shot(page, 'broken-json');

  await write(page, protocol.replace('exp-lookit-survey', 'exp-lookit-survy'));
  const finding = page.locator('#findings li.finding-error', { hasText: 'exp-lookit-survey' });
  await finding.waitFor();
  const line = protocol.slice(0, protocol.indexOf('exp-lookit-survey')).split('\n').length;
  assert.match(await finding.innerText(), new RegExp(`line ${line}, column \\d+[\\s\\S]*exp-lookit-survey`), 'the nearest kind is named');
  await shot(page, 'unknown-kind');

  await write(page, protocol);
  await page.waitForSelector('[data-no-findings]:not([hidden])');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.goto(`/exp/studies/${id}/`);
  await page.getByRole('button', { name: 'Build now' }).click();
  await page.waitForSelector('text=built');
  await shot(page, 'built');
  return { id, uuid: new RegExp(`/studies/(${UUID})/`).exec(await page.inputValue('#study_link'))[1] };
}

async function preview(page, study) {
  await tellOfFamily(page, 'Robin');
  await page.goto(`/exp/studies/${study.uuid}/preview-detail/`);
  await page.locator('.choice-input').first().check();
  await shot(page, 'preview');
  await page.getByRole('button', { name: 'Preview now' }).click();
  await page.waitForURL(/\/preview\//);
  await page.waitForSelector('#nextbutton');
  await shot(page, 'preview-runs');
}

async function activate(page, study) {
  for (const [trigger, state] of [['submit', /submitted/i], ['approve', /approved/i], ['activate', /active|collecting|started/i]]) {
    await page.goto(`/exp/studies/${study.id}/`);
    await page.locator(`form:has(input[name="trigger"][value="${trigger}"]) button`).click();
    await page.waitForLoadState();
    assert.match(await page.locator('.state-panel').innerText(), state);
  }
  await shot(page, 'active');
}

// ---- the family

async function signUp(page, study) {
  await page.goto(`/studies/${study.uuid}/`);
  await page.getByRole('button', { name: 'Create an account' }).click();
  await fill(page, { username: 'ann@example.org', nickname: 'Ann', password1: PASSWORD, password2: PASSWORD });
  await shot(page, 'sign-up');
  await send(page);
  await page.waitForURL('**/account/demographics/');
  await tellOfFamily(page, 'Mo');
  await page.goto('/studies/');
  await shot(page, 'studies');
  await page.locator(`a[href="/studies/${study.uuid}/"]`).first().click();
  await page.getByRole('radio', { name: /^Mo/ }).check();
  await shot(page, 'study');
  await page.getByRole('button', { name: 'Start now' }).click();
}

async function setUpAndConsent(page) {
  await page.waitForSelector('#nextbutton:not([disabled])');
  await page.click('#nextbutton');
  await page.click('#reloadCheckButton');
  await page.waitForFunction(() => document.querySelectorAll('.step.is-done').length === 3);
  await shot(page, 'camera');
  await page.click('#nextbutton');
  await page.click('#recordbutton');
  await page.waitForSelector('#stopbutton:not([disabled])');
  await page.waitForTimeout(2000); // what the parent says
  await page.click('#stopbutton');
  await page.waitForSelector('#playbutton:not([disabled])');
  await page.click('#playbutton');
  await shot(page, 'consent');
  await page.click('#submitbutton');
}

async function takePart(page, context) {
  await setUpAndConsent(page);
  await page.getByRole('button', { name: 'We are ready, Mo' }).waitFor();
  await shot(page, 'welcome');
  await page.getByRole('button', { name: 'We are ready' }).click();

  await page.getByText('On my lap').click();
  await page.getByLabel('Which toy').fill('A blue ball');
  await shot(page, 'survey');
  await context.setOffline(true);
  const since = Date.now();
  await page.click('#nextbutton');
  await page.getByRole('button', { name: 'Show me the pictures first' }).waitFor();
  await page.waitForSelector('#saved-mark.bad');
  await shot(page, 'no-network');
  await page.waitForTimeout(Math.max(0, CUT_S * 1000 - (Date.now() - since)));
  await context.setOffline(false);

  await page.reload();
  await page.waitForSelector('#resume-continue');
  await shot(page, 'welcome-back');
  await page.click('#resume-continue');
  await page.getByRole('button', { name: 'Show me the pictures first' }).click();
  for (const name of ['A ball', 'A box', 'A duck']) {
    await page.getByText(name, { exact: true }).waitFor();
    await page.locator('button:visible', { hasText: /^(Next|Continue)$/ }).click();
  }
}

async function play(page) {
  await page.locator('#ball:visible').waitFor({ timeout: 60_000 });
  await shot(page, 'trial');
  await page.locator('#ball.is-choice:visible').waitFor({ timeout: 120_000 });
  await page.click('#ball');
  await shot(page, 'choice');
  await page.click('#nextbutton:not([disabled])');
}

async function sayGoodbye(page) {
  await page.locator('#birthdate').waitFor({ timeout: 60_000 });
  await page.fill('#birthdate', `${new Date().getFullYear() - 2}-02-17`);
  await page.check('#useOfMedia-scientific');
  await page.fill('#feedback', 'We liked the duck.');
  await shot(page, 'exit-survey');
  await page.getByRole('button', { name: /submit/i }).click();
  await page.getByText('Thank you, both of you!').waitFor();
  await shot(page, 'debriefing');
  await page.getByRole('button', { name: /exit|finish/i }).click();
  await page.waitForURL(/\/studies\/history\//, { timeout: 60_000 });
  await shot(page, 'history');
}

// ---- what the lab gets

function probe(file) {
  const out = execFileSync('ffprobe', ['-v', 'error', '-show_entries', 'format=duration:stream=codec_type', '-of', 'json', file], { encoding: 'utf8' });
  const { streams, format } = JSON.parse(out);
  return { kinds: streams.map((s) => s.codec_type).sort(), seconds: Number(format.duration) };
}

async function download(page, path, file) {
  const answer = await page.request.get(path);
  assert.equal(answer.status(), 200, path);
  writeFileSync(file, await answer.body());
  return file;
}

async function ruleOnConsent(page, study) {
  await page.goto(`/exp/studies/${study.id}/responses/consent_videos/`);
  await page.locator('video').first().waitFor();
  const video = page.locator('video').first();
  await video.evaluate((v) => v.readyState >= 1 || new Promise((done) => v.addEventListener('loadedmetadata', done)));
  assert.ok(Number.isFinite(await video.evaluate((v) => v.duration)), 'the recording knows how long it is');
  await video.evaluate((v) => { v.muted = true; return v.play(); });
  await page.waitForFunction(() => document.querySelector('video').currentTime > 0.5);
  await shot(page, 'consent-manager');
  await page.locator('button', { hasText: /accept/i }).first().click();
  await page.waitForLoadState();
  await shot(page, 'consent-accepted');
}

const near = (a, b, most) => assert.ok(Math.abs(a - b) <= most, `${a} s, expected about ${b} s`);
const named = (frame, name) => frame.eventTimings.filter((e) => e.eventType.endsWith(`:${name}`));
const seconds = (from, to) => (Date.parse(to.timestamp) - Date.parse(from.timestamp)) / 1000;

async function readAnswers(page, study, folder) {
  await page.goto(`/exp/studies/${study.id}/responses/`);
  await shot(page, 'responses');
  await page.goto(`/exp/studies/${study.id}/responses/all/`);
  await shot(page, 'downloads');
  const json = await download(page, `/exp/studies/${study.id}/responses/all/download_json/?data_options=child__global_id`, join(folder, 'all.json'));
  const [answer, ...more] = JSON.parse(readFileSync(json, 'utf8'));
  assert.equal(more.length, 0, 'one consented session; the preview is not consented');
  const ids = answer.response.sequence;
  assert.deepEqual(ids.map((id) => id.replace(/^\d+-/, '')), ['camera', 'consent', 'welcome', 'about-you', 'look-first', 'record', 'rounds', 'rounds', 'rounds', 'choose', 'stop', 'thanks']);
  assert.deepEqual(ids.map((id) => Number(/^\d+/.exec(id)[0])), ids.map((_, i) => i));
  assert.equal(answer.response.completed, true);
  assert.equal(answer.consent.ruling, 'accepted');
  const data = answer.exp_data;
  assert.deepEqual(Object.keys(data).sort(), [...ids].sort());
  assert.equal(data['3-about-you'].formData.sits, 'lap');
  assert.equal(data['3-about-you'].formData.toys, 'A blue ball');
  assert.equal(data['11-thanks'].frameType, 'EXIT');
  assert.equal(data['11-thanks'].useOfMedia, 'scientific');
  assert.equal(data['11-thanks'].databraryShare, 'NA');
  assert.equal(data['9-choose'].selectedImage, 'ball');
  assert.equal(data['9-choose'].correctImageSelected, true);
  for (const id of ids.slice(6, 9)) {
    const names = data[id].eventTimings.map((e) => e.eventType);
    for (const name of ['startTimer', 'startAudio', 'displayImages', 'finishAudio', 'endTimer', 'trialComplete', 'nextFrame'])
      assert.ok(names.includes(`exp-lookit-images-audio:${name}`), `${id} logs ${name}: ${names}`);
    assert.ok(data[id].eventTimings.every((e) => e.sessionVideoId), 'a trial knows its session recording');
  }
  for (const id of ids) {
    assert.ok(['DEFAULT', 'CONSENT', 'EXIT'].includes(data[id].frameType));
    assert.ok(data[id].eventTimings.every((e) => /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(e.timestamp)));
  }
  const csv = readFileSync(await download(page, `/exp/studies/${study.id}/responses/all/download_summary_csv/`, join(folder, 'all.csv')), 'utf8');
  const [head, row] = csv.split('\r\n');
  assert.ok(head.startsWith('"response__id","response__uuid","response__date_created"'), head.slice(0, 80));
  assert.ok(row.includes(answer.response.uuid));
  assert.ok(row.includes('We liked the duck.'));
  return answer;
}

async function watchVideos(page, study, answer, folder) {
  await page.goto(`/exp/studies/${study.id}/responses/attachments/`);
  await shot(page, 'videos');
  const links = await page.locator('a[href*="/responses/videos/"][href*="download"]').evaluateAll((all) => all.map((a) => [a.textContent, a.getAttribute('href')]));
  assert.equal(links.length, 2, 'consent and session');
  const consent = answer.exp_data['1-consent'], first = answer.exp_data['5-record'], last = answer.exp_data['10-stop'];
  for (const [text, link] of links) {
    const file = await download(page, link, join(folder, 'video.webm'));
    const { kinds, seconds: length } = probe(file);
    assert.deepEqual(kinds, ['audio', 'video'], text);
    if (/consent-videoStream/.test(text)) near(length, seconds(named(consent, 'startRecording').at(-1), named(consent, 'stoppingCapture').at(-1)), 1);
    else near(length, seconds(named(first, 'startedSessionRecording').at(-1), named(last, 'stopSessionRecording').at(-1)), 1);
    assert.match(text, new RegExp(`videoStream_${study.uuid}_(1-consent|5-record-multiframe)_${answer.response.uuid}_\\d+_\\d+\\.webm`));
  }
}

test('a lab puts up a study, a family takes part, the lab has the answers and the video', { timeout: 600_000 }, async () => {
  mkdirSync(shots, { recursive: true });
  const folder = mkdtempSync(join(tmpdir(), 'lookit-story-'));
  const house = await start();
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
      '--autoplay-policy=no-user-gesture-required', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
  });
  const faults = [];
  try {
    const lab = await visitor(browser, house.url, faults);
    const study = await putUpStudy(lab.page, house);
    await preview(lab.page, study);
    await activate(lab.page, study);
    const family = await visitor(browser, house.url, faults);
    await signUp(family.page, study);
    await takePart(family.page, family.context);
    await play(family.page);
    await sayGoodbye(family.page);
    await ruleOnConsent(lab.page, study);
    const answer = await readAnswers(lab.page, study, folder);
    await watchVideos(lab.page, study, answer, folder);
    assert.deepEqual(faults, []);
  } catch (error) {
    for (const context of browser.contexts()) for (const page of context.pages()) await shot(page, 'broken').catch(() => {});
    console.error(house.err.split('\n').slice(-40).join('\n'));
    throw error;
  } finally {
    await browser.close();
    await house.remove();
    rmSync(folder, { recursive: true });
  }
});
