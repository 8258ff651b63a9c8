import { checkSteps } from '../../src/check-source.ts';
import { createCompiler, type SavedTransformer } from '../../src/compile.ts';
import type { RunContext } from '../../src/contracts.ts';
import { MillraceError } from '../../src/errors.ts';
import type { Place } from '../../src/expressions/scope.ts';
import type { OptionFinding } from '../../src/findings.ts';
import type { Json, JsonObject } from '../../src/json.ts';
import { createRegistry } from '../../src/registry.ts';
import { testRun } from '../../src/testing/index.ts';

/** What is around a chain in these tests. */
export interface Around {
  readonly place?: Place;
  readonly tables?: Readonly<Record<string, JsonObject>>;
  readonly saved?: Readonly<Record<string, SavedTransformer>>;
  readonly files?: Readonly<Record<string, string>>;
}

function project({ place = 'route', tables = {}, saved = {}, files = {} }: Around) {
  const readFile = (path: string) => {
    const text = files[path];
    if (text === undefined) throw new MillraceError('config.unreadable', `There is no file "${path}"`);
    return text;
  };
  return {
    registry: createRegistry([]),
    place,
    saved: (id: string) => saved[id],
    savedIds: Object.keys(saved),
    services: {
      now: () => 0,
      tables: new Map(Object.entries(tables).map(([id, table]) => [id, new Map(Object.entries(table))])),
    },
    storages: new Set(['memory']),
    clients: new Map(),
    resolvePath: (path: string) => path,
    readFile,
  };
}

/** Takes one record through steps. Compiles them anew each time. */
export async function apply(
  steps: readonly Json[],
  data: JsonObject,
  around: Around = {},
  run: RunContext = testRun({ entity: { type: 'ticket', id: '7' } }),
): Promise<readonly JsonObject[]> {
  return createCompiler({ ...project(around), log: run.log }).chain(steps)(data, run);
}

/** `code path message` of what a static check finds. */
export function check(steps: readonly Json[], around: Around = {}): string[] {
  const findings: OptionFinding[] = [];
  const { resolvePath, readFile, ...rest } = project(around);
  checkSteps(steps, { ...rest, files: { resolvePath, readFile } }, (one) => void findings.push(one));
  return findings.map(({ code, path, message }) => `${code} ${path.join('/')} ${message}`);
}

/** Code and path of the error that a record fails with. */
export async function failure(
  steps: readonly Json[],
  data: JsonObject,
  around: Around = {},
): Promise<{
  readonly code: string;
  readonly path: string | undefined;
  readonly message: string;
  readonly data: unknown;
}> {
  const thrown: unknown = await apply(steps, data, around).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof MillraceError)) throw new Error(`no error of ours: ${String(thrown)}`);
  const { code, path, message, data: facts } = thrown;
  return { code, path, message, data: facts };
}
