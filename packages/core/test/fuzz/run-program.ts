import { checkSteps } from '../../src/check-source.ts';
import { createCompiler, type SavedTransformer } from '../../src/compile.ts';
import { ERROR_CODES } from '../../src/error-codes.ts';
import { MillraceError } from '../../src/errors.ts';
import type { Services } from '../../src/expressions/services.ts';
import type { OptionFinding } from '../../src/findings.ts';
import type { Json, JsonObject } from '../../src/json.ts';
import { createRegistry } from '../../src/registry.ts';
import { testRun } from '../../src/testing/index.ts';
import { SAVED, STORAGES, TABLES } from './programs.ts';

const registry = createRegistry([]);
const services: Services = {
  now: () => Date.UTC(2026, 10, 25),
  tables: new Map(TABLES.map((name) => [name, new Map<string, Json>([['1', 'low']])])),
};
const saved: Readonly<Record<string, SavedTransformer>> = Object.fromEntries(
  SAVED.map((id) => [
    id,
    { parameters: { limit: { default: 3 } }, transformers: [{ set: { tidy: '@{parameters.limit}' } }] },
  ]),
);
/** Longer than any program of this size may take, on the slowest machine. */
const TOO_LONG_MS = 5_000;

/** What became of a program; thrown errors are what the language must never do. */
export type Verdict = 'refused' | 'ran' | 'failed';

const clean = Object.getOwnPropertyNames(Object.prototype).join();

function demand(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

/** An error of the language: of a known code, at a place, and not a mistake of ours in disguise. */
function demandTyped(error: unknown, located: boolean): void {
  if (!(error instanceof MillraceError)) throw error;
  demand(
    Object.hasOwn(ERROR_CODES, error.code) && error.code !== 'internal.bug',
    `code ${error.code}: ${error.message}`,
  );
  if (located) demand((error.path ?? '') !== '', `"${error.message}" has no place`);
  const causes: unknown[] = [error.cause, (error.cause as Error | undefined)?.cause];
  const bug = causes.find(
    (cause) =>
      cause instanceof ReferenceError ||
      (cause instanceof Error &&
        /Cannot (?:read|set|convert|access)|is not (?:a function|iterable|defined)|Maximum call stack/.test(
          cause.message,
        )),
  );
  if (bug) throw bug;
}

/** Checks a program; compiles and runs it where it is right. Throws where the language breaks one of its promises. */
export async function runProgram(steps: readonly Json[], data: JsonObject): Promise<Verdict> {
  const before = JSON.stringify([steps, data]);
  const started = performance.now();
  try {
    return await judge(steps, data);
  } finally {
    demand(Object.getOwnPropertyNames(Object.prototype).join() === clean, 'Object.prototype was changed');
    demand(JSON.stringify([steps, data]) === before, 'the program or its record was changed in place');
    const took = performance.now() - started;
    demand(took < TOO_LONG_MS, `took ${Math.round(took)} ms`);
  }
}

async function judge(steps: readonly Json[], data: JsonObject): Promise<Verdict> {
  const findings: OptionFinding[] = [];
  const context = {
    registry,
    place: 'route' as const,
    services,
    saved: (id: string) => (Object.hasOwn(saved, id) ? saved[id] : undefined),
    savedIds: SAVED,
    storages: new Set(STORAGES),
    clients: new Map(),
  };
  checkSteps(steps, context, (finding) => void findings.push(finding));
  for (const { code, path, message } of findings) {
    demand(Object.hasOwn(ERROR_CODES, code), `unknown code ${code}`);
    demand(path.length > 0 && message !== '', `the finding ${code} "${message}" has no place`);
  }
  const run = testRun({ entity: { type: 'ticket', id: '7' } });
  const { saved: find, place } = context;
  const compiler = createCompiler({
    registry,
    place,
    saved: find,
    services,
    log: run.log,
    resolvePath: (path) => path,
  });
  let chain: ReturnType<typeof compiler.chain>;
  try {
    chain = compiler.chain(steps);
  } catch (error) {
    demandTyped(error, false);
    demand(
      findings.some(({ severity = 'error' }) => severity === 'error'),
      `was compiled with an error that no check found: ${(error as Error).message}`,
    );
    return 'refused';
  }
  if (findings.some(({ severity = 'error' }) => severity === 'error')) return 'refused';
  try {
    const made = await chain(data, run);
    const copy = JSON.parse(JSON.stringify(made)) as unknown;
    demand(
      Array.isArray(copy) &&
        copy.every((one) => typeof one === 'object' && one !== null && !Array.isArray(one)),
      'made something that is no record',
    );
    return 'ran';
  } catch (error) {
    demandTyped(error, true);
    return 'failed';
  }
}
