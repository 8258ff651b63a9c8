import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import type { Transformer } from '../../src/contracts.ts';
import { defineTransformer } from '../../src/define.ts';
import { MillraceError } from '../../src/errors.ts';
import type { JsonObject } from '../../src/json.ts';
import { Options } from '../../src/schema.ts';
import { transformerChecks } from '../../src/testing/index.ts';

type Transform = Transformer['transform'];

const count: Transform = (data) => {
  const lines = data['lines'];
  if (!Array.isArray(lines)) throw new MillraceError('entity.invalid', 'there are no lines');
  return lines.length === 0 ? [] : { count: lines.length };
};

const cases = [
  { given: { lines: [1, 2] }, expect: [{ count: 2 }] },
  { given: { lines: [] }, expect: [] },
];
const failures = [{ given: { lines: 'none' }, code: 'entity.invalid' as const }];

function failed(
  transform: () => Transform,
  expected: readonly { given: JsonObject; expect: readonly JsonObject[] }[] = cases,
) {
  const component = defineTransformer({
    description: 'Counts lines.',
    options: Options({ by: Type.Number({ default: 1, description: 'Each line' }) }),
    create: () => ({ transform: transform() }),
  });
  return Promise.all(
    transformerChecks({ component, options: {}, cases: expected, failures }).map(({ name, run }) =>
      run().then(
        () => [],
        (error: Error) => [`${name}: ${error.message}`],
      ),
    ),
  ).then((all) => all.flat());
}

describe('the transformer suite', () => {
  it('passes what is right', async () => {
    expect(await failed(() => count)).toEqual([]);
  });

  const wrong: [string, RegExp, () => Transform][] = [
    [
      'changes its input',
      /Cannot (add|assign|delete)/,
      () => (data, run) => {
        (data as Record<string, unknown>)['seen'] = true;
        return count(data, run);
      },
    ],
    [
      'remembers',
      /second time/,
      () => {
        let calls = 0;
        return (data, run) => (calls++ === 0 ? count(data, run) : { count: calls + 1 });
      },
    ],
    [
      'changes what it gave before',
      /changed by the second/,
      () => {
        let given: { count: number } | undefined;
        return (data) => {
          if (given) given.count = 99;
          const lines = data['lines'];
          given = { count: Array.isArray(lines) ? lines.length : 0 };
          return given.count === 0 ? [] : given;
        };
      },
    ],
    ['drops nothing', /came out/, () => (data) => ({ count: (data['lines'] as unknown[]).length })],
    [
      'fails with another code',
      /value\.failed/,
      () => (data, run) => {
        if (typeof data['lines'] === 'string') throw new MillraceError('value.failed', 'x');
        return count(data, run);
      },
    ],
    [
      'fails with no code',
      /MillraceError/,
      () => (data) => {
        const lines = data['lines'] as { map(each: (line: unknown) => unknown): unknown[] };
        const { length } = lines.map((line) => line);
        return length === 0 ? [] : { count: length };
      },
    ],
    [
      'is broken by a bad record',
      /works on: broken/,
      () => {
        let broken = false;
        return (data, run) => {
          if (broken) throw new Error('broken');
          broken = !Array.isArray(data['lines']);
          return count(data, run);
        };
      },
    ],
  ];

  it.each(wrong)('finds a transformer that %s', async (_, sentence, transform) => {
    expect((await failed(transform)).join('\n')).toMatch(sentence);
  });

  it('finds a transformer that splits and does not say so', async () => {
    const split: Transform = (data) => (data['lines'] as JsonObject[]).map((n) => ({ n }));
    const found = await failed(() => split, [{ given: { lines: [1, 2] }, expect: [{ n: 1 }, { n: 2 }] }]);
    expect(found.join('\n')).toContain('does not say so');
  });
});
