import { describe, expect, it } from 'vitest';
import type { SavedTransformer } from '../../src/compile.ts';
import type { StepPlace, Trace } from '../../src/contracts.ts';
import type { JsonObject } from '../../src/json.ts';
import { testRun } from '../../src/testing/index.ts';
import { apply, check, failure } from './chain-of.ts';

describe('each', () => {
  it('removes nodes that are dropped, wherever the pattern finds them', async () => {
    const steps = [{ each: { at: 'orders.*.lines.*', do: [{ filter: { var: 'ok' } }] } }];
    const data = {
      orders: [
        { lines: [{ ok: 0 }, { ok: 1, n: 1 }, { ok: 0 }] },
        { lines: { a: { ok: 1, n: 2 }, b: { ok: 0 } } },
        { lines: [] },
        'no order',
      ],
    };
    expect(await apply(steps, data)).toEqual([
      {
        orders: [{ lines: [{ ok: 1, n: 1 }] }, { lines: { a: { ok: 1, n: 2 } } }, { lines: [] }, 'no order'],
      },
    ]);
  });

  it('runs steps that wait for something node by node, in order', async () => {
    const steps = [
      {
        each: {
          at: 'l.*',
          do: [
            { 'storage.get': { storage: 'memory', key: 'last', to: 'before' } },
            { 'storage.set': { storage: 'memory', key: 'last', value: '&{n}' } },
          ],
        },
      },
    ];
    const data = { l: [{ n: 1 }, { n: 2 }, { n: 3 }] };
    const slow = testRun();
    const storages = {
      get: (name: string) => {
        const storage = slow.storages.get(name);
        return { ...storage, get: async (key: string) => storage.get(key) };
      },
    };
    const expected = [{ l: [{ n: 1 }, { n: 2, before: 1 }, { n: 3, before: 2 }] }];
    expect(await apply(steps, data, {}, { ...slow, storages })).toEqual(expected);
    expect(await apply(steps, data)).toEqual(expected);
  });

  it('takes nodes that are no objects as {value}, and gives back what is left', async () => {
    const at = (steps: JsonObject[]) => [{ each: { at: 'l.*', do: steps } }];
    expect(
      await apply(at([{ set: { value: { logic: { '+': [{ var: 'value' }, 1] } } } }]), { l: [1, 2] }),
    ).toEqual([{ l: [2, 3] }]);
    expect(await apply(at([{ map: { name: '&{value}' } }]), { l: ['a', null, [1]] })).toEqual([
      { l: [{ name: 'a' }, { name: null }, { name: [1] }] },
    ]);
    // An object that happens to have only a value stays one.
    expect(await apply(at([]), { l: [{ value: 1 }, 1] })).toEqual([{ l: [{ value: 1 }, 1] }]);
  });

  it('with the empty pattern runs on the record itself', async () => {
    expect(await apply([{ each: { at: '', do: [{ set: { b: 1 } }] } }], { a: 1 })).toEqual([{ a: 1, b: 1 }]);
    expect(await apply([{ each: { at: '', do: [{ filter: false }] } }], { a: 1 })).toEqual([]);
  });

  it('says at which node a step failed', async () => {
    const steps = [{ each: { at: 'lines.*', do: [{ set: { label: 'x&{name}' } }] } }];
    expect(await failure(steps, { lines: [{ name: 'a' }, {}] })).toMatchObject({
      code: 'value.missing',
      path: 'transformers[0].each.do[0].set',
      message: '"name" has no value in this record (at lines.1)',
    });
  });
});

describe('switch', () => {
  it('without a true case and without else lets the record pass', async () => {
    const steps = [{ switch: { cases: [{ when: { '==': [{ var: 'a' }, 1] }, then: [{ filter: false }] }] } }];
    expect(await apply(steps, { a: 2 })).toEqual([{ a: 2 }]);
    expect(await apply(steps, { a: 1 })).toEqual([]);
  });
});

