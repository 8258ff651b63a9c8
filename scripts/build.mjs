// Compiles every package (incrementally), then bundles what changed.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const first = !existsSync(join(root, 'packages', 'runner', 'dist'));
if (first) process.stderr.write('\u00b7 Building …\n');
const tsc = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'tsc.cmd' : 'tsc');
const result = spawnSync(tsc, ['-b'], { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
if (result.status === 0) await bundle(root);
process.exitCode = result.status ?? 1;
