import type { TSchema } from 'typebox';
import { MillraceError } from '../errors.ts';
import type { OptionFinding } from '../findings.ts';
import type { Json, JsonObject } from '../json.ts';
import { checkOptions } from '../options.ts';
import { describe } from './test-run.ts';

/** One thing that a component must do. Rejects, with a sentence, where it does not. */
export interface Check {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/** A text that stands where a secret does: found anywhere else, it leaked. */
export const CANARY = 'canary-3f9c1d77e0';

/** Throws with a sentence where a condition does not hold. */
export function demand(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new Error(sentence);
}

/** The options with defaults filled, as a component gets them. Throws where they do not pass the schema. */
export function readyOptions(schema: TSchema, options: Json): JsonObject {
  const findings: OptionFinding[] = [];
  const ready = checkOptions(schema, options, (finding) => void findings.push(finding));
  const told = findings.map((finding) => `${finding.path.join('.')}: ${finding.message}`).join('; ');
  demand(ready !== undefined, `the options do not pass their own schema: ${told}`);
  return ready as JsonObject;
}

interface Described {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Described>>;
  readonly additionalProperties?: unknown;
  readonly type?: unknown;
}

/** What holds for the options of every component. */
export function optionChecks(component: {
  readonly description: string;
  readonly options: TSchema;
}): Check[] {
  return [
    {
      name: 'says what it is, and what each option does',
      run: async () => {
        demand(component.description.length > 0, 'the component has no description');
        const missing = undescribed(component.options as Described, '');
        demand(missing.length === 0, `these options have no description: ${missing.join(', ')}`);
      },
    },
    {
      name: 'refuses an option that it does not have',
      run: async () => {
        const schema = component.options as Described;
        // Free keys, as of a map, are no options.
        if (schema.type !== 'object' || typeof schema.additionalProperties === 'object') return;
        const findings: OptionFinding[] = [];
        checkOptions(component.options, { noSuchOption: 1 }, (finding) => void findings.push(finding));
        const found = findings.some((finding) => finding.code === 'config.unknown_option');
        demand(found, 'an unknown option was accepted: set additionalProperties to false');
      },
    },
  ];
}

function undescribed(schema: Described, path: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const here = path === '' ? name : `${path}.${name}`;
    const own = property.description || property.properties ? [] : [here];
    return [...own, ...undescribed(property, here)];
  });
}

/** Awaits a rejection and gives its error. */
export async function rejection(work: Promise<unknown>, sentence: string): Promise<MillraceError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  demand(error !== undefined, sentence);
  demand(
    error instanceof MillraceError,
    `an error of the system must be a MillraceError, not: ${describe(error)}`,
  );
  return error;
}

export function demandNoCanary(texts: readonly string[]): void {
  const leak = texts.find((text) => text.includes(CANARY));
  demand(leak === undefined, `a secret leaked into: ${leak?.replaceAll(CANARY, '***').slice(0, 200)}`);
}

/** Fails instead of waiting for ever. */
export async function within<T>(milliseconds: number, work: Promise<T>, sentence: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(sentence)), milliseconds);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
