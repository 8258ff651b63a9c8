import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '@millrace/core';
import { unusedUrl } from '@millrace/core/testing';

const JSON_SERVER = createRequire(import.meta.url).resolve('json-server/lib/cli/bin.js');
const PATIENCE_MS = 20_000;

/** A json-server (https://www.npmjs.com/package/json-server) in a process of its own. */
export async function startJsonServer(
  content: Readonly<Record<string, readonly JsonObject[]>>,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-json-server-'));
  const file = join(folder, 'db.json');
  await writeFile(file, JSON.stringify(content));
  const url = await unusedUrl();
  const args = ['--host', '127.0.0.1', '--port', new URL(url).port, '--quiet', file];
  const child = spawn(process.execPath, [JSON_SERVER, ...args], { stdio: 'ignore' });
  const stop = async () => {
    child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  };
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const answer = await fetch(`${url}/db`).catch(() => undefined);
    if (answer?.ok) return { url, stop };
    if (child.exitCode !== null || performance.now() > until) {
      await stop();
      throw new Error('json-server did not start');
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
