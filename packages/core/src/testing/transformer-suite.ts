import { isDeepStrictEqual } from 'node:util';
import type { TransformerDefinition } from '../define.ts';
import type { Json, JsonObject } from '../json.ts';
import { checkOptions } from '../options.ts';
import { type Check, demand, optionChecks } from './check.ts';
import { testDependencies, testRun } from './test-run.ts';

export interface TransformerSubject {
  readonly component: TransformerDefinition<never>;
  readonly options: Json;
  /** Records, and what comes of each. */
  readonly cases: readonly { readonly given: JsonObject; readonly expect: readonly JsonObject[] }[];
}

/** What every transformer must do. */
export function transformerChecks({ component, options, cases }: TransformerSubject): Check[] {
  const apply = async (given: JsonObject): Promise<readonly JsonObject[]> => {
    const ready = checkOptions(component.options, options, (finding) => {
      throw new Error(finding.message);
    });
    const run = testRun({ entity: { type: 'test', id: '1' } });
    const transformer = component.create(ready as never, testDependencies('route', run));
    const made = await transformer.transform(given, run);
    return Array.isArray(made) ? made : [made as JsonObject];
  };
  return [
    ...optionChecks(component),
    ...cases.map(({ given, expect }, index) => ({
      name: `makes what is expected of record ${index + 1}, again and again, and leaves it as it was`,
      run: async () => {
        const before = structuredClone(given);
        const made = await apply(deepFreeze(structuredClone(given)));
        demand(
          isDeepStrictEqual(made, expect),
          `${JSON.stringify(made)} came out, not ${JSON.stringify(expect)}`,
        );
        demand(
          isDeepStrictEqual(await apply(given), made),
          'the same record gave something else the second time',
        );
        demand(isDeepStrictEqual(given, before), 'the record itself was changed');
        demand(
          component.splits === true || made.length <= 1,
          'it makes several records of one, and does not say so (splits)',
        );
      },
    })),
  ];
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
