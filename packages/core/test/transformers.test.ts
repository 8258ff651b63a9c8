import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../src/canonical-json.ts';
import { checkSteps } from '../src/check-source.ts';
import { createCompiler, type SavedTransformer } from '../src/compile.ts';
import type { Component } from '../src/define.ts';
import { NO_SERVICES } from '../src/expressions/services.ts';
import type { OptionFinding } from '../src/findings.ts';
import { compileIdentifier, fingerprint } from '../src/identity.ts';
import type { Json, JsonObject } from '../src/json.ts';
import { createRegistry } from '../src/registry.ts';
import { exampleChecks, testRun, transformerChecks } from '../src/testing/index.ts';
import { BUILTIN_TRANSFORMERS } from '../src/transformers/builtin.ts';

const registry = createRegistry([]);
const SAVED: Readonly<Record<string, SavedTransformer>> = {
  double: {
    parameters: { field: {}, factor: { default: 2 } },
    transformers: [
      {
        set: {
          result: { logic: { '*': [{ var: 'n' }, { context: 'parameters.factor' }] } },
          named: '@{parameters.field}',
        },
      },
    ],
  },
};

function apply(steps: readonly Json[], data: JsonObject) {
  const compiler = createCompiler({
    registry,
    place: 'route',
    saved: (id) => SAVED[id],
    log: testRun().log,
    resolvePath: (path) => path,
  });
  return compiler.chain(steps)(data, testRun({ entity: { type: 'ticket', id: '7' } }));
}

