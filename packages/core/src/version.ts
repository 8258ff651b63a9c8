import { MillraceError } from './errors.ts';
import { compileJmespath } from './expressions/jmespath.ts';
import { NO_SERVICES, type Services } from './expressions/services.ts';
import type { Json, JsonObject } from './json.ts';

const DATE = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:\.(\d+))?(Z|[+-]\d\d:?\d\d)?)?$/i;
const WHOLE = /^[+-]?\d+$/;

/**
 * Compiles a JMESPath expression into the version of a record, as {@link versionOf} writes it; undefined where the record
 * has none. Throws `config.invalid_expression`.
 */
export function compileVersion(
  expression: string,
  services: Services = NO_SERVICES,
): (data: JsonObject) => string | undefined {
  const evaluate = compileJmespath(expression, {
    place: 'incoming',
    services,
    at: [],
    report: (finding) => {
      throw new MillraceError(finding.code, finding.message);
    },
  });
  return (data) => versionOf(evaluate(data));
}

/**
 * A version as a text that the store can keep: a number (also one in a text), a date and time (without a zone: UTC; to
 * its last digit), or any other text. Undefined for what is none of these.
 */
export function versionOf(value: Json): string | undefined {
  if (typeof value === 'number') return `n${value}`;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const text = value.trim();
  if (WHOLE.test(text)) return `n${BigInt(text.replace(/^\+/, ''))}`;
  return dateVersion(text) ?? `t${text}`;
}

function dateVersion(text: string): string | undefined {
  const [found, day = '', time = '00:00', fraction = '', zone = 'Z'] = DATE.exec(text) ?? [];
  if (found === undefined) return undefined;
  const seconds = Date.parse(`${day}T${time.length === 5 ? `${time}:00` : time}${zone.toUpperCase()}`) / 1000;
  return Number.isNaN(seconds) ? undefined : `d${seconds}.${fraction.replace(/0+$/, '')}`;
}

/** Whether a version came before another one. Versions of different kinds cannot be compared: then it did not. */
export function isOlder(version: string, than: string): boolean {
  const [kind, other] = [version[0], than[0]];
  if (kind !== other) return false;
  const [left, right] = [version.slice(1), than.slice(1)];
  if (kind === 't') return left < right;
  if (kind === 'n') return compareNumbers(left, right) < 0;
  const [seconds = '', fraction = ''] = left.split('.');
  const [otherSeconds = '', otherFraction = ''] = right.split('.');
  // Fractions of different lengths order as texts do: 5 is .500.
  return seconds === otherSeconds ? fraction < otherFraction : Number(seconds) < Number(otherSeconds);
}

function compareNumbers(left: string, right: string): number {
  if (!WHOLE.test(left) || !WHOLE.test(right)) return Number(left) - Number(right);
  const [a, b] = [BigInt(left), BigInt(right)];
  return a < b ? -1 : a > b ? 1 : 0;
}
