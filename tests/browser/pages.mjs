/* Looks at every page over its example document, as families and labs would: phone and laptop, light and dark.
 * usage: node pages.mjs BUILD_DIR [NAME-PART]        pictures land in BUILD_DIR/pages/shots
 *
 * Fails when a page scrolls sideways, breaks the Content-Security-Policy, logs an error, has text with too little contrast, a
 * control too small for a thumb, an id twice, or a label for nothing. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { basename, join, resolve } from 'node:path';
import { chromium } from 'playwright-core';

const build = resolve(process.argv[2] ?? 'build');
const part = process.argv[3] ?? '';
const pages = join(build, 'pages');
const shots = join(pages, 'shots');
const TYPES = { css: 'text/css', js: 'text/javascript', svg: 'image/svg+xml', woff2: 'font/woff2' };
const POLICY = "default-src 'self'; style-src 'self'; script-src 'self'; object-src 'none'; base-uri 'none'";
const VIEWPORTS = {
    phone: { viewport: { width: 375, height: 780 }, deviceScaleFactor: 2, hasTouch: true, colorScheme: 'light' },
    laptop: { viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
    night: { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
};

if (!part) rmSync(pages, { recursive: true, force: true });
mkdirSync(shots, { recursive: true });
execFileSync(join(build, 'tests/test_view_pages'), {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, LOOKIT_PAGES: pages, LOOKIT_ASSETS: readFileSync(join(build, 'generated/assets/assets.json'), 'utf8').trim() },
});

const server = createServer((request, response) => {
    const path = new URL(request.url, 'http://x').pathname;
    try {
        if (path.startsWith('/static/')) {
            const bytes = readFileSync(join(build, 'generated/assets/files', path.slice('/static/'.length)));
            response.writeHead(200, { 'Content-Type': TYPES[path.split('.').pop()] });
            response.end(bytes);
        } else {
            const bytes = readFileSync(join(pages, basename(path)));
            response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': POLICY });
            response.end(bytes);
        }
    } catch {
        response.writeHead(404, { 'Content-Type': 'text/plain' }).end();
    }
});
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const origin = `http://127.0.0.1:${server.address().port}`;

/* Runs in the page: what a person would stumble over. */
function stumbles() {
    const found = [];
    const name = (e) => `${e.tagName.toLowerCase()}${e.id ? '#' + e.id : ''}.${[...e.classList].join('.')} "${e.textContent.trim().slice(0, 30)}"`;
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const rgba = (colour) => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
        return [r, g, b, a / 255];
    };
    const over = (top, under) => [0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
    const light = ([r, g, b]) => {
        const [x, y, z] = [r, g, b].map((v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
        return 0.2126 * x + 0.7152 * y + 0.0722 * z;
    };
    const ground = (e) => {
        const layers = [];
        for (let at = e; at; at = at.parentElement) layers.unshift(rgba(getComputedStyle(at).backgroundColor));
        return layers.reduce((under, top) => over(top, under), [255, 255, 255, 1]);
    };
    if (document.documentElement.scrollWidth > innerWidth) {
        const wide = [...document.querySelectorAll('main *')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1);
        found.push(`scrolls sideways: ${wide.slice(0, 3).map(name).join(' | ')}`);
    }
    for (const e of document.querySelectorAll('body *')) {
        const style = getComputedStyle(e);
        const text = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
        if (!text || !e.checkVisibility({ opacityProperty: true, visibilityProperty: true }) || e.closest('.visually-hidden, .skip-link, [disabled], .disabled, option')) continue;
        const below = ground(e);
        const [a, b] = [light(over(rgba(style.color), below)), light(below)].sort((x, y) => y - x);
        const size = parseFloat(style.fontSize);
        const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
        if ((a + 0.05) / (b + 0.05) < least) found.push(`contrast ${((a + 0.05) / (b + 0.05)).toFixed(2)}: ${name(e)}`);
    }
    for (const e of document.querySelectorAll('button, .btn, input:not([type=hidden]), select, textarea')) {
        const box = e.getBoundingClientRect();
        if (box.width && !e.classList.contains('menu-toggle') && (box.height < 20 || box.width < 20)) found.push(`too small: ${name(e)}`);
    }
    const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
    for (const id of new Set(ids.filter((one, i) => ids.indexOf(one) !== i))) found.push(`two elements have the id ${id}`);
    for (const e of document.querySelectorAll('[aria-describedby], [aria-labelledby], label[for]')) {
        for (const id of `${e.getAttribute('aria-describedby') ?? ''} ${e.getAttribute('aria-labelledby') ?? ''} ${e.htmlFor ?? ''}`.trim().split(/\s+/)) {
            if (id && !document.getElementById(id)) found.push(`nothing has the id ${id}: ${name(e)}`);
        }
    }
    const heads = [...document.querySelectorAll('h1')];
    if (heads.length !== 1) found.push(`${heads.length} first headings`);
    return found;
}

/* What the scripts add, as claims about one page each. */
const COMFORTS = {
    'the field for own words is there only when it is wanted': async (page) => {
        await page.goto(`${origin}/families-child_form.html`);
        const before = await page.isVisible('#id_gender_self_describe');
        await page.selectOption('#id_gender', 'o');
        return !before && (await page.isVisible('#id_gender_self_describe'));
    },
    'a birthday shows the age': async (page) => {
        await page.goto(`${origin}/families-child_form.html`);
        await page.selectOption('#id_birthday_year', '2020');
        await page.selectOption('#id_birthday_month', '1');
        await page.selectOption('#id_birthday_day', '2');
        return /^\d+ years old$/.test(await page.textContent('[data-age]'));
    },
    'nothing is removed without asking': async (page) => {
        await page.goto(`${origin}/families-child_form+edit.html`);
        await page.click('button[name=deleteChild]');
        await page.click('dialog button[value=no]');
        return page.url().includes('child_form') && !(await page.isVisible('dialog'));
    },
    'the note for a child that does not fit is read before the start': async (page) => {
        await page.goto(`${origin}/families-study.html`);
        const before = await page.isVisible('.choice-note');
        await page.check('.choice-input >> nth=1', { force: true });
        return !before && (await page.isVisible('.choice-note'));
    },
    'what is typed in the editor is what will be saved': async (page) => {
        await page.goto(`${origin}/labs-protocol.html`);
        await page.click('.cm-content');
        await page.keyboard.press('Control+End');
        await page.keyboard.type(' ');
        return (await page.inputValue('#id_structure')).endsWith('} ') && !(await page.isVisible('#id_structure'));
    },
    'the menu of a phone opens without scripts': async (page) => {
        await page.route('**/*.js', (route) => route.abort());
        await page.setViewportSize({ width: 375, height: 700 });
        await page.goto(`${origin}/families-home.html`);
        const before = await page.isVisible('.site-nav');
        await page.click('.menu-button');
        return !before && (await page.isVisible('.site-nav'));
    },
};

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
const problems = new Set();
for (const [device, options] of Object.entries(VIEWPORTS)) {
    const context = await browser.newContext(options);
    /* the page that runs a study is empty until its player is there; the stories look at it */
    for (const file of readdirSync(pages).filter((f) => f.endsWith('.html') && f !== 'families-play.html' && f.includes(part))) {
        const page = await context.newPage();
        const say = (what) => problems.add(`${file} (${device}): ${what.slice(0, 240)}`);
        page.on('console', (message) => message.type() === 'error' && !message.text().includes('404') && say(message.text()));
        page.on('pageerror', (error) => say(error.message));
        await page.goto(`${origin}/${file}`, { waitUntil: 'load' });
        await page.evaluate(() => document.fonts.ready);
        for (const what of await page.evaluate(stumbles)) say(what);
        await page.screenshot({ path: join(shots, `${file.replace('.html', '')}.${device}.png`), fullPage: true });
        await page.close();
    }
    await context.close();
}
for (const [claim, holds] of Object.entries(part ? {} : COMFORTS)) {
    const page = await browser.newPage();
    if (!(await holds(page).catch((error) => console.error(error.message)))) problems.add(`not so: ${claim}`);
    await page.close();
}
await browser.close();
server.close();
if (problems.size) {
    console.error([...problems].join('\n'));
    process.exitCode = 1;
} else {
    console.log(`pages are fine; pictures in ${shots}`);
}
