import { parsePlaceholders } from '../expressions/placeholder.ts';
import type { Services } from '../expressions/services.ts';
import type { JsonObject } from '../json.ts';
import { ReferenceTable } from './reference-table.ts';

/**
 * Checks the key of a transformer `lookup` where it is a name that stands in the file. Throws `config.unknown_name` and
 * `config.ambiguous_name`; not where the options say what becomes of a name that is unknown.
 */
export function checkLookupName(options: JsonObject, { tables }: Services): void {
  const { table: id, key, default: fallback, onMissing } = options;
  const table = tables.get(String(id));
  if (!(table instanceof ReferenceTable) || fallback !== undefined || onMissing === 'drop') return;
  if (typeof key !== 'string') return;
  const segments = parsePlaceholders(key);
  const [first] = segments;
  if (typeof segments === 'string' || segments.length > 1 || typeof first === 'string') return;
  if (first?.kind === 'text') table.checkName(String(id), first.text);
}