describe('a chain', () => {
  it.each<[string, readonly Json[], JsonObject, readonly JsonObject[]]>([
    ['no steps', [], { a: 1 }, [{ a: 1 }]],
    ['filter that holds', [{ filter: { '==': [{ var: 'a' }, 1] } }], { a: 1 }, [{ a: 1 }]],
    ['filter that does not', [{ filter: { '==': [{ var: 'a' }, 2] } }, { set: { b: 1 } }], { a: 1 }, []],
    ['map', [{ map: { x: '&{a}', gone: '?{b}', logic: 1 } }], { a: 1 }, [{ x: 1, logic: 1 }]],
    ['set in order', [{ set: { 'b.c': '&{a}', d: '&{b.c}' } }], { a: 1 }, [{ a: 1, b: { c: 1 }, d: 1 }]],
    ['set of nothing', [{ set: { b: '?{nothing}' } }], { a: 1 }, [{ a: 1 }]],
    ['defaults', [{ defaults: { a: 9, b: 9, c: 9 } }], { a: 0, b: null }, [{ a: 0, b: 9, c: 9 }]],
    ['remove', [{ remove: ['a.*.x', 'nothing'] }], { a: [{ x: 1, y: 2 }] }, [{ a: [{ y: 2 }] }]],
    ['keep', [{ keep: ['a.*.x', 'b'] }], { a: [{ x: 1, y: 2 }], b: 1, c: 1 }, [{ a: [{ x: 1 }], b: 1 }]],
    [
      'rename in place',
      [{ rename: { a: 'z', 'o.p': 'q' } }],
      { a: 1, b: 2, o: { p: 3 } },
      [{ z: 1, b: 2, o: { q: 3 } }],
    ],
    ['rename over another key', [{ rename: { a: 'b' } }], { a: 1, b: 2 }, [{ b: 1 }]],
    [
      'copy',
      [{ copy: { from: 'a.*', to: 'b.$1' } }],
      { a: { x: 1, y: 2 } },
      [{ a: { x: 1, y: 2 }, b: { x: 1, y: 2 } }],
    ],
    [
      'move',
      [
        {
          move: [
            { from: 'a', to: 'b.c' },
            { from: 'x*', to: 'y$1' },
          ],
        },
      ],
      { a: 1, x1: 2 },
      [{ b: { c: 1 }, y1: 2 }],
    ],
    ['move below itself', [{ move: { from: 'a', to: 'a.b' } }], { a: 1 }, [{ a: { b: 1 } }]],
    ['move over its parent', [{ move: { from: 'a.b', to: 'a' } }], { a: { b: { b: 1 } } }, [{ a: { b: 1 } }]],
    [
      'branch',
      [{ branch: { at: 'lines.*', keep: { order: '&{id}' } } }],
      { id: 7, lines: [{ n: 1 }, 5] },
      [
        { n: 1, order: 7 },
        { value: 5, order: 7 },
      ],
    ],
    ['branch of nothing', [{ branch: { at: 'lines.*' } }], { id: 7 }, []],
    [
      'branch, then filter',
      [{ branch: { at: 'l.*' } }, { filter: { '>': [{ var: 'value' }, 1] } }],
      { l: [1, 2, 3] },
      [{ value: 2 }, { value: 3 }],
    ],
    [
      'if',
      [{ if: { when: { var: 'a' }, then: [{ set: { b: 'yes' } }], else: [{ set: { b: 'no' } }] } }],
      { a: 0 },
      [{ a: 0, b: 'no' }],
    ],
    [
      'use',
      [{ use: { transformer: 'double', with: { field: '&{name}' } } }],
      { n: 4, name: 'x' },
      [{ n: 4, name: 'x', result: 8, named: 'x' }],
    ],
  ])('%s', async (_, steps, data, expected) => {
    expect(await apply(steps, data)).toEqual(expected);
  });

  it('names the step in which a record fails, through every level', async () => {
    const steps = [{ set: { ok: 1 } }, { if: { when: true, then: [{ map: { t: 'x&{nothing}' } }] } }];
    expect(() => apply(steps, {})).toThrow(
      expect.objectContaining({ code: 'value.missing', path: 'transformers[1].if.then[0].map' }),
    );
  });

  it('reports every wrong step of a chain, with its place', () => {
    const findings: OptionFinding[] = [];
    const steps: Json[] = [
      { filtr: true },
      'text',
      { copy: { from: 'a[', to: 'b' } },
      { if: { then: [{ set: { '..': 1 } }] } },
      { use: { transformer: 'dubble' } },
      { remove: [] },
    ];
    const saved = (id: string) => SAVED[id];
    checkSteps(
      steps,
      {
        registry,
        place: 'route',
        saved,
        savedIds: ['double'],
        services: NO_SERVICES,
        storages: new Set(),
        clients: new Map(),
      },
      (finding) => void findings.push(finding),
    );
    expect(findings.map((finding) => `${finding.code} ${finding.path.join('/')}`)).toEqual([
      'config.unknown_transformer 0/filtr',
      'config.wrong_type 1',
      'config.invalid_path 2/copy/from',
      'config.missing_option 3/if',
      'config.invalid_path 3/if/then/0/set/..',
      'config.unknown_reference 4/use/transformer',
      'config.invalid_value 5/remove',
    ]);
  });
});

