import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonObject } from '@millrace/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { folder, makePublisher, makeSubscriber, publishAll, readAll } from './support.ts';

const unit = fc.oneof(
  fc.constantFrom(
    '"',
    ',',
    ';',
    '\n',
    '\r',
    '\r\n',
    ' ',
    '\t',
    '\uFEFF',
    '\\',
    "'",
    '=',
    '\u2028',
    '\0',
    'é',
  ),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 2 }),
);
const cell = fc.string({ unit, maxLength: 6 });
const name = cell.filter((text) => text !== '' && !['__proto__', 'constructor', 'prototype'].includes(text));

/** Records of the same keys, in the order of the keys. */
const table = fc
  .uniqueArray(name, { minLength: 1, maxLength: 4 })
  .chain((names) =>
    fc.tuple(
      fc.constant(names),
      fc.array(fc.tuple(...names.map(() => cell)), { minLength: 1, maxLength: 8 }),
    ),
  )
  .map(([names, rows]) =>
    rows.map((cells) => Object.fromEntries(names.map((key, index) => [key, cells[index] ?? '']))),
  );

async function roundTrip(records: readonly JsonObject[], path: string, more: JsonObject) {
  const directory = await folder();
  const made = makePublisher(directory, { path, sync: false, ...more });
  const outcomes = await publishAll(made, records);
  expect(outcomes.filter(({ status }) => status !== 'delivered')).toEqual([]);
  const source = makeSubscriber(directory, { path, batchSize: 2, ...more });
  const { batches, rows } = await readAll(source);
  // From every position, too.
  let done = 0;
  for (const batch of batches) {
    done += batch.entities.length;
    expect((await readAll(source, batch.position)).rows).toEqual(rows.slice(done));
  }
  await rm(join(directory, path));
  return rows;
}

describe('what the publisher writes, the subscriber reads', () => {
  it('as NDJSON, every record as it was', async () => {
    const record = fc.dictionary(fc.string({ unit: 'binary', maxLength: 5 }), fc.jsonValue({ maxDepth: 3 }), {
      maxKeys: 5,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 8 }), async (records) => {
        // -0 is not JSON.
        // A number beyond what a number holds exactly is read as text, so that no digit is lost.
        const exact = (_: string, value: unknown) =>
          typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER ? 1 : value;
        const plain = JSON.parse(JSON.stringify(records, exact)) as JsonObject[];
        expect(await roundTrip(plain, 'a.ndjson', {})).toEqual(plain);
      }),
      { numRuns: 60 },
    );
  });

  it.each([',', ';', '\t', '|', '€'])('as CSV, every text as it was, with %j between', async (delimiter) => {
    await fc.assert(
      fc.asyncProperty(table, async (records) => {
        expect(await roundTrip(records, 'a.csv', { delimiter })).toEqual(records);
      }),
      { numRuns: 40 },
    );
  });
});
