#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(
    `millrace needs Node 24 or newer, this is ${process.version}. In a clone of Millrace, "npm run setup" brings one.\n`,
  );
  process.exit(2);
}
keepMemoryFlat();
// Before anything is imported: what is compiled once is not compiled again by the next command.
enableCompileCache();
const { main } = await import('../dist/bundle/main.js');
await main(process.argv.slice(2));

/**
 * A run takes on its last page what it took on its first: an old generation that grows slowly, and a young one that is
 * large enough for a request to end in it, and grows no further. Not where Node was told otherwise. See docs/decisions/006, 020.
 */
function keepMemoryFlat() {
  const LARGE_ENOUGH = 32 * 1_048_576;
  const told = [...process.execArgv, process.env.NODE_OPTIONS ?? ''];
  if (told.some((option) => option.includes('space-size'))) return;
  setFlagsFromString('--heap-growing-percent=20');
  // V8 takes the size of the young generation at its start only, and by how much it grows at any time.
  const observer = new PerformanceObserver(() => {
    const young = getHeapSpaceStatistics().find((space) => space.space_name === 'new_space');
    if (young && young.space_size < LARGE_ENOUGH) return;
    setFlagsFromString('--semi-space-growth-factor=1');
    observer.disconnect();
  });
  observer.observe({ entryTypes: ['gc'] });
}
