import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Memory instead of a disk for what tests write, where there is room: nothing that they prove depends on how long a disk takes. */
function folderOfTests(): string {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    if (bavail * bsize > 2_000_000_000) return '/dev/shm';
  } catch {
    // There is none here.
  }
  return tmpdir();
}

export default defineConfig({
  // Packages are taken from their sources, so that no test ever reads a stale build.
  resolve: { conditions: ['@millrace/source'] },
  ssr: { resolve: { conditions: ['@millrace/source'], externalConditions: ['@millrace/source'] } },
  test: {
    include: [
      'packages/*/{src,test}/**/*.test.ts',
      'packages/runner/templates/**/*.test.ts',
      '{configs,examples}/**/*.test.ts',
      'test/**/*.test.ts',
    ],
    globalSetup: ['./test/global-setup.ts'],
    env: { TMPDIR: folderOfTests(), FORCE_COLOR: '' },
    // Nets for what hangs. Machines are slow at times: no test is right because it was fast enough.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    // Of the tests of one file that start processes of their own.
    maxConcurrency: 3,
  },
});
