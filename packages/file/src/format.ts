import { MillraceError, type OptionFinding, type ProjectFiles, type Report } from '@millrace/core';
import { Type } from 'typebox';

export type Format = 'ndjson' | 'csv';

const ENDINGS: Readonly<Record<string, Format>> = { ndjson: 'ndjson', jsonl: 'ndjson', csv: 'csv' };

/** The format that the option names, or the ending of the file; undefined where neither does. */
export function formatOf(path: string, given: Format | undefined): Format | undefined {
  return given ?? ENDINGS[/\.([^./\\]+)$/.exec(path)?.[1]?.toLowerCase() ?? ''];
}

/** Reports a file that does not lie in the project. */
export function checkPlace(path: string, report: Report, files: ProjectFiles | undefined): void {
  try {
    files?.resolvePath(path);
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    const { code, message, hint } = error;
    report({ code, message, ...(hint !== undefined && { hint }), path: ['path'] });
  }
}

/** Reports a file whose format cannot be told. */
export function checkFormat(
  { path, format }: { readonly path: string; readonly format?: Format },
  report: Report,
): void {
  if (formatOf(path, format)) return;
  const finding: OptionFinding = {
    code: 'config.missing_option',
    message: `The ending of "${path}" does not tell the format`,
    hint: 'Add format: ndjson or format: csv, or let the file end in .ndjson, .jsonl or .csv.',
    path: ['path'],
  };
  report(finding);
}

/** Options that reading and writing have in common. */
export const PATH = Type.String({ minLength: 1, description: 'The file, relative to the project folder' });
export const FORMAT = Type.Optional(
  Type.Unsafe<Format>({
    type: 'string',
    enum: ['ndjson', 'csv'],
    description: 'Default: by the ending of the file: .ndjson, .jsonl or .csv',
  }),
);
export const DELIMITER = Type.String({
  default: ',',
  pattern: '^[^"\\r\\n]$',
  description: 'CSV: what separates the cells, one character',
});
