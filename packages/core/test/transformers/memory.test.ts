import { describe, expect, it } from 'vitest';
import type { RunContext } from '../../src/contracts.ts';
import type { Json, JsonObject } from '../../src/json.ts';
import { testRun } from '../../src/testing/index.ts';
import { apply, check, failure } from './chain-of.ts';

const TABLES = { codes: { '1': 'one', true: 'yes', '': 'nothing', list: [1] } };

describe('lookup', () => {
  const lookup = (key: Json, more: JsonObject = {}) => [
    { lookup: { table: 'codes', key, to: 'found', ...more } },
  ];

  it('compares keys as texts', async () => {
    const found = async (key: Json) =>
      (await apply(lookup('&{k}'), { k: key }, { tables: TABLES }))[0]?.['found'];
    expect(await found(1)).toBe('one');
    expect(await found('1')).toBe('one');
    expect(await found(true)).toBe('yes');
    expect(await found('')).toBe('nothing');
    expect(await found('list')).toEqual([1]);
  });

  it('finds nothing for null, nor for what every object has', async () => {
    for (const key of [null, 'toString', '__proto__', 'constructor', 1.5]) {
      expect(await failure(lookup('&{k}'), { k: key }, { tables: TABLES })).toMatchObject({
        code: 'lookup.missing',
        path: 'transformers[0].lookup',
        data: { table: 'codes', key: key === null ? null : String(key) },
      });
    }
  });

  it('does what it is told where nothing is found', async () => {
    const made = (more: JsonObject, data: JsonObject = { d: 7 }) =>
      apply(lookup('&{k}', more), data, { tables: TABLES });
    expect(await made({ onMissing: 'drop' })).toEqual([]);
    expect(await made({ default: '&{d}' })).toEqual([{ d: 7, found: 7 }]);
    expect(await made({ default: '&{d}', onMissing: 'default' })).toEqual([{ d: 7, found: 7 }]);
    expect(await made({ default: null })).toEqual([{ d: 7, found: null }]);
    expect(await made({ default: '?{gone}' })).toEqual([{ d: 7 }]);
  });

  it('says what is wrong with its options', () => {
    const checked = (options: JsonObject) =>
      check([{ lookup: { key: 'k', to: 't', ...options } }], { tables: TABLES });
    expect(checked({ table: 'codes' })).toEqual([]);
    expect(checked({ storage: 'memory' })).toEqual([]);
    expect(checked({})).toEqual([
      expect.stringMatching(/^config.missing_option 0\/lookup It is not said where/),
    ]);
    expect(checked({ table: 'codes', storage: 'memory' })).toEqual([
      expect.stringMatching(/^config.invalid_value 0\/lookup\/storage/),
    ]);
    expect(checked({ table: 'code' })).toEqual([
      expect.stringMatching(/^config.unknown_reference 0\/lookup\/table/),
    ]);
    expect(checked({ storage: 'memry' })).toEqual([
      expect.stringMatching(/^config.unknown_reference 0\/lookup\/storage/),
    ]);
    expect(checked({ table: 'codes', onMissing: 'default' })).toEqual([
      expect.stringMatching(/^config.missing_option/),
    ]);
    expect(checked({ table: 'codes', onMissing: 'drop', default: 1 })).toEqual([
      expect.stringMatching(/^config.invalid_value/),
    ]);
    expect(checked({ table: 'codes', onMissing: 'ignore' })).toEqual([
      expect.stringMatching(/^config.invalid_value/),
    ]);
  });
});

describe('storage.get, storage.set and storage.delete', () => {
  it('keep null apart from nothing, and leave out what has no value', async () => {
    const run = testRun();
    const set = (value: Json) => [{ 'storage.set': { storage: 'memory', key: '&{k}', value } }];
    const get = [{ 'storage.get': { storage: 'memory', key: '&{k}', to: 'found' } }];
    await apply(set('&{gone}'), { k: 'null' }, {}, run);
    await apply(set('?{gone}'), { k: 'nothing' }, {}, run);
    expect(await apply(get, { k: 'null' }, {}, run)).toEqual([{ k: 'null', found: null }]);
    expect(await apply(get, { k: 'nothing' }, {}, run)).toEqual([{ k: 'nothing' }]);
  });

  it.each([
    ['storage.get', { to: 'x' }],
    ['storage.set', {}],
    ['storage.delete', {}],
  ])('%s needs a key that is a text or a number', async (name, more) => {
    const steps = [{ [name]: { storage: 'memory', key: '&{k}', ...(more as JsonObject) } }];
    for (const k of [null, '', { a: 1 }, ['a']]) {
      expect(await failure(steps, { k })).toMatchObject({ code: 'storage.no_key' });
    }
    for (const k of ['a', 0, false]) await apply(steps, { k });
    expect(check([{ [name]: { storage: 'mermory', key: 'k', ...(more as JsonObject) } }])).toEqual([
      expect.stringMatching(/^config.unknown_reference .*\/storage There is no storage "mermory"/),
    ]);
  });
});

describe('changed', () => {
  const steps = [{ changed: { storage: 'memory', ignore: ['at'] } }];
  const pass = (data: JsonObject, run: RunContext) => apply(steps, data, {}, run);

  it('knows a record by the entity of its incoming or route, where no key is given', async () => {
    const { context: _, ...bare } = testRun();
    const storages = bare.storages;
    const identify = (data: JsonObject) =>
      data['id'] === undefined ? undefined : { type: 'ticket', id: String(data['id']) };
    const context = { run: { id: 'R', startedAt: '2026-01-02T03:04:05.000Z' } };
    const run = { ...bare, context, identify };
    expect(await pass({ id: 1, v: 1 }, run)).toHaveLength(1);
    expect(await pass({ id: 2, v: 1 }, run)).toHaveLength(1);
    expect(await pass({ id: 1, v: 1, at: 5 }, run)).toHaveLength(0);
    expect(await storages.get('memory').get('ticket/1')).toMatch(/^[0-9a-f]{64}$/);
    // Before a branch, a route with an entity of its own has a record that is still the incoming's.
    expect(
      await pass({ v: 1 }, { ...run, context: { ...context, entity: { type: 'order', id: '9' } } }),
    ).toHaveLength(1);
    expect(await storages.get('memory').get('order/9')).toBeDefined();
    await expect(pass({ v: 1 }, run)).rejects.toMatchObject({ code: 'storage.no_key' });
  });

  it('lets pass what is taken up again by command', async () => {
    const run = testRun({ entity: { type: 'ticket', id: '1' } });
    expect(await pass({ v: 1 }, run)).toHaveLength(1);
    expect(await pass({ v: 1 }, run)).toHaveLength(0);
    expect(await pass({ v: 1 }, { ...run, replay: true })).toHaveLength(1);
  });
});
