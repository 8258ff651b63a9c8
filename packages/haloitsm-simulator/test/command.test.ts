import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startSimulator } from '../src/index.ts';
import { ask, callerOf, simulate } from './support.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

function start(...args: readonly string[]) {
  const child: ChildProcess = spawn(process.execPath, ['--conditions=@millrace/source', MAIN, ...args]);
  onTestFinished(() => void child.kill('SIGKILL'));
  const out = { stdout: '', stderr: '' };
  const ready = new Promise<string>((resolve) => {
    child.stdout?.on('data', (chunk) => {
      out.stdout += chunk;
      if (out.stdout.includes('\n')) resolve(out.stdout);
    });
  });
  child.stderr?.on('data', (chunk) => {
    out.stderr += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, out, ready, ended };
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'simulator-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

describe('the command', () => {
  it('prints one line of JSON when it is ready, and stops cleanly on SIGTERM', async () => {
    const { child, out, ready, ended } = start('--tickets', '5', '--port', '0', '--tenant', 'contoso');
    const line = JSON.parse(await ready);
    expect(line).toEqual({
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      tenant: 'contoso',
      clientId: expect.any(String),
      clientSecret: expect.any(String),
      username: expect.any(String),
      password: expect.any(String),
    });
    expect((await ask(`${line.url}/__simulator/records/Tickets`)).body).toHaveLength(5);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(out.stdout.trim().split('\n')).toHaveLength(1);
    expect(out.stderr).toBe('');
  });

  it.each([
    [['--port', 'x'], 'a whole number is wanted'],
    [['--rate-limit', '500'], '"500" is no rate limit'],
    [['--faults', 'fire=1'], '"fire" is no fault'],
    [['--page-cap', '0'], 'the page cap must be a whole number from 1'],
    [['--port', '99999'], 'port'],
    [['--no-such-option'], 'unknown option'],
  ])('ends with 2 and a sentence on %j', async (args, message) => {
    const { out, ended } = start(...args);
    expect(await ended).toBe(2);
    expect(out.stderr).toContain(message);
    expect(out.stdout).toBe('');
  });

  it('ends with 2 where the port is taken', async () => {
    const { simulator } = await simulate();
    const { out, ended } = start('--port', new URL(simulator.url).port, '--tickets', '1');
    expect(await ended).toBe(2);
    expect(out.stderr).toContain('EADDRINUSE');
  });
});

describe('a state file', () => {
  it('keeps the records over a restart, ids counting on', async () => {
    const state = join(await folder(), 'deep', 'state.json');
    const first = await simulate({ state });
    await first.post('Tickets', [{ summary: 'Kept' }]);
    await first.post('Actions', [{ ticket_id: 121, outcome: 'Note', note: 'Kept too' }]);
    await first.delete('Tickets/3');
    await first.simulator.stop();
    const simulator = await startSimulator({ state, tickets: 7, seed: 9 });
    onTestFinished(() => simulator.stop());
    const { get, post } = callerOf(simulator, ['all']);
    expect((await get('Tickets/121')).body.summary).toBe('Kept');
    expect((await get('Actions?ticket_id=121')).body.actions).toMatchObject([{ id: 1, note: 'Kept too' }]);
    expect((await get('Actions?ticket_id=5')).body.record_count).toBeGreaterThan(1);
    expect((await get('Tickets/3')).status).toBe(404);
    expect((await post('Tickets', [{ summary: 'Next' }])).body.id).toBe(122);
    expect(await readdir(join(state, '..'))).toEqual(['state.json']);
  });

  it('is the same to the byte for the same records', async () => {
    const path = await folder();
    for (const name of ['a', 'b'])
      await (await startSimulator({ state: join(path, name), tickets: 30 })).stop();
    const [a, b] = await Promise.all(['a', 'b'].map((name) => readFile(join(path, name), 'utf8')));
    expect(a).toBe(b);
  });

  it('that is none is refused', async () => {
    const state = join(await folder(), 'state.json');
    await writeFile(state, '{"something": "else"}');
    await expect(startSimulator({ state })).rejects.toThrow('holds no state of this simulator');
  });
});
