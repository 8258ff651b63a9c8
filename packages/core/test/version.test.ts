import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileVersion, isOlder, versionOf } from '../src/index.ts';

const older = (left: string | number, right: string | number) =>
  isOlder(versionOf(left) ?? '', versionOf(right) ?? '');

describe('the version of a record', () => {
  it.each([
    ['a date before another', '2026-11-23T10:00:00', '2026-11-23T10:00:01'],
    [
      'a fraction of a second, however many digits it has',
      '2026-11-23T10:00:00.5',
      '2026-11-23T10:00:00.5000001',
    ],
    ['a day before an hour of it', '2026-11-23', '2026-11-23T00:00:01Z'],
    ['the same wall clock further east', '2026-11-23T10:00:00+02:00', '2026-11-23T10:00:00Z'],
    ['a number', 9, 10],
    ['a number in a text', '9', '10'],
    ['a number that no number can hold', '9007199254740993', '9007199254740994'],
    ['a number with a fraction', 1.5, 2],
    ['a text that orders as texts do', '01JD1', '01JD2'],
  ])('%s is older', (_, left, right) => {
    expect([older(left, right), older(right, left)]).toEqual([true, false]);
  });

  it.each([
    ['the same moment in two zones', '2026-11-23T10:00:00Z', '2026-11-23T12:00:00+02:00'],
    ['a date without a zone is UTC', '2026-11-23T10:00:00', '2026-11-23T10:00:00.000Z'],
    ['zeros at the end of a fraction', '2026-11-23T10:00:00.1', '2026-11-23T10:00:00.1000000'],
    ['zeros before a number', '007', 7],
  ])('%s: neither is older', (_, left, right) => {
    expect([older(left, right), older(right, left)]).toEqual([false, false]);
  });

  it('is compared with its own kind only: in doubt nothing is held back', () => {
    expect([older(1, '2026-11-23'), older('2026-11-23', 1), older('abc', 5)]).toEqual([false, false, false]);
  });

  it.each([null, '', ' ', true, { at: 1 }, [1]])('is none where the record gives %j', (value) => {
    expect(versionOf(value)).toBeUndefined();
  });

  it('is what an expression finds in the record', () => {
    const version = compileVersion('meta.changed');
    expect([version({ meta: { changed: 5 } }), version({ meta: {} }), version({})]).toEqual([
      'n5',
      undefined,
      undefined,
    ]);
    expect(() => compileVersion('a ||')).toThrow(/is not a JMESPath expression/);
  });

  it('orders dates as their moments, and whole numbers as themselves', () => {
    const date = fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(
        date,
        date,
        (a, b) => older(a.toISOString(), b.toISOString()) === a.getTime() < b.getTime(),
      ),
    );
    fc.assert(fc.property(fc.bigInt(), fc.bigInt(), (a, b) => older(String(a), String(b)) === a < b));
  });
});
