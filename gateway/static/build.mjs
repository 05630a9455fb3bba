/* Bundles what pages need besides themselves, compresses it, and writes it as C, to travel inside the binary.
 * usage: node build.mjs OUT_DIR OPENAPI_FILE
 *
 *   OUT_DIR/files/HASH/name     each file, under the hash of its content
 *   OUT_DIR/demo/…              what the demonstration study shows, under /demo/ as its protocol says
 *   OUT_DIR/schema.json         what the JSON:API can do, under /api/schema/
 *   OUT_DIR/asset_table.c .S    struct asset assets[] (gateway/asset.h), bytes by .incbin, with gzip and brotli forms where they save 5 %
 *   OUT_DIR/assets.json         {"site_css":"/static/HASH/site.css",…}: what views see as {{asset.site_css}} */
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
if (!process.argv[3]) {
    console.error('usage: node build.mjs OUT_DIR OPENAPI_FILE');
    process.exit(2);
}
const out = resolve(process.argv[2]);
const files = join(out, 'files');
const demo = join(out, 'demo');
const TYPES = {
    css: 'text/css; charset=utf-8', js: 'text/javascript; charset=utf-8', svg: 'image/svg+xml', woff2: 'font/woff2', mp3: 'audio/mpeg', ogg: 'audio/ogg',
    json: 'application/vnd.oai.openapi+json;version=3.1',
};

for (const folder of [files, demo]) rmSync(folder, { recursive: true, force: true });
mkdirSync(files, { recursive: true });
const { metafile } = await build({
    absWorkingDir: here, metafile: true,
    entryPoints: [
        { in: 'src/site.ts', out: 'site' }, { in: 'src/site.css', out: 'site' }, { in: 'src/editor.ts', out: 'editor' }, { in: 'src/icon.svg', out: 'icon' },
        { in: '../player/src/outbox_page.ts', out: 'outbox' }, /* sends what an earlier visit left on this device */
    ],
    outdir: files, bundle: true, minify: true, format: 'iife', target: ['es2022', 'chrome111', 'firefox113', 'safari16.4'],
    entryNames: '[hash]/[name]', assetNames: '[hash]/[name]', loader: { '.woff2': 'file', '.svg': 'copy' },
    logLevel: 'warning', legalComments: 'none',
});

cpSync(join(here, '../../ops/demo/stimuli'), demo, { recursive: true });
cpSync(resolve(process.argv[3]), join(out, 'schema.json'));
const stimuli = readdirSync(demo).flatMap((folder) => readdirSync(join(demo, folder)).map((name) => `demo/${folder}/${name}`));
const found = [
    ...stimuli.map((path) => ({ path, url: `/${path}` })),
    { path: 'schema.json', url: '/api/schema/' },
    ...Object.keys(metafile.outputs).map((path) => relative(files, join(here, path))).map((path) => ({ path: `files/${path}`, url: `/static/${path}` })),
].sort((a, b) => (a.url < b.url ? -1 : 1));
const names = {};
const rows = [];
const assembly = ['.section .rodata'];

function place(symbol, path) {
    assembly.push(`.global ${symbol}`, '.balign 16', `${symbol}:`, `.incbin ${JSON.stringify(join(out, path))}`, '.byte 0');
    return `extern const char ${symbol}[];`;
}

const externs = [];
for (const [k, { path, url }] of found.entries()) {
    const bytes = readFileSync(join(out, path));
    const name = path.split('/').pop();
    const forms = {
        gz: gzipSync(bytes, { level: 9 }),
        br: brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }),
    };
    externs.push(place(`asset_${k}`, path));
    const cells = Object.entries(forms).map(([form, packed]) => {
        if (packed.length > bytes.length * 0.95) return '{NULL, 0}';
        writeFileSync(join(out, `${path}.${form}`), packed);
        externs.push(place(`asset_${k}_${form}`, `${path}.${form}`));
        return `{asset_${k}_${form}, ${packed.length}}`;
    });
    if (url.startsWith('/static/')) names[name.replace(/[^a-zA-Z0-9]/g, '_')] = url;
    rows.push(`    {"${url}", "${TYPES[name.split('.').pop()]}", {asset_${k}, ${bytes.length}}, ${cells.join(', ')},\n` +
        `     "${createHash('sha256').update(bytes).digest('hex')}"},`);
}
assembly.push('.section .note.GNU-stack, "", @progbits', '');
const json = JSON.stringify(names);
writeFileSync(join(out, 'assets.json'), json + '\n');
writeFileSync(join(out, 'asset_table.S'), assembly.join('\n'));
writeFileSync(join(out, 'asset_table.c'), `/* Made by gateway/static/build.mjs. */
#include "asset.h"

${externs.join('\n')}

const struct asset assets[] = {
${rows.join('\n')}
    {NULL, NULL, {NULL, 0}, {NULL, 0}, {NULL, 0}, NULL}};

const char asset_names[] = ${JSON.stringify(json)};
`);
