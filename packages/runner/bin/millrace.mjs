#!/usr/bin/env node
if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(
    `millrace needs Node 24 or newer, this is ${process.version}. In a clone of Millrace, "npm run setup" brings one.\n`,
  );
  process.exit(2);
}
await import('../dist/cli/main.js');
