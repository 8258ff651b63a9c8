import { readFile } from 'node:fs/promises';
import { shownPath } from '../source.ts';
import { TableBuilder, type TableFile } from './table.ts';
import { readYamlTable } from './yaml-table.ts';

/** Reads a file of `lookups/`: YAML, JSON or CSV by its name. Everything that is wrong with it comes as findings. */
export async function readTable(path: string, cwd: string): Promise<TableFile> {
  const builder = new TableBuilder(shownPath(path, cwd));
  let text: string;
  try {
    text = (await readFile(path, 'utf8')).replace(/^\uFEFF/, '');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    builder.report('config.unreadable', `The file cannot be read: ${code}`, undefined, {});
    return builder.done();
  }
  // Most projects have none: its library is loaded with the first.
  if (path.endsWith('.csv')) (await import('./csv-table.ts')).readCsvTable(text, builder);
  else if (!path.endsWith('.json') || isJson(text, builder)) readYamlTable(text, builder);
  return builder.done();
}

/** JSON is YAML, too: once it is known to be JSON, it is read as YAML, which knows the places of its keys. */
function isJson(text: string, builder: TableBuilder): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    const { message } = error as Error;
    const [, line, column] = /\(line (\d+) column (\d+)\)/.exec(message) ?? [];
    const end = text.trimEnd().split('\n');
    const place = line
      ? { line: Number(line), column: Number(column) }
      : { line: end.length, column: (end.at(-1)?.length ?? 0) + 1 };
    const reason = message.replace(/ in JSON at position .*$/s, '');
    builder.report('config.syntax', `Not valid JSON: ${reason}`, undefined, place);
    return false;
  }
}