describe('every built-in transformer', () => {
  const samples: Readonly<
    Record<string, { options: Json; given: JsonObject; expect: readonly JsonObject[] }>
  > = {
    branch: { options: { at: 'l.*' }, given: { l: [{ a: 1 }, { a: 2 }] }, expect: [{ a: 1 }, { a: 2 }] },
    copy: { options: { from: 'a', to: 'b' }, given: { a: { x: 1 } }, expect: [{ a: { x: 1 }, b: { x: 1 } }] },
    defaults: { options: { b: 1 }, given: { a: 1 }, expect: [{ a: 1, b: 1 }] },
    filter: { options: { var: 'a' }, given: { a: 0 }, expect: [] },
    if: { options: { when: true, then: [{ set: { b: 1 } }] }, given: { a: 1 }, expect: [{ a: 1, b: 1 }] },
    keep: { options: ['a'], given: { a: 1, b: 1 }, expect: [{ a: 1 }] },
    map: { options: { b: '&{a}' }, given: { a: [1] }, expect: [{ b: [1] }] },
    move: { options: { from: 'a', to: 'b' }, given: { a: 1 }, expect: [{ b: 1 }] },
    remove: { options: ['a.b'], given: { a: { b: 1 } }, expect: [{ a: {} }] },
    rename: { options: { a: 'b' }, given: { a: 1 }, expect: [{ b: 1 }] },
    set: { options: { 'a.b': 1 }, given: {}, expect: [{ a: { b: 1 } }] },
    each: {
      options: { at: 'l.*', do: [{ set: { b: 1 } }] },
      given: { l: [{ a: 1 }, 2] },
      expect: [
        {
          l: [
            { a: 1, b: 1 },
            { value: 2, b: 1 },
          ],
        },
      ],
    },
    fail: { options: { message: 'no', when: false }, given: { a: 1 }, expect: [{ a: 1 }] },
    group: {
      options: { at: 'l', by: '&{k}', to: 'g' },
      given: { l: [{ k: 1 }] },
      expect: [{ l: [{ k: 1 }], g: { '1': [{ k: 1 }] } }],
    },
    merge: {
      options: { do: [{ set: { x: 1 } }], with: { a: { y: '&{x}' } } },
      given: { a: { z: 2 } },
      expect: [{ a: { z: 2, y: 1 } }],
    },
    parse: { options: { at: 'a', format: 'json' }, given: { a: '[1]' }, expect: [{ a: [1] }] },
    serialize: { options: { at: 'a', format: 'json' }, given: { a: [1] }, expect: [{ a: '[1]' }] },
    switch: {
      options: { cases: [{ when: { var: 'a' }, then: [{ set: { b: 1 } }] }] },
      given: { a: 1 },
      expect: [{ a: 1, b: 1 }],
    },
    validate: { options: { schema: { required: ['a'] } }, given: { a: 1 }, expect: [{ a: 1 }] },
  };
  /** Those that need something of a project, or remember: their examples bring it. */
  const projects = ['changed', 'lookup', 'request', 'storage.delete', 'storage.get', 'storage.set', 'use'];
  it('has a sample here, and examples of its own', () => {
    expect([...Object.keys(samples), ...projects].sort()).toEqual(Object.keys(BUILTIN_TRANSFORMERS).sort());
    const without = Object.entries<Component>(BUILTIN_TRANSFORMERS).filter(
      ([, { examples = [] }]) => examples.length === 0,
    );
    expect(without.map(([name]) => name)).toEqual([]);
  });
  const checks = Object.entries(samples).flatMap(([name, { options, given, expect: wanted }]) => {
    const component = BUILTIN_TRANSFORMERS[name as keyof typeof BUILTIN_TRANSFORMERS] as never;
    return transformerChecks({ component, options, cases: [{ given, expect: wanted }] }).map(
      (check) => [name, check.name, check] as const,
    );
  });
  const examples = projects.flatMap((name) => {
    const component = BUILTIN_TRANSFORMERS[name as keyof typeof BUILTIN_TRANSFORMERS] as Component;
    return exampleChecks(component).map((check) => [name, check.name, check] as const);
  });
  it.each([...checks, ...examples])('%s %s', async (_, __, check) => {
    await expect(check.run()).resolves.toBeUndefined();
  });
});

describe('an identity', () => {
  it('joins parts with ":" so that different parts never give the same text', () => {
    const identify = compileIdentifier(['a', 'b']);
    expect(identify({ a: 1, b: 'x' })).toBe('1:x');
    expect(identify({ a: 'x:y', b: 'z' })).toBe('x\\:y:z');
    expect(identify({ a: 'x', b: 'y:z' })).toBe('x:y\\:z');
    expect(identify({ a: 1 })).toBeUndefined();
    expect(identify({ a: 1, b: '' })).toBeUndefined();
  });

  it('has a fingerprint that does not look at the order of keys, nor at what is ignored', () => {
    expect(fingerprint({ a: 1, b: { c: 2, d: 3 } }, [])).toBe(fingerprint({ b: { d: 3, c: 2 }, a: 1 }, []));
    expect(fingerprint({ a: 1, t: 5 }, ['t'])).toBe(fingerprint({ a: 1, t: 6 }, ['t']));
    expect(fingerprint({ a: 1 }, [])).not.toBe(fingerprint({ a: '1' }, []));
    expect(canonicalJson({ b: [1, { z: 0, y: null }], a: 'é' })).toBe('{"a":"é","b":[1,{"y":null,"z":0}]}');
  });
});
