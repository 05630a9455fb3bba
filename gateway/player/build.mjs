/* Builds what the browser gets for studies into one folder.
 * usage: node build.mjs OUT_DIR
 *
 *   player.js  player.css   the page that runs a study
 *   sandbox.html            where researchers' functions run; its script lies in it, because it may load nothing
 *   mic_check.js            the microphone check, on the browser's audio thread
 *   outbox.js               for every other page: sends what an earlier visit left behind
 *   content.json            the list of these files, for whoever packs them */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
if (!process.argv[2]) {
    console.error('usage: node build.mjs OUT_DIR');
    process.exit(2);
}
const out = resolve(process.argv[2]);
const FILES = {
    'player.js': { from: 'main.ts', type: 'text/javascript; charset=utf-8' },
    'player.css': { from: 'player.css', type: 'text/css; charset=utf-8' },
    'sandbox.html': { from: 'sandbox_page.ts', type: 'text/html; charset=utf-8' },
    'mic_check.js': { from: 'mic_check.worklet.ts', type: 'text/javascript; charset=utf-8' },
    'outbox.js': { from: 'outbox_page.ts', type: 'text/javascript; charset=utf-8' },
};

/* Families need no documentation of parameters. */
const withoutDocs = {
    name: 'without-docs',
    setup(builder) {
        builder.onLoad({ filter: /schemas.protocol.*\.json$/ }, ({ path }) => ({
            contents: JSON.stringify(JSON.parse(readFileSync(path, 'utf8')), (key, value) => (key === 'doc' && typeof value === 'string' ? undefined : value)),
            loader: 'json',
        }));
    },
};

mkdirSync(out, { recursive: true });
await build({
    entryPoints: Object.entries(FILES).map(([name, { from }]) => ({ in: join(here, 'src', from), out: name.replace(/\.\w+$/, '') })),
    outdir: out, bundle: true, minify: true, format: 'iife', target: ['es2022', 'chrome100', 'firefox100', 'safari15.4'],
    plugins: [withoutDocs], logLevel: 'warning', legalComments: 'none',
});
const script = join(out, 'sandbox.js');
writeFileSync(join(out, 'sandbox.html'), `<!doctype html>\n<meta charset="utf-8">\n<title>Sandbox</title>\n<script>${readFileSync(script, 'utf8')}</script>\n`);
rmSync(script);
const content = Object.entries(FILES).map(([path, { type }]) => {
    const bytes = readFileSync(join(out, path));
    return { path, type, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
});
writeFileSync(join(out, 'content.json'), JSON.stringify(content, null, 2) + '\n');
