import { defineConfig } from 'vitest/config';

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
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
});