describe('merge', () => {
  it('merges objects key by key, and replaces everything else', async () => {
    const steps = [
      {
        merge: {
          do: [{ map: { a: { b: { new: 1 } }, l: [3], n: null } }],
          with: { a: '&{a}', l: '&{l}', n: '&{n}' },
        },
      },
    ];
    expect(await apply(steps, { a: { b: { old: 1 }, c: 2 }, l: [1, 2], n: { x: 1 }, rest: true })).toEqual([
      { a: { b: { old: 1, new: 1 }, c: 2 }, l: [3], n: null, rest: true },
    ]);
  });

  it('may branch and leave one', async () => {
    const steps = [
      {
        merge: {
          do: [{ branch: { at: 'lines.*' } }, { filter: { var: 'main' } }],
          with: { main: '&{n}' },
        },
      },
    ];
    const data = { lines: [{ n: 1 }, { n: 2, main: true }] };
    expect(await apply(steps, data)).toEqual([{ ...data, main: 2 }]);
    // Also in an outgoing: what it makes stays inside.
    expect(check(steps, { place: 'outgoing' })).toEqual([]);
  });

  it('never writes to a prototype', async () => {
    const data = JSON.parse('{"__proto__": {"polluted": 1}}') as JsonObject;
    const [made] = await apply([{ merge: { do: [], with: { a: '&{@}' } } }], { ...data, a: { x: 1 } });
    expect(Object.getPrototypeOf(made?.['a'])).toBe(Object.prototype);
    expect(({} as JsonObject)['polluted']).toBeUndefined();
    expect(check([{ merge: { with: JSON.parse('{"__proto__": 1}') } }])).toEqual([
      'config.invalid_path 0/merge/with/__proto__ "__proto__" cannot be a key',
    ]);
  });
});

describe('group', () => {
  it('takes the text of any value as the key', async () => {
    const data = { l: [{ k: null }, { k: [1] }, {}, { k: true }, { k: '' }] };
    expect(await apply([{ group: { at: 'l', by: '&{k}', to: 'g' } }, { keep: ['g'] }], data)).toEqual([
      { g: { null: [{ k: null }, {}], '[1]': [{ k: [1] }], true: [{ k: true }], '': [{ k: '' }] } },
    ]);
  });

  it('refuses keys that lead to a prototype', async () => {
    const steps = [{ group: { at: 'l', by: '&{k}', to: 'g' } }];
    expect(await failure(steps, { l: [{ k: '__proto__' }] })).toMatchObject({ code: 'path.conflict' });
  });
});

describe('use', () => {
  const saved: Record<string, SavedTransformer> = {
    typed: {
      parameters: {
        text: { type: 'string', default: 'none' },
        number: { type: 'number' },
        any: {},
      },
      transformers: [
        { set: { out: { t: '@{parameters.text}', n: '@{parameters.number}', a: '@{parameters.any}' } } },
      ],
    },
    outer: {
      parameters: { n: { type: 'number' } },
      transformers: [{ use: { transformer: 'inner', with: { m: '@{parameters.n}' } } }],
    },
    inner: { parameters: { m: { type: 'number' } }, transformers: [{ set: { m: '@{parameters.m}' } }] },
    splitting: { parameters: {}, transformers: [{ branch: { at: 'l.*' } }] },
  };

  it('checks parameters of a known type before anything runs', () => {
    const use = (values: JsonObject) => check([{ use: { transformer: 'typed', with: values } }], { saved });
    expect(use({ number: 1, any: null })).toEqual([]);
    expect(use({ number: '&{n}', any: [1], text: { logic: { var: 'x' } } })).toEqual([]);
    expect(use({ number: '5', any: 1 })).toEqual([
      'config.wrong_type 0/use/with/number "number" must be a number, not a text',
    ]);
    expect(use({ number: 'T-&{n}', any: 1 })).toEqual([
      expect.stringMatching(/"number" must be a number, not a text/),
    ]);
    expect(use({ number: 1, any: 1, text: { literal: 1 } })).toEqual([
      expect.stringMatching(/"text" must be a text, not a number/),
    ]);
    expect(use({ number: null, any: 1 })).toEqual([
      expect.stringMatching(/"number" must be a number, not null/),
    ]);
  });

  it('checks the others on each record, and takes the default for what is not given', async () => {
    const use = [{ use: { transformer: 'typed', with: { number: '&{n}', any: 1, text: '?{t}' } } }];
    expect(await apply(use, { n: 5 }, { saved })).toEqual([{ n: 5, out: { t: 'none', n: 5, a: 1 } }]);
    expect(await failure(use, { n: 'five' }, { saved })).toMatchObject({
      code: 'value.wrong_type',
      path: 'transformers[0].use',
      message: 'In "typed", "number" must be a number, not a text',
    });
    expect(
      await failure([{ use: { transformer: 'typed', with: { number: 1, any: '?{x}' } } }], {}, { saved }),
    ).toMatchObject({
      code: 'value.missing',
    });
  });

  it('hands parameters on to the next one, and to that only', async () => {
    expect(await apply([{ use: { transformer: 'outer', with: { n: 3 } } }], {}, { saved })).toEqual([
      { m: 3 },
    ]);
  });

  it.each(['each', 'merge', 'if', 'switch'])('finds a circle through %s', async (name) => {
    const again = [{ use: { transformer: 'a' } }];
    const steps = {
      each: { each: { at: 'l.*', do: again } },
      merge: { merge: { do: again, with: {} } },
      if: { if: { when: true, else: again } },
      switch: { switch: { cases: [{ when: true, then: again }] } },
    }[name] as JsonObject;
    const circle = { saved: { a: { parameters: {}, transformers: [steps] } } };
    expect(await failure(again, {}, circle)).toMatchObject({ code: 'config.recursive_transformer' });
  });

  it('compiles a saved chain once, however often it is used', async () => {
    // Sixty levels that use the next one twice would be 2^60 chains.
    const levels = Object.fromEntries(
      Array.from({ length: 60 }, (_, n): [string, SavedTransformer] => {
        const next = {
          if: {
            when: true,
            then: [{ use: { transformer: `l${n + 1}` } }],
            else: [{ use: { transformer: `l${n + 1}` } }],
          },
        };
        return [`l${n}`, { parameters: {}, transformers: n === 59 ? [{ set: { done: true } }] : [next] }];
      }),
    );
    expect(await apply([{ use: { transformer: 'l0' } }], {}, { saved: levels })).toEqual([{ done: true }]);
  });

  it('may not make several records in an outgoing, unless they stay inside', () => {
    const use = { use: { transformer: 'splitting' } };
    expect(check([use], { saved, place: 'outgoing' })).toEqual([
      expect.stringMatching(/^config.branch_in_outgoing 0\/use /),
    ]);
    expect(check([{ if: { when: true, then: [use] } }], { saved, place: 'outgoing' })).toHaveLength(1);
    expect(check([{ merge: { do: [use], with: {} } }], { saved, place: 'outgoing' })).toEqual([]);
    expect(check([use], { saved, place: 'route' })).toEqual([]);
  });
});

