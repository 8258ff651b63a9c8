import type { Context } from '../contracts.ts';
import type { Compiler, Evaluate } from '../define.ts';
import { MillraceError } from '../errors.ts';
import { parsePlaceholders, type Segment } from '../expressions/placeholder.ts';
import type { OptionPath, Report } from '../findings.ts';
import type { JsonObject } from '../json.ts';

/**
 * Compiles the path of a request. What its placeholders come to is URL-encoded, so that no record can lead to another
 * place than the one that is meant. Null, empty and what is no text, number or boolean: `request.missing_parameter`.
 */
export function compileRequestPath(
  source: string,
  compile: Pick<Compiler, 'value'>,
): (data: JsonObject, context: Context) => string {
  // Throws where the source is wrong.
  compile.value(source);
  const segments = parsePlaceholders(source) as readonly Segment[];
  const parts = segments.map((segment): ((data: JsonObject, context: Context) => string) => {
    if (segment.kind === 'text') return () => segment.text;
    const evaluate = compile.value(`${segment.kind}{${segment.expression}}`);
    return (data, context) => encoded(evaluate(data, context), segment.expression, source);
  });
  return (data, context) => {
    const path = parts.map((part) => part(data, context)).join('');
    if (!climbs(path)) return path;
    throw new MillraceError('request.invalid', `"${path}" cannot be a path: "." and ".." lead elsewhere`);
  };
}

function encoded(value: ReturnType<Evaluate>, expression: string, source: string): string {
  const isText = (typeof value === 'string' && value !== '') || typeof value === 'number';
  if (isText || typeof value === 'boolean') return encodeURIComponent(value as string | number | boolean);
  const what =
    value === undefined || value === null || value === '' ? 'has no value' : 'is no text and no number';
  throw new MillraceError('request.missing_parameter', `"${expression}" in the path "${source}" ${what}`, {
    hint: 'Filter such records out before, or set it in them.',
  });
}

function climbs(path: string): boolean {
  const [way = ''] = path.split(/[?#]/, 1);
  return way.split(/[/\\]/).some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment));
}

/** Reports a path that can never be asked for. */
export function checkRequestPath(path: string, report: Report, at: OptionPath): void {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(path)) {
    const hint = "Put the address into the client's file, and here only what comes below it.";
    const message = `"${path}" is a whole address: a path is below the client's`;
    report({ code: 'config.invalid_value', message, hint, path: at });
  } else if (climbs(path)) {
    report({ code: 'config.invalid_value', message: `"${path}" leads elsewhere by "." or ".."`, path: at });
  }
}
