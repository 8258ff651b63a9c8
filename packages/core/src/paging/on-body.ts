import type { Context } from '../contracts.ts';
import type { Compiler } from '../define.ts';
import type { Json, JsonObject } from '../json.ts';

// Expressions on answers have no entity, and no context but the run's.
const NO_CONTEXT = { run: { id: '', startedAt: '' } } as const satisfies Context;

/** Compiles a JMESPath expression on the body of an answer, whatever it is; null where it leads nowhere. */
export function compileOnBody(
  expression: string,
  compile: Pick<Compiler, 'value'>,
): (body: Json | undefined) => Json {
  const evaluate = compile.value(`&{${expression}}`);
  return (body) => evaluate((body ?? null) as JsonObject, NO_CONTEXT) ?? null;
}
