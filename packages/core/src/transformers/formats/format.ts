import { Type } from 'typebox';
import type { Report } from '../../findings.ts';
import { FORBIDDEN_KEYS, isObject, type Json } from '../../json.ts';

/** What the formats can be told; each takes its own only. */
export interface FormatOptions {
  readonly delimiter?: string;
  readonly header?: boolean;
  readonly columns?: readonly string[];
  readonly indent?: number;
  readonly attributes?: string;
  readonly lists?: readonly string[];
  readonly root?: string;
  readonly declaration?: boolean;
}

/** Text to data and back. Both throw an error whose message says why it cannot be done. */
export interface Format {
  parse(text: string, options: FormatOptions): Json;
  serialize(value: Json, options: FormatOptions): string;
}

/** The formats, with the options that each of them takes. */
const OPTIONS = {
  json: ['indent'],
  csv: ['delimiter', 'header', 'columns'],
  xml: ['attributes', 'lists', 'root', 'declaration', 'indent'],
  base64: [],
  url: [],
} as const satisfies Record<string, readonly (keyof FormatOptions)[]>;

export type FormatName = keyof typeof OPTIONS;

export const FORMAT = Type.Unsafe<FormatName>({
  type: 'string',
  enum: Object.keys(OPTIONS),
  description: 'The format; `url` is that of a query string and of a form',
});
export const DELIMITER = Type.Optional(
  Type.String({
    minLength: 1,
    maxLength: 1,
    description: 'CSV: what stands between cells; a comma where not given',
  }),
);
export const COLUMNS = (description: string) =>
  Type.Optional(
    Type.Unsafe<readonly string[]>({
      type: 'array',
      items: { type: 'string', minLength: 1 },
      minItems: 1,
      uniqueItems: true,
      description,
    }),
  );
export const ATTRIBUTES = Type.Optional(
  Type.String({
    // A name cannot begin so: keys of elements and of attributes are never the same.
    pattern: '^[^\\p{L}_:#]',
    description: 'XML: what a key begins with that is an attribute, such as `@`, which it is where not given',
  }),
);

/** Reports options that belong to another format. */
export function checkFormat(
  { format, ...given }: { readonly format: FormatName } & object,
  report: Report,
): void {
  const own: readonly string[] = OPTIONS[format];
  const all = new Set<string>(Object.values(OPTIONS).flat());
  for (const name of Object.keys(given)) {
    if (!all.has(name) || own.includes(name)) continue;
    const message = `The format ${format} has no option "${name}"`;
    report({ code: 'config.unknown_option', message, hint: 'Remove it.', path: [name], atKey: true });
  }
}

/** Throws where a key would reach a prototype, at any depth. */
export function refuseForbidden(value: Json): Json {
  if (Array.isArray(value)) for (const member of value as readonly Json[]) refuseForbidden(member);
  if (isObject(value)) {
    for (const [key, member] of Object.entries(value)) {
      if (FORBIDDEN_KEYS.has(key)) throw new Error(`"${key}" cannot be a key`);
      refuseForbidden(member);
    }
  }
  return value;
}
