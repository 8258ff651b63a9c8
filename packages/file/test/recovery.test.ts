import { readFileSync } from 'node:fs';
import { appendFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { testRun } from '@millrace/core/testing';
import { describe, expect, it } from 'vitest';
import { Journal } from '../src/journal.ts';
import { identityOf } from '../src/target-file.ts';
import { folder, makePublisher, message } from './support.ts';

const BEFORE = '{"n":1}\n';
const ADDED = '{"n":2}\n{"n":3}\n';

/** What a process leaves behind that was killed when so much of its append had come to the file. */
async function killedAfter(written: string, more = '') {
  const directory = await folder();
  const path = join(directory, 'a.ndjson');
  await writeFile(path, BEFORE);
  const journal = Journal.open(join(directory, '.a.ndjson.journal.db'), 'killed', true);
  if (!journal) throw new Error('the journal is taken');
  const bytes = Buffer.from(ADDED);
  const place = { offset: BEFORE.length, length: bytes.length, checksum: crc32(bytes) };
  journal.begin({ file: 'a.ndjson', identity: identityOf(await stat(path)), ...place }, ['2', '3']);
  journal.close();
  await appendFile(path, written + more);
  return { directory, path };
}

async function answers(directory: string, run = testRun()) {
  const made = makePublisher(directory, { path: 'a.ndjson' }, run);
  return Promise.all(['2', '3', '4'].map((task) => made.verify?.(message(task, {}), run)));
}

describe('after a kill, the file', () => {
  it.each([0, 1, 7, 8, 9, ADDED.length - 1])(
    'loses the %i bytes of an append that was torn',
    async (length) => {
      const { directory, path } = await killedAfter(ADDED.slice(0, length));
      const run = testRun();
      expect(await answers(directory, run)).toEqual(['absent', 'absent', 'absent']);
      expect(readFileSync(path, 'utf8')).toBe(BEFORE);
      expect(run.lines.join().includes('cut off')).toBe(length > 0);
      await makePublisher(directory, { path: 'a.ndjson' }).publish([message('3', { n: 3 })], run);
      expect(readFileSync(path, 'utf8')).toBe(`${BEFORE}{"n":3}\n`);
      expect(await answers(directory)).toEqual(['absent', 'delivered', 'absent']);
    },
  );

  it('keeps an append that came whole, and what others wrote behind it', async () => {
    for (const more of ['', '{"foreign":true}\n']) {
      const { directory, path } = await killedAfter(ADDED, more);
      expect(await answers(directory)).toEqual(['delivered', 'delivered', 'absent']);
      const made = makePublisher(directory, { path: 'a.ndjson' });
      await made.publish([message('2', { n: 2 }), message('4', { n: 4 })], testRun());
      expect(readFileSync(path, 'utf8')).toBe(`${BEFORE}${ADDED}${more}{"n":4}\n`);
    }
  });

  it('is not cut where somebody else changed it, and nobody claims to know', async () => {
    const foreign = await killedAfter('', '{"foreign":"longer than what was to be appended"}\n');
    expect(await answers(foreign.directory)).toEqual(['unknown', 'unknown', 'absent']);
    expect(readFileSync(foreign.path, 'utf8')).toContain('foreign');

    const emptied = await killedAfter('');
    await writeFile(emptied.path, '');
    expect(await answers(emptied.directory)).toEqual(['unknown', 'unknown', 'absent']);

    const replaced = await killedAfter('');
    const content = `${BEFORE}{"new":1}`;
    await writeFile(`${replaced.path}.new`, content);
    await rename(`${replaced.path}.new`, replaced.path);
    expect(await answers(replaced.directory)).toEqual(['unknown', 'unknown', 'absent']);
    expect(readFileSync(replaced.path, 'utf8')).toBe(content);

    const taken = await killedAfter(ADDED);
    await rm(taken.path);
    expect(await answers(taken.directory)).toEqual(['unknown', 'unknown', 'absent']);
  });
});

describe('the journal', () => {
  const append = (offset: number) => ({ file: 'a', identity: 'x', offset, length: 1, checksum: 0 });
  const opened = async (writer: string, directory: string) => {
    const journal = Journal.open(join(directory, 'journal.db'), writer, false);
    if (!journal) throw new Error('the journal is taken');
    return journal;
  };

  it('is open in one place at a time', async () => {
    const directory = await folder();
    const first = await opened('a', directory);
    expect(Journal.open(join(directory, 'journal.db'), 'b', false)).toBeUndefined();
    first.close();
    (await opened('b', directory)).close();
  });

  it('remembers enough of each writer, and forgets the rest', async () => {
    const directory = await folder();
    const killed = await opened('killed', directory);
    killed.done(killed.begin(append(0), ['last']));
    killed.close();
    const busy = await opened('busy', directory);
    const group = 500;
    for (let n = 0; n < 128; n++) {
      busy.done(
        busy.begin(
          append(n),
          Array.from({ length: group }, (_, index) => `${n}-${index}`),
        ),
      );
    }
    expect(busy.find('last')?.state).toBe('done');
    const known = Array.from({ length: 128 }, (_, n) => busy.find(`${n}-0`) !== undefined);
    // 20,000 records are 40 appends.
    expect(known.slice(-40).every(Boolean)).toBe(true);
    expect(known.slice(0, 64).some(Boolean)).toBe(false);
    busy.close();
  });
});
