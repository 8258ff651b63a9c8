#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { setFlagsFromString } from 'node:v8';

if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(
    `millrace needs Node 24 or newer, this is ${process.version}. In a clone of Millrace, "npm run setup" brings one.\n`,
  );
  process.exit(2);
}
// A young generation in which a request ends before it is moved, and an old one that grows slowly: a run takes on its
// last page what it took on its first. V8 takes the size of the young one at its start only. See docs/decisions/006.
const MEMORY = ['--max-semi-space-size=32', '--min-semi-space-size=16', '--heap-growing-percent=20'];
// Not where Node was given options by hand, or talks with its parent: what they rely on would not survive.
if (
  process.execve &&
  process.platform !== 'win32' &&
  process.execArgv.length === 0 &&
  !process.env.NODE_CHANNEL_FD
) {
  const args = [process.execPath, ...MEMORY, ...process.argv.slice(1)];
  process.execve(process.execPath, args, process.env);
}
setFlagsFromString(MEMORY.at(-1));
// Before anything is imported: what is compiled once is not compiled again by the next command.
enableCompileCache();
const { main } = await import('../dist/bundle/main.js');
await main(process.argv.slice(2));
