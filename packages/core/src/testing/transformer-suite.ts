import { isDeepStrictEqual } from 'node:util';
import type { Client, Transformer } from '../contracts.ts';
import type { Component } from '../define.ts';
import type { ErrorCode } from '../error-codes.ts';
import type { Json, JsonObject } from '../json.ts';
import { type Check, deepFreeze, demand, rejection } from './check.ts';
import { exampleChecks } from './examples.ts';
import { optionChecks, readyOptions } from './option-checks.ts';
import { testDependencies, testRun } from './test-run.ts';

export interface TransformerSubject {
  readonly component: Component;
  readonly options: Json;
  /** Clients that the options name, by their ids. Called for each transformer that is made. */
  readonly clients?: () => Promise<Readonly<Record<string, Client>>>;
  /** Records, and what comes of each. */
  readonly cases: readonly { readonly given: JsonObject; readonly expect: readonly JsonObject[] }[];
  /** Records that fail, and the code of the error. */
  readonly failures?: readonly { readonly given: JsonObject; readonly code: ErrorCode }[];
}

/** What every transformer must do. */
export function transformerChecks(subject: TransformerSubject): Check[] {
  const { component, cases, failures = [] } = subject;
  /** Each record by a transformer of its own, unless one is given. */
  const apply = async (given: JsonObject, one?: Transformer) => {
    const transformer = one ?? (await make(subject));
    const made = await transformer.transform(given, testRun({ entity: { type: 'test', id: '1' } }));
    return Array.isArray(made) ? (made as readonly JsonObject[]) : [made as JsonObject];
  };
  return [
    ...optionChecks(component),
    ...exampleChecks(component),
    ...cases.map(({ given, expect }, index) => ({
      name: `makes what is expected of record ${index + 1}, again and again, and leaves it as it was`,
      run: async () => {
        const transformer = await make(subject);
        const record = deepFreeze(structuredClone(given));
        const made = await apply(record, transformer);
        demand(
          isDeepStrictEqual(made, expect),
          `${JSON.stringify(made)} came out, not ${JSON.stringify(expect)}`,
        );
        demand(
          component.splits === true || made.length <= 1,
          'it makes several records of one, and does not say so (splits)',
        );
        const kept = structuredClone(made);
        const again = await apply(structuredClone(given), transformer);
        demand(isDeepStrictEqual(again, kept), 'the same record gave something else the second time');
        demand(isDeepStrictEqual(made, kept), 'what came out first was changed by the second time');
        demand(isDeepStrictEqual(record, given), 'the record itself was changed');
      },
    })),
    ...failures.map(({ given, code }, index) => ({
      name: `fails on bad record ${index + 1} with ${code}, and works on`,
      run: async () => {
        const transformer = await make(subject);
        const error = await rejection(
          apply(deepFreeze(structuredClone(given)), transformer),
          'it did not fail',
        );
        demand(error.code === code, `the error is ${error.code}, not ${code}: ${error.message}`);
        const [good] = cases;
        if (good)
          demand(
            isDeepStrictEqual(await apply(good.given, transformer), good.expect),
            'a good record failed after a bad one',
          );
      },
    })),
  ];
}

async function make({ component, options, clients }: TransformerSubject): Promise<Transformer> {
  demand(component.kind === 'transformer', `the component is a ${component.kind}, not a transformer`);
  const create = component.create as (options: unknown, dependencies: unknown) => Transformer;
  return create(
    readyOptions(component.options, options),
    testDependencies('route', testRun(), undefined, undefined, await clients?.()),
  );
}
