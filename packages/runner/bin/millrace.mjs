#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';

if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(
    `millrace needs Node 24 or newer, this is ${process.version}. In a clone of Millrace, "npm run setup" brings one.\n`,
  );
  process.exit(2);
}
// Memory before speed: without it the heap grows with every record before it is collected. See docs/decisions/005.
setFlagsFromString('--optimize-for-size');
await import('../dist/cli/main.js');
