import { appendFile, mkdir, rename, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonObject, OptionFinding } from '@millrace/core';
import { subscriberSuite, testRun } from '@millrace/core/testing';
import { describe, expect, it } from 'vitest';
import { subscriber } from '../src/subscriber.ts';
import { folder, makeSubscriber, openIn, readAll } from './support.ts';

const rows = Array.from({ length: 7 }, (_, n) => ({ id: String(n), text: `a "b", c\n${n} é\u2028` }));
const ndjson = rows.map((row) => JSON.stringify(row)).join('\n');
const csv = (end: string) =>
  `id,text${end}${rows.map(({ id, text }) => `${id},"${text.replaceAll('"', '""')}"`).join(end)}${end}`;

/** A project with one file, and the rows that are appended to it later. */
async function file(name: string, content: string | Buffer) {
  const directory = await folder();
  await writeFile(join(directory, name), content);
  return { directory, path: join(directory, name), options: { path: name, batchSize: 2 } };
}

describe('the file subscriber', () => {
  describe.each([
    ['NDJSON', 'in.ndjson', `${ndjson}\n`, `${JSON.stringify({ id: '9', text: 'new' })}\n`],
    [
      'NDJSON with a mark, CRLF, empty lines and no last end',
      'in.JSONL',
      `\uFEFF${ndjson.replaceAll('\n', '\r\n\r\n')}`,
      '',
    ],
    ['CSV', 'in.csv', csv('\n'), '9,new\n'],
    ['CSV with a mark, CRLF and empty lines', 'in.csv', `\uFEFF${csv('\r\n')}\r\n\n`, '9,new\n'],
  ])('with %s', (_, name, content, more) => {
    subscriberSuite({
      component: subscriber,
      async arrange() {
        const { directory, path, options } = await file(name, content);
        return {
          directory,
          options,
          expected: rows,
          open: () => openIn(directory),
          breakNext: () => truncate(path, 60),
          repair: () => writeFile(path, content),
          ...(more !== '' && {
            grow: async () => {
              await appendFile(path, more);
              return [{ id: '9', text: 'new' }];
            },
          }),
        };
      },
    });
  });

  it('keeps whole numbers that a number cannot hold, as text', async () => {
    const { directory, options } = await file('in.ndjson', '{"id":12345678901234567890}\n');
    expect((await readAll(makeSubscriber(directory, options))).rows).toEqual([
      { id: '12345678901234567890' },
    ]);
  });

  const bad: [string, string, string | Buffer, number, JsonObject[]][] = [
    ['a line that is not JSON', 'in.ndjson', '{"a":1}\n{"a":2}\n\n{"a":\n{"a":4}\n', 4, [{ a: 1 }, { a: 2 }]],
    ['a last line that is torn', 'in.ndjson', '{"a":1}\n{"a":2', 2, [{ a: 1 }]],
    ['JSON that is no object', 'in.ndjson', '{"a":1}\n[2]\n', 2, [{ a: 1 }]],
    [
      'a line that is not UTF-8',
      'in.ndjson',
      Buffer.from('{"a":1}\n{"a":"\xe9"}\n', 'latin1'),
      2,
      [{ a: 1 }],
    ],
    ['a record with too few cells', 'in.csv', 'a,b\n1,"2\n3"\n4\n', 4, [{ a: '1', b: '2\n3' }]],
    ['a record with too many cells', 'in.csv', 'a,b\n1,2\n1,2,3\n', 3, [{ a: '1', b: '2' }]],
    ['a quote that is not closed', 'in.csv', 'a,b\n1,"2\n', 2, []],
    ['a column that is there twice', 'in.csv', 'a,b,a\n1,2,3\n', 1, []],
    ['a column that is no safe name', 'in.csv', 'a,__proto__\n1,2\n', 1, []],
  ];
  it.each(bad)(
    'says where %s is, and gives what stands before it',
    async (_, name, content, line, before) => {
      const { directory } = await file(name, content);
      const read: JsonObject[] = [];
      const reading = async () => {
        for await (const batch of makeSubscriber(directory, { path: name }).read({}, testRun())) {
          read.push(...batch.entities);
        }
      };
      await expect(reading()).rejects.toThrow(
        expect.objectContaining({ code: 'client.unreadable', file: name, line }),
      );
      expect(read).toEqual(before);
    },
  );

  it('refuses CSV in another encoding instead of changing it', async () => {
    const { directory, options } = await file('in.csv', Buffer.from('a\n1\nM\xfcller\n', 'latin1'));
    await expect(readAll(makeSubscriber(directory, options))).rejects.toThrow(
      expect.objectContaining({ code: 'client.unreadable', line: 3 }),
    );
  });

  it('names what is wrong with the path', async () => {
    const { directory } = await file('in.csv', 'a\n1\n');
    await mkdir(join(directory, 'sub.csv'));
    const read = (path: string) => readAll(makeSubscriber(directory, { path }));
    await expect(read('none.csv')).rejects.toThrow(
      expect.objectContaining({ code: 'client.not_found', message: 'There is no file "none.csv"' }),
    );
    await expect(read('sub.csv')).rejects.toThrow(expect.objectContaining({ code: 'client.refused' }));
    await expect(read('in.csv/x.csv')).rejects.toThrow(expect.objectContaining({ code: 'client.refused' }));
  });

  it('reads nothing from an empty file, or from a header', async () => {
    for (const [name, content] of [
      ['a.csv', ''],
      ['b.csv', 'id,name\n'],
      ['c.ndjson', ''],
      ['d.ndjson', '\n\n'],
    ] as const) {
      const { directory } = await file(name, content);
      expect((await readAll(makeSubscriber(directory, { path: name }))).batches).toEqual([]);
    }
  });

  it('takes names for the columns of a file without a header, another delimiter and another quote', async () => {
    const { directory } = await file('in.csv', "1;'a;''b'\n2;\n");
    const options = { path: 'in.csv', columns: ['id', 'text'], delimiter: ';', quote: "'" };
    expect((await readAll(makeSubscriber(directory, options))).rows).toEqual([
      { id: '1', text: "a;'b" },
      { id: '2', text: '' },
    ]);
  });

  it('reads a header that is longer than a chunk, with line breaks in it', async () => {
    const names = Array.from({ length: 9000 }, (_, n) => `column\n${n}`);
    const { directory } = await file(
      'in.csv',
      `${names.map((name) => `"${name}"`).join(',')}\n${names.map((_, n) => n).join(',')}\n1\n`,
    );
    const reading = readAll(makeSubscriber(directory, { path: 'in.csv', batchSize: 1 }));
    await expect(reading).rejects.toThrow(expect.objectContaining({ line: 9003 }));
  });

  it('goes on in a file that grew meanwhile, also under another name', async () => {
    const { directory, path, options } = await file('in.ndjson', '{"n":1}\n{"n":2}\n{"n":3}\n');
    const { batches } = await readAll(makeSubscriber(directory, options));
    await appendFile(path, '{"n":4}\n');
    await rename(path, join(directory, 'moved.ndjson'));
    await symlink('moved.ndjson', path);
    const { rows: rest } = await readAll(makeSubscriber(directory, options), batches[0]?.position);
    expect(rest).toEqual([{ n: 3 }, { n: 4 }]);
  });

  it('reads a file anew, and says so, when what it had read of it was changed', async () => {
    const { directory, path, options } = await file('in.ndjson', '{"n":1}\n{"n":2}\n{"n":3}\n');
    const { batches } = await readAll(makeSubscriber(directory, options));
    for (const changed of ['{"n":1}\n{"n":5}\n{"n":3}\n', '{"n":7}\n']) {
      await writeFile(path, changed);
      const run = testRun();
      const { rows: again } = await readAll(makeSubscriber(directory, options), batches[0]?.position, run);
      expect(again.map((row) => `${JSON.stringify(row)}\n`).join('')).toBe(changed);
      expect(run.lines.join()).toContain('read from its beginning');
    }
  });

  it('leaves to the next run what is appended while it reads', async () => {
    const { directory, path, options } = await file('in.ndjson', '{"n":1}\n{"n":2}\n{"n":3}\n');
    const reader = makeSubscriber(directory, options).read({}, testRun());
    await reader.next();
    await appendFile(path, '{"n":4}\n{"n":');
    expect((await reader.next()).value).toMatchObject({ entities: [{ n: 3 }] });
    expect((await reader.next()).done).toBe(true);
  });

  it('ends a batch by its bytes, too, and reads lines longer than a chunk', async () => {
    const long = 'x'.repeat(5_000_000);
    const { directory } = await file(
      'in.ndjson',
      `${[1, 2, 3].map((n) => JSON.stringify({ n, long })).join('\n')}\n`,
    );
    const { batches } = await readAll(makeSubscriber(directory, { path: 'in.ndjson', batchSize: 1000 }));
    expect(batches.map((batch) => batch.entities.map((row) => row['n']))).toEqual([[1, 2], [3]]);
    expect(batches.every((batch) => batch.entities.every((row) => row['long'] === long))).toBe(true);
  });

  it('finds mistakes in its options before it reads', () => {
    const findings: OptionFinding[] = [];
    const options = {
      path: 'in.txt',
      delimiter: ',',
      quote: '"',
      batchSize: 500,
      columns: ['a', 'constructor'],
    };
    subscriber.check?.(options, (finding) => findings.push(finding));
    expect(findings).toMatchObject([
      { code: 'config.missing_option', path: ['path'] },
      { code: 'config.invalid_value', path: ['columns'] },
    ]);
  });
});
