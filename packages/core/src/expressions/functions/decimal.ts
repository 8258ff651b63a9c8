import { Big } from 'big.js';
import type { Json } from '../../json.ts';
import { nameOf, number, numberIn } from './arguments.ts';

/** Digits before the first or after the last that matters; nothing that people count with has more. */
const MAX_EXPONENT = 400;

/** A number, or the text of one, with all of its digits. */
export function decimal(value: Json | undefined): Big {
  const source = typeof value === 'string' ? value : number(value);
  if (typeof source === 'string' && numberIn(source) === undefined)
    throw new TypeError(`a number is wanted, not ${nameOf(value)}`);
  if (typeof source === 'number' && !Number.isFinite(source))
    throw new RangeError('the number is not finite');
  const made = new Big(typeof source === 'string' ? source.trim().replace(/^\+/, '') : source);
  if (Math.abs(made.e) > MAX_EXPONENT) throw new RangeError(`${nameOf(value)} is out of range`);
  return made;
}

/**
 * The number nearest to a decimal. Throws where it is beyond the whole numbers that a number holds exactly
 * (9,007,199,254,740,991): digits of an amount or an id would be lost without a word.
 */
export function nearestNumber(value: Big): number {
  const near = Number(value.toString());
  if (Math.abs(near) > Number.MAX_SAFE_INTEGER && !new Big(near).eq(value))
    throw new RangeError(tooLong(value.toFixed()));
  return near + 0;
}

export function tooLong(digits: string): string {
  const short = digits.length > 40 ? `${digits.slice(0, 40)}…` : digits;
  return `${short} has more digits than a number can hold; keep it as text, or round it`;
}

/** The sum of numbers as it is on paper: 0.1 and 0.2 are 0.3. */
export function exactSum(values: readonly Json[]): number {
  let plain = 0;
  for (const value of values) {
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || !Number.isSafeInteger(plain))
      return slowSum(values);
    plain += value;
  }
  return Number.isSafeInteger(plain) ? plain : slowSum(values);
}

function slowSum(values: readonly Json[]): number {
  return nearestNumber(values.reduce<Big>((sum, value) => sum.plus(decimal(value)), new Big(0)));
}
