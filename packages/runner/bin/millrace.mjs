#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';

if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(
    `millrace needs Node 24 or newer, this is ${process.version}. In a clone of Millrace, "npm run setup" brings one.\n`,
  );
  process.exit(2);
}
// A small young generation: the engine makes much garbage, and its memory should not grow before it is collected.
setFlagsFromString('--max-semi-space-size=4');
await import('../dist/cli/main.js');