describe('a step that fails in the depth', () => {
  it('is named with every option on the way', async () => {
    const bad = [{ set: { x: 'y&{nothing}' } }];
    const saved = { deep: { parameters: {}, transformers: [{ merge: { do: bad, with: {} } }] } };
    const steps = [
      { set: { ok: 1 } },
      {
        switch: {
          cases: [
            { when: false, then: [] },
            { when: true, then: [{ if: { when: false, else: [{ use: { transformer: 'deep' } }] } }] },
          ],
        },
      },
    ];
    expect(await failure(steps, {}, { saved })).toMatchObject({
      path: 'transformers[1].switch.cases[1].then[0].if.else[0].use.deep[0].merge.do[0].set',
    });
    expect(
      await failure([{ 'storage.get': { storage: 'memory', key: '&{id}', to: 'x' } }], {}),
    ).toMatchObject({
      code: 'storage.no_key',
      path: 'transformers[0]."storage.get"',
    });
  });

  it('can be followed from outside, in chains within chains too', async () => {
    const seen: string[] = [];
    const trace = (depth: string): Trace => ({
      step: ({ chain, index, name }: StepPlace) => ({
        inner: trace(`${depth}${chain}[${index}].${name} > `),
        made: (entities) => void seen.push(`${depth}${chain}[${index}].${name}: ${JSON.stringify(entities)}`),
        failed: () => {},
      }),
    });
    const steps = [
      {
        switch: { cases: [{ when: true, then: [{ each: { at: 'l.*', do: [{ filter: { var: 'a' } }] } }] }] },
      },
    ];
    await apply(steps, { l: [{ a: 1 }, { a: 0 }] }, {}, { ...testRun(), trace: trace('') });
    expect(seen).toEqual([
      'transformers[0].switch > cases[0].then[0].each > do[0].filter: [{"a":1}]',
      'transformers[0].switch > cases[0].then[0].each > do[0].filter: []',
      'transformers[0].switch > cases[0].then[0].each: [{"l":[{"a":1}]}]',
      'transformers[0].switch: [{"l":[{"a":1}]}]',
    ]);
  });
});
