// Does replay notice? Of the exchanges in notices/ three say what is not so (a last digit, a pixel, a column that was stored), the
// last is right: exactly those three must fail.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const DUE = [
  /^notice-001 .*conditions\/n: expected 12345678901234567890124, got 12345678901234567890123$/,
  /^notice-002 .*identicon: 1 of 4096 pixels differ$/,
  /^notice-003 .*updated\/0\/set: has conditions besides$/,
  /^1 passed, 3 failed$/,
];

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const { stdout, stderr, status } = spawnSync(here('replay'), [here('notices')], { encoding: 'utf8' });
const lines = stdout.trimEnd().split('\n');
if (status !== 1 || lines.length !== DUE.length || !DUE.every((due, i) => due.test(lines[i]))) {
  console.error(`not what was to be noticed (status ${status}):\n${stdout}${stderr}`);
  process.exitCode = 1;
}
