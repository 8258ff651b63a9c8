import { mkdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonObject, OptionFinding } from '@millrace/core';
import { publisherSuite, testRun } from '@millrace/core/testing';
import { parse } from 'csv-parse/sync';
import { describe, expect, it, vi } from 'vitest';
import { publisher } from '../src/publisher.ts';
import { folder, makePublisher, message, publishAll, text } from './support.ts';

const rows = Array.from({ length: 5 }, (_, n) => ({ id: String(n), text: `a "b", c\n${n} é` }));
const statuses = (outcomes: readonly { readonly status: string }[]) => outcomes.map(({ status }) => status);

describe('the file publisher', () => {
  describe('with CSV', () => {
    publisherSuite({
      component: publisher,
      async arrange() {
        const directory = await folder();
        return {
          directory,
          options: { path: 'out/a.csv', columns: ['id', 'text'] },
          data: rows,
          expected: rows,
          invalid: { id: '1', more: true },
          received: () => parse(text(directory, 'out/a.csv'), { columns: true }) as JsonObject[],
        };
      },
    });
  });

  describe('with NDJSON', () => {
    publisherSuite({
      component: publisher,
      async arrange() {
        const directory = await folder();
        const lines = () => text(directory, 'a.ndjson').split('\n').slice(0, -1);
        return {
          directory,
          options: { path: 'a.ndjson', record: '&{payload}' },
          data: rows.map((payload) => ({ payload })),
          expected: rows,
          invalid: { payload: null },
          received: () => lines().map((line) => JSON.parse(line)),
        };
      },
    });
  });

  it('says where the record stands', async () => {
    const directory = await folder();
    const outcomes = await publishAll(makePublisher(directory, { path: 'a.csv' }), [{ a: 'é' }, { a: 'x' }]);
    const place = outcomes.map((outcome) => 'response' in outcome && (outcome.response as JsonObject));
    expect(place).toEqual([
      { file: 'a.csv', offset: 2, length: 3 },
      { file: 'a.csv', offset: 5, length: 2 },
    ]);
  });

  it('writes CSV as it is: quotes where they must be, JSON for what is no text, formulas unchanged', async () => {
    const directory = await folder();
    await publishAll(makePublisher(directory, { path: 'a.csv', delimiter: ';' }), [
      { formula: '=1+1', number: 1.5, yes: true, none: null, nested: { a: ['x'] }, spaces: ' y ' },
      { formula: 'a;b', number: 0, yes: false, none: '', nested: [], spaces: '"' },
      { formula: 'a,b' },
    ]);
    expect(text(directory, 'a.csv')).toBe(
      [
        'formula;number;yes;none;nested;spaces',
        '=1+1;1.5;true;;"{""a"":[""x""]}";" y "',
        '"a;b";0;false;;[];""""',
        'a,b;;;;;',
        '',
      ].join('\n'),
    );
  });

  it('appends to a file that is there: with its columns, its line ends, and a line end where it has none', async () => {
    const directory = await folder();
    await writeFile(join(directory, 'a.csv'), '\uFEFF"b\n1",a\r\n1,2');
    const made = makePublisher(directory, { path: 'a.csv' });
    const outcomes = await publishAll(made, [{ a: 'x', 'b\n1': 'y' }, { a: 1, c: 2 }, { a: null }]);
    expect(statuses(outcomes)).toEqual(['delivered', 'rejected', 'delivered']);
    expect(outcomes[1]).toMatchObject({ error: { message: '"a.csv" has no column for "c"' } });
    expect(text(directory, 'a.csv')).toBe('\uFEFF"b\n1",a\r\n1,2\ny,x\r\n,\r\n');
  });

  it('does not write columns that the file has not got', async () => {
    const directory = await folder();
    await writeFile(join(directory, 'a.csv'), 'a,b\n');
    const [outcome] = await publishAll(makePublisher(directory, { path: 'a.csv', columns: ['a', 'c'] }), [
      { a: 1 },
    ]);
    expect(outcome).toMatchObject({
      status: 'failed',
      error: { code: 'client.refused', hint: /Move the file away/ },
    });
    expect(text(directory, 'a.csv')).toBe('a,b\n');
  });

  it('begins a new file when the old one was taken away or emptied', async () => {
    const directory = await folder();
    const made = makePublisher(directory, { path: 'a.csv' });
    const run = testRun();
    await made.publish([message('1', { a: 1 })], run);
    await rm(join(directory, 'a.csv'));
    await made.publish([message('2', { b: 2 })], run);
    expect(text(directory, 'a.csv')).toBe('b\n2\n');
    await truncate(join(directory, 'a.csv'));
    await made.publish([message('3', { c: 3 })], run);
    expect(text(directory, 'a.csv')).toBe('c\n3\n');
    expect(await made.verify?.(message('1', {}), run)).toBe('delivered');
  });

  it('writes a task once, however often it is sent, as long as its record stands there', async () => {
    const directory = await folder();
    const run = testRun();
    for (let time = 0; time < 3; time++) {
      const [outcome] = await makePublisher(directory, { path: 'a.ndjson' }).publish(
        [message('1', { a: 1 })],
        run,
      );
      expect(outcome?.status).toBe('delivered');
    }
    expect(text(directory, 'a.ndjson')).toBe('{"a":1}\n');
    const twice = [message('2', { a: 2 }), message('2', { a: 2 })];
    const outcomes = await makePublisher(directory, { path: 'a.ndjson' }).publish(twice, run);
    expect(statuses(outcomes)).toEqual(['delivered', 'delivered']);
    expect(text(directory, 'a.ndjson')).toBe('{"a":1}\n{"a":2}\n');
    await rm(join(directory, 'a.ndjson'));
    await makePublisher(directory, { path: 'a.ndjson' }).publish([message('1', { a: 1 })], run);
    expect(text(directory, 'a.ndjson')).toBe('{"a":1}\n');
  });

  it('rejects what cannot be written as it is', async () => {
    const directory = await folder();
    const csv = makePublisher(directory, { path: 'a.csv', record: '&{payload}' });
    const outcomes = await publishAll(csv, [
      { payload: null },
      { payload: [1] },
      { payload: {} },
      { payload: { a: '\ud800' } },
      {},
    ]);
    expect(
      outcomes.map((outcome) => [
        outcome.status,
        'error' in outcome && (outcome.error as { code?: string }).code,
      ]),
    ).toEqual([
      ['rejected', 'request.missing_payload'],
      ['rejected', 'entity.rejected'],
      ['rejected', 'entity.rejected'],
      ['rejected', 'entity.rejected'],
      ['rejected', 'request.missing_payload'],
    ]);
    expect(text(directory, 'a.csv')).toBe('');
  });

  it('evaluates the record with the task that it belongs to', async () => {
    const directory = await folder();
    const record = { task: '@{task.id}', entity: '@{entity.id}', attempt: '@{attempt}', of: '&{n}' };
    await publishAll(makePublisher(directory, { path: 'a.ndjson', record }), [{ n: 1 }, { n: 2 }]);
    expect(text(directory, 'a.ndjson')).toBe(
      '{"task":"t0","entity":"t0","attempt":1,"of":1}\n{"task":"t1","entity":"t1","attempt":1,"of":2}\n',
    );
  });

  it('makes a file for each run, or for each day, and knows what stands in all of them', async () => {
    const directory = await folder();
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-24T23:59:59Z') });
    try {
      const run = testRun();
      const byRun = makePublisher(directory, { path: 'out/a.b.ndjson', rotate: 'run' });
      await byRun.publish(
        [message('1', { a: 1 }, 'R1'), message('2', { a: 2 }, 'R2'), message('3', { a: 3 }, 'R1')],
        run,
      );
      const byDay = makePublisher(directory, { path: 'out/plain', format: 'csv', rotate: 'day' });
      await byDay.publish([message('4', { a: 4 })], run);
      vi.setSystemTime(new Date('2026-11-25T00:00:01Z'));
      await byDay.publish([message('5', { a: 5 })], run);
      expect(text(directory, 'out/a.b-R1.ndjson')).toBe('{"a":1}\n{"a":3}\n');
      expect(text(directory, 'out/a.b-R2.ndjson')).toBe('{"a":2}\n');
      expect(text(directory, 'out/plain-2026-11-24')).toBe('a\n4\n');
      expect(text(directory, 'out/plain-2026-11-25')).toBe('a\n5\n');
      expect(await byDay.verify?.(message('4', {}), run)).toBe('delivered');
      expect(await byDay.verify?.(message('1', {}), run)).toBe('absent');
    } finally {
      vi.useRealTimers();
    }
  });

  it('says what is wrong with the path, and that somebody must act', async () => {
    const directory = await folder();
    await mkdir(join(directory, 'folder.csv'));
    await writeFile(join(directory, 'plain'), '');
    for (const path of ['folder.csv', 'plain/a.csv']) {
      const [outcome] = await publishAll(makePublisher(directory, { path }), [{ a: 1 }]);
      expect(outcome).toMatchObject({ status: 'failed', error: { code: 'client.refused' } });
    }
  });

  it.runIf(process.platform === 'linux')('does not claim to know what a disk error left behind', async () => {
    const directory = await folder();
    await symlink('/dev/full', join(directory, 'a.ndjson'));
    const made = makePublisher(directory, { path: 'a.ndjson' });
    const [outcome] = await publishAll(made, [{ a: 1 }]);
    expect(outcome).toMatchObject({
      status: 'unknown',
      error: { code: 'client.unavailable', hint: 'Make room on the disk.' },
    });
    await rm(join(directory, 'a.ndjson'));
    expect(await made.verify?.(message('t0', {}), testRun())).toBe('unknown');
  });

  it('tells a damaged journal from an absent record', async () => {
    const directory = await folder();
    await writeFile(join(directory, '.a.csv.journal.db'), 'x'.repeat(5000));
    const made = makePublisher(directory, { path: 'a.csv' });
    const [outcome] = await publishAll(made, [{ a: 1 }]);
    expect(outcome).toMatchObject({ status: 'failed', error: { code: 'client.unreadable' } });
    await expect(made.verify?.(message('t0', {}), testRun())).rejects.toThrow(/is damaged/);
    expect(text(directory, 'a.csv')).toBe('');
  });

  it('appends what is more than one append holds in several, in order', async () => {
    const directory = await folder();
    const long = 'x'.repeat(1_500_000);
    const records = Array.from({ length: 12 }, (_, n) => ({ n, long }));
    const outcomes = await publishAll(makePublisher(directory, { path: 'a.ndjson' }), records);
    expect(new Set(statuses(outcomes))).toEqual(new Set(['delivered']));
    const lines = text(directory, 'a.ndjson').split('\n').slice(0, -1);
    expect(lines.map((line) => JSON.parse(line).n)).toEqual(records.map(({ n }) => n));
  });

  it('finds mistakes in its options before it writes', () => {
    const findings: OptionFinding[] = [];
    const options = {
      path: 'out',
      record: '&{@}',
      delimiter: ',',
      rotate: 'none' as const,
      sync: true,
      columns: ['prototype'],
    };
    publisher.check?.(options, (finding) => findings.push(finding));
    expect(findings).toMatchObject([
      { code: 'config.missing_option', path: ['path'] },
      { code: 'config.invalid_value', path: ['columns'] },
    ]);
  });
});
