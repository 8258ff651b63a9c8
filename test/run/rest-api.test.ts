import { spawn } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from '@millrace/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { command, run } from '../support/command.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/rest-api', import.meta.url));

/** The shop of the example in a process of its own: what it printed is the environment of the project. */
async function startShop(): Promise<Record<'SHOP_URL' | 'SHOP_KEY', string>> {
  const child = spawn(process.execPath, [join(EXAMPLE, 'shop.mjs')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (chunk) => resolve(String(chunk)));
    child.once('exit', (code) => reject(new Error(`the shop ended with ${code}`)));
  });
  return Object.fromEntries(
    line
      .trim()
      .split(' ')
      .map((pair) => pair.split('=')),
  ) as never;
}

describe('the example of a REST API', () => {
  it('validates, and brings news from one end to the other, each once', async () => {
    const project = join(await mkdtemp(join(tmpdir(), 'millrace-example-')), 'project');
    onTestFinished(() => rm(join(project, '..'), { recursive: true, force: true }));
    await cp(EXAMPLE, project, {
      recursive: true,
      filter: (path) => !/node_modules|\.millrace|\.mjs$/.test(path),
    });
    const env = await startShop();
    const shop = async (path: string, init: RequestInit = {}) => {
      const headers = { 'x-api-key': env.SHOP_KEY, 'content-type': 'application/json' };
      return (await (await fetch(`${env.SHOP_URL}/${path}`, { ...init, headers })).json()) as JsonObject[];
    };
    const validated = await command(['validate', '--online', '--json', '--config', project], env);
    expect([validated.code, JSON.parse(validated.stdout).findings]).toEqual([0, []]);

    const first = await run(project, env);
    expect(first.json.result.runs[0]).toMatchObject({ status: 'finished', announced: 12, read: 12 });
    expect(first.json.result.tasks).toEqual({ announce: { finished: 12 } });
    const messages = await shop('messages');
    expect(messages).toHaveLength(12);
    expect(messages).toContainEqual({ id: '1-new', text: 'Ann: order 1 is new' });
    expect(messages).toContainEqual({ id: '4-new', text: 'Somebody: order 4 is new' });

    const patch = { state: 'paid', changed: '2026-02-01T00:00:00.000Z' };
    await shop('orders/1', { method: 'PATCH', body: JSON.stringify(patch) });
    const second = await run(project, env);
    // The newest of before, by the overlap, and the one that changed.
    expect(second.json.result.runs[0]).toMatchObject({ status: 'finished', announced: 2, read: 2 });
    expect(second.json.result.runs[0]?.tasks['announce']).toMatchObject({ created: 1, unchanged: 1 });
    expect(await shop('messages?id=1-paid')).toEqual([{ id: '1-paid', text: 'Ann: order 1 is paid' }]);
    expect(await shop('messages')).toHaveLength(13);
  });
});
