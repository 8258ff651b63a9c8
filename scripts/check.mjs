// Everything that must hold before a change lands, but for the tests: lint, format, types, generated files.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = (name) => join(root, 'node_modules', '.bin', name);
const steps = [
  ['lint and format', bin('biome'), ['ci', '--colors=off', '--reporter=summary', '.']],
  ['types', bin('tsc'), ['-p', 'tsconfig.check.json']],
  ['generated files', process.execPath, ['--conditions=@millrace/source', 'scripts/generate.ts', '--check']],
];
let failed = 0;
for (const [name, command, args] of steps) {
  const started = Date.now();
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) failed++;
  process.stdout.write(
    `${status === 0 ? '\u2713' : '\u2717'} ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)\n`,
  );
}
process.exitCode = failed > 0 ? 1 : 0;
