import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type JsonObject,
  MillraceError,
  type PublisherDefinition,
  type SubscriberDefinition,
} from '@millrace/core';
import { publisherSuite, subscriberSuite, testDependencies, testRun } from '@millrace/core/testing';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AppendFile } from '../src/append-file.ts';
import plugin from '../src/index.ts';

const { subscriber, publisher } = plugin.components as unknown as {
  subscriber: SubscriberDefinition<never>;
  publisher: PublisherDefinition<never>;
};

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'millrace-file-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

const rows = Array.from({ length: 7 }, (_, n) => ({ id: String(n), text: `a "b", c\n${n}` }));
const csv = `id,text\n${rows.map((row) => `${row.id},"${row.text.replaceAll('"', '""')}"`).join('\n')}\n`;

describe('the file plugin', () => {
  subscriberSuite({
    component: subscriber,
    async arrange() {
      const path = join(await folder(), 'in.ndjson');
      await writeFile(path, `\uFEFF${rows.map((row) => JSON.stringify(row)).join('\r\n')}\n\n`);
      return { options: { path, batchSize: 3 }, expected: rows };
    },
  });

  describe('with CSV', () => {
    subscriberSuite({
      component: subscriber,
      async arrange() {
        const path = join(await folder(), 'in.csv');
        await writeFile(path, csv);
        return { options: { path, batchSize: 2 }, expected: rows };
      },
    });
  });

  publisherSuite({
    component: publisher,
    async arrange() {
      const path = join(await folder(), 'out.csv');
      const received: JsonObject[] = [];
      return {
        options: { path },
        data: rows,
        expected: rows,
        received: () => {
          received.push(...(parse(readSync(path), { columns: true }) as JsonObject[]));
          return received;
        },
      };
    },
  });

  it.each(['out.ndjson', 'out.csv'])('reads back from %s what it wrote, whatever the text', async (name) => {
    const text = fc.string({
      unit: fc.constantFrom('a', '"', ',', '\n', '\r\n', ';', ' ', 'é', '\\', "'"),
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ a: text, b: text }), { minLength: 1, maxLength: 8 }),
        async (records) => {
          const path = join(await folder(), name);
          const format = name.endsWith('csv') ? ('csv' as const) : ('ndjson' as const);
          const file = new AppendFile(path, { format, delimiter: ',', sync: false });
          await Promise.all(records.map((record, index) => file.append(`t${index}`, record)));
          const made = subscriber.create(
            { path, delimiter: ',', batchSize: 100 } as never,
            testDependencies('incoming') as never,
          );
          const read: JsonObject[] = [];
          for await (const batch of made.read({}, testRun())) read.push(...batch.entities);
          // An empty line of a CSV file of one empty column is passed over by every reader; here there are two columns.
          expect(read).toEqual(records);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('appends to what is there, with its columns, and rejects a record that has others', async () => {
    const path = join(await folder(), 'out.csv');
    await writeFile(path, 'b,a\n1,2\n');
    const file = new AppendFile(path, { format: 'csv', delimiter: ',', sync: true });
    const outcomes = await Promise.allSettled([
      file.append('1', { a: 'x', b: { deep: true } }),
      file.append('2', { a: 1, c: 2 }),
      file.append('3', { a: null }),
    ]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await readFile(path, 'utf8')).toBe('b,a\n1,2\n"{""deep"":true}",x\n,\n');
    expect([await file.holds('1'), await file.holds('2'), await file.holds('9')]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('cuts off a torn end, and says that what it held is absent', async () => {
    const path = join(await folder(), 'out.ndjson');
    const shape = { format: 'ndjson' as const, delimiter: ',', sync: false };
    const file = new AppendFile(path, shape);
    await file.append('whole', { n: 1 });
    await file.append('torn', { n: 2 });
    const { size } = await stat(path);
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.slice(0, size - 3));
    const again = new AppendFile(path, shape);
    expect([await again.holds('torn'), await readFile(path, 'utf8')]).toEqual([false, '{"n":1}\n']);
    await again.append('torn', { n: 2 });
    expect(await readFile(path, 'utf8')).toBe(text);
  });

  it('takes several writers on one file, line by line', async () => {
    const path = join(await folder(), 'out.ndjson');
    const writers = Array.from(
      { length: 3 },
      () => new AppendFile(path, { format: 'ndjson', delimiter: ',', sync: false }),
    );
    await Promise.all(
      writers.flatMap((writer, w) =>
        Array.from({ length: 40 }, (_, n) => writer.append(`${w}-${n}`, { w, n })),
      ),
    );
    const lines = (await readFile(path, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toHaveLength(120);
    expect(await writers[0]?.holds('2-39')).toBe(true);
  });

  it('tells the truth after SIGKILL: no torn line, none doubled, none lost that it says is there', {
    timeout: 60_000,
  }, async () => {
    const path = join(await folder(), 'out.csv');
    const script = fileURLToPath(new URL('./write-forever.ts', import.meta.url));
    for (let round = 0; round < 4; round++) {
      const child = spawn(process.execPath, ['--conditions=@millrace/source', script, path, String(round)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await new Promise<void>((resolve) =>
        child.stdout.on(
          'data',
          (data: Buffer) => Number(String(data).trim().split('\n').at(-1)) > 200 + round * 37 && resolve(),
        ),
      );
      child.kill('SIGKILL');
      await new Promise((resolve) => child.once('close', resolve));
      const file = new AppendFile(path, { format: 'csv', delimiter: ',', sync: false });
      const last = await file.holds(`${round}-0`);
      expect(last).toBeTypeOf('boolean');
      const found = (
        parse(await readFile(path, 'utf8'), { columns: true }) as { task: string; text: string }[]
      ).filter(({ task }) => task.startsWith(`${round}-`));
      expect(found.length).toBeGreaterThan(200);
      expect(new Set(found.map(({ task }) => task)).size).toBe(found.length);
      expect(found.every(({ task, text }) => text === `line of ${task}\n"quoted"`)).toBe(true);
      const next = `${round}-${found.length}`;
      expect([await file.holds(`${round}-${found.length - 1}`), await file.holds(next)]).toEqual([
        true,
        false,
      ]);
    }
  });

  it('names the line that cannot be read, and gives what stands before it', async () => {
    const path = join(await folder(), 'in.ndjson');
    await writeFile(path, '{"a":1}\n{"a":2}\n{"a":\n{"a":4}\n');
    const made = subscriber.create(
      { path, delimiter: ',', batchSize: 100 } as never,
      testDependencies('incoming') as never,
    );
    const read: JsonObject[] = [];
    const reading = (async () => {
      for await (const batch of made.read({}, testRun())) read.push(...batch.entities);
    })();
    await expect(reading).rejects.toThrow(
      expect.objectContaining({ code: 'client.unreadable', message: expect.stringContaining('Line 3') }),
    );
    expect(read).toEqual([{ a: 1 }, { a: 2 }]);
  });

  it('says that the file is not there, or became shorter while a run was interrupted', async () => {
    const path = join(await folder(), 'in.csv');
    const made = subscriber.create(
      { path, delimiter: ',', batchSize: 2 } as never,
      testDependencies('incoming') as never,
    );
    await expect(made.read({}, testRun()).next()).rejects.toBeInstanceOf(MillraceError);
    await writeFile(path, csv);
    const first = await made.read({}, testRun()).next();
    if (first.done) throw new Error('nothing read');
    await writeFile(path, 'id\n1\n');
    await expect(made.read({ position: first.value.position ?? null }, testRun()).next()).rejects.toThrow(
      /shorter/,
    );
    await appendFile(path, 'x'.repeat(1000));
  });

  it('makes a file for each run, or for each day', async () => {
    const path = join(await folder(), 'out.tickets.ndjson');
    for (const rotate of ['run', 'day']) {
      const made = publisher.create(
        { path, record: '&{@}', delimiter: ',', rotate, sync: false } as never,
        testDependencies('outgoing') as never,
      );
      const run = testRun();
      await made.publish(
        [{ data: { a: 1 }, entity: { type: 't', id: '1' }, taskId: 'x', attempt: 1, runId: run.id }],
        run,
      );
      const mark = rotate === 'run' ? run.id : '2026-01-02';
      expect(await readFile(path.replace('.ndjson', `-${mark}.ndjson`), 'utf8')).toBe('{"a":1}\n');
    }
  });
});

/** Nothing where nothing was written. */
function readSync(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
