import type { MaybePromise, Transformer } from '../contracts.ts';
import type { ErrorCode } from '../error-codes.ts';
import { MillraceError } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';
import { setAt } from '../paths/path.ts';
import { compilePattern, compileTarget } from '../paths/pattern.ts';
import { andThen } from '../sequence.ts';

/** Puts what a function makes of each matched node in its place, or at the target. Null is left as it is. */
export function convertNodes(
  { at, to }: { readonly at: string; readonly to?: string },
  prepare: () => MaybePromise<(value: Json) => Json>,
  failure: { readonly code: ErrorCode; readonly what: string },
): Transformer {
  const pattern = compilePattern(at);
  const target = to === undefined ? undefined : compileTarget(to);
  const convertAll = (data: JsonObject, convert: (value: Json) => Json) =>
    pattern.match(data).reduce((record, match) => {
      if (match.value === null) return record;
      try {
        return setAt(record, target?.(match) ?? match.path, convert(match.value));
      } catch (cause) {
        if (cause instanceof MillraceError) throw cause;
        const reason = cause instanceof Error ? cause.message : String(cause);
        const where = match.path.length === 0 ? 'The record' : `"${match.path.join('.')}"`;
        throw new MillraceError(failure.code, `${where} ${failure.what}: ${reason}`, { cause });
      }
    }, data);
  return { transform: (data) => andThen(prepare(), (convert) => convertAll(data, convert)) };
}
