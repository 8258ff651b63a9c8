import type { Json } from '../../json.ts';
import type { Format } from './format.ts';

/** A number with so many digits may be one that a JavaScript number cannot hold. */
const LONG_NUMBER = /\d{16}/;

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

/** Whole numbers that would be written with other digits stay texts. */
const keepDigits: Reviver = (_, value, { source }) => {
  if (typeof value !== 'number' || source === undefined || !/^-?\d{16,}$/.test(source)) return value;
  return String(value) === source ? value : source;
};

export const json: Format = {
  parse: (text) =>
    JSON.parse(
      text,
      LONG_NUMBER.test(text) ? (keepDigits as Parameters<typeof JSON.parse>[1]) : undefined,
    ) as Json,
  serialize: (value, { indent = 0 }) => JSON.stringify(value, null, indent),
};
