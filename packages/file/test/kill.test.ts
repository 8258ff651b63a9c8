import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from '@millrace/core';
import { testRun } from '@millrace/core/testing';
import { parse } from 'csv-parse/sync';
import { describe, expect, it, onTestFinished } from 'vitest';
import { folder, makePublisher, message, text } from './support.ts';

const SCRIPT = fileURLToPath(new URL('./writer.ts', import.meta.url));

/** Starts a process that writes; `delivered` are the numbers that it knows to be in the file. */
function startWriter(directory: string, path: string, prefix: string, count: number, group: number) {
  const args = [SCRIPT, directory, path, prefix, String(count), String(group)];
  const child = spawn(process.execPath, ['--conditions=@millrace/source', '--no-warnings', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const delivered: number[] = [];
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (data: string) => {
    const lines = (rest + data).split('\n');
    rest = lines.pop() ?? '';
    delivered.push(...lines.filter(Boolean).map(Number));
  });
  const until = (least: number) =>
    new Promise<void>((resolve) => {
      const look = () => void (delivered.length >= least && resolve());
      child.stdout.on('data', look);
      child.once('close', () => resolve());
      look();
    });
  return { child, delivered, until };
}

const closed = (child: ChildProcess) => new Promise((resolve) => child.once('close', resolve));

function records(directory: string, path: string): JsonObject[] {
  const content = text(directory, path);
  // Strict: a torn or interleaved line has another number of cells, or an open quote.
  if (path.endsWith('.csv')) return parse(content, { columns: true }) as JsonObject[];
  return content
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as JsonObject);
}

describe('a writer that is killed', () => {
  it.each([
    ['a.csv', 1],
    ['a.csv', 200],
    ['a.ndjson', 50],
  ])('leaves whole lines in %s, and the truth about each record (%i at a time)', async (path, group) => {
    const directory = await folder();
    const count = 6000;
    const run = testRun();
    for (const [round, least] of [1, 150, 900, 2500].entries()) {
      const prefix = `r${round}-`;
      const { child, delivered, until } = startWriter(directory, path, prefix, count, group);
      await until(least);
      child.kill('SIGKILL');
      await closed(child);

      const made = makePublisher(directory, { path });
      const answers = await Promise.all(
        Array.from({ length: count }, (_, n) => made.verify?.(message(`${prefix}${n}`, {}), run)),
      );
      const held = answers.flatMap((answer, n) => (answer === 'delivered' ? [`${prefix}${n}`] : []));
      const found = records(directory, path)
        .map(({ task }) => String(task))
        .filter((task) => task.startsWith(prefix));
      expect(answers.filter((answer) => answer === 'unknown')).toEqual([]);
      expect(new Set(found).size).toBe(found.length);
      expect(found.toSorted()).toEqual(held.toSorted());
      const known = new Set(held);
      expect(delivered.filter((n) => !known.has(`${prefix}${n}`))).toEqual([]);

      // What is absent is sent again, what is in doubt too: all of it stands there once.
      const again = Array.from({ length: 50 }, (_, n) =>
        message(`${prefix}${n}`, { task: `${prefix}${n}`, text: 'again' }),
      );
      await made.publish(again, run);
      const tasks = records(directory, path).map(({ task }) => task);
      expect(again.every(({ taskId }) => tasks.filter((task) => task === taskId).length === 1)).toBe(true);
    }
  });

  it('gives the file back at once, also while it keeps it', async () => {
    const directory = await folder();
    const { child, until } = startWriter(directory, 'a.ndjson', 'x', 1_000_000, 100);
    await until(1000);
    child.kill('SIGSTOP');
    const made = makePublisher(directory, { path: 'a.ndjson' });
    const run = testRun();
    const waiting = made.publish([message('mine', { mine: true })], run);
    child.kill('SIGKILL');
    await closed(child);
    expect(await waiting).toMatchObject([{ status: 'delivered' }]);
    expect(records(directory, 'a.ndjson').at(-1)).toEqual({ mine: true });
  });
});

describe('several processes that write one file', () => {
  it('share it: every record stands there once, whole', async () => {
    const directory = await folder();
    const writers = ['a', 'b', 'c'].map((prefix) => startWriter(directory, 'a.csv', prefix, 1500, 20));
    await Promise.all(writers.map(({ child }) => closed(child)));
    expect(writers.map(({ delivered }) => delivered.length)).toEqual([1500, 1500, 1500]);
    const tasks = records(directory, 'a.csv').map(({ task }) => task);
    expect(tasks).toHaveLength(4500);
    expect(new Set(tasks).size).toBe(4500);
  });

  it('let a record go that waits for one of them, when its run is given up', async () => {
    const directory = await folder();
    const { child, until } = startWriter(directory, 'a.ndjson', 'x', 1_000_000, 100);
    await until(100);
    child.kill('SIGSTOP');
    const run = testRun();
    const waiting = makePublisher(directory, { path: 'a.ndjson' }).publish(
      [message('mine', { mine: true })],
      run,
    );
    run.abort();
    expect(await waiting).toMatchObject([{ status: 'retry', error: { code: 'run.cancelled' } }]);
  });
});
