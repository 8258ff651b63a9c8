import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';
import { MillraceError } from './errors.ts';
import { compileJmespath } from './expressions/jmespath.ts';
import { NO_SERVICES, type Services } from './expressions/services.ts';
import type { JsonObject } from './json.ts';
import { compilePattern } from './paths/pattern.ts';
import { without } from './paths/shape.ts';

/**
 * Compiles JMESPath expressions into the identifier of a record: their values joined with ":", in which ":" and "\"
 * are escaped. Undefined where a part is null or empty. Throws `config.invalid_expression`.
 */
export function compileIdentifier(
  expressions: readonly string[],
  services: Services = NO_SERVICES,
): (data: JsonObject) => string | undefined {
  const parts = expressions.map((expression) =>
    compileJmespath(expression, {
      place: 'incoming',
      services,
      at: [],
      report: (finding) => {
        throw new MillraceError(finding.code, finding.message);
      },
    }),
  );
  return (data) => {
    const values: string[] = [];
    for (const part of parts) {
      const value = part(data);
      const text = typeof value === 'string' ? value : value === null ? '' : canonicalJson(value);
      if (text === '') return undefined;
      values.push(text.replace(/[\\:]/g, '\\$&'));
    }
    return values.join(':');
  };
}

const patterns = new Map<string, ReturnType<typeof compilePattern>>();

/** SHA-256, in hex, of a record's canonical JSON, less what the patterns match. */
export function fingerprint(data: JsonObject, ignore: readonly string[]): string {
  const compiled = ignore.map((pattern) => {
    const known = patterns.get(pattern) ?? compilePattern(pattern);
    patterns.set(pattern, known);
    return known;
  });
  const rest = compiled.length === 0 ? data : without(data, compiled);
  return createHash('sha256').update(canonicalJson(rest)).digest('hex');
}
