/* Bundles every *.test.ts of this folder with esbuild and runs the bundles with node:test.
 * usage: node tests/player/run.mjs [name …]      names choose files: "protocol" runs protocol.test.ts only */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url)); // Debian 12's node 18 knows no import.meta.dirname
const gateway = resolve(here, '../../gateway');
if (!existsSync(join(gateway, 'node_modules'))) {
    console.error(`${gateway}: the npm packages are missing; please run "npm ci" there first`);
    process.exit(1);
}
const { buildSync } = createRequire(join(gateway, 'package.json'))('esbuild');
const wanted = process.argv.slice(2);
const names = readdirSync(here).filter((n) => n.endsWith('.test.ts') && (!wanted.length || wanted.includes(n.slice(0, -8))));
if (names.length === 0) {
    console.error(`no such test here: ${wanted.join(' ')}`);
    process.exit(1);
}
const out = mkdtempSync(join(tmpdir(), 'lookit-player-'));
try {
    buildSync({
        entryPoints: names.map((name) => join(here, name)), outdir: out, outExtension: { '.js': '.mjs' }, bundle: true,
        platform: 'node', format: 'esm', target: 'node20', sourcemap: 'inline', logLevel: 'warning', absWorkingDir: gateway,
        nodePaths: [join(gateway, 'node_modules')],
    });
    const files = names.map((name) => join(out, name.replace(/\.ts$/, '.mjs')));
    const run = spawnSync(process.execPath, ['--enable-source-maps', '--test', ...files], {
        stdio: 'inherit', env: { ...process.env, PLAYER_TESTS: here },
    });
    process.exitCode = run.status ?? 1;
} finally {
    rmSync(out, { recursive: true });
}
