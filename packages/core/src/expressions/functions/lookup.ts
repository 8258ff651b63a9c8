import { MillraceError } from '../../errors.ts';
import type { Json } from '../../json.ts';
import { suggestion } from '../../option-findings.ts';
import { ReferenceTable } from '../../references/reference-table.ts';
import type { LookupTable, Services } from '../services.ts';
import { absent, text } from './arguments.ts';
import type { Call, LanguageFunction } from './function.ts';
import { keyText } from './lists.ts';

function tableOf(name: Json | undefined, services: Services): LookupTable {
  const table = services.tables.get(text(name));
  if (!table) throw new TypeError(`there is no lookup table "${text(name)}"`);
  return table;
}

function find(table: LookupTable, key: Json | undefined, otherwise: Json | undefined): Json {
  const found = absent(key) ? undefined : table.get(keyText(key));
  return found ?? otherwise ?? null;
}

/** A table that stands in the file is found once; a name of another system that does is one that it knows. */
function prepareLookup(known: readonly (Json | undefined)[], services: Services): Call | undefined {
  const [name, wanted] = known;
  if (name === undefined) return undefined;
  const id = text(name);
  const table = services.tables.get(id);
  // Where there is a default, a name may be unknown.
  if (table instanceof ReferenceTable && known.length === 2 && !absent(wanted))
    table.checkName(id, keyText(wanted));
  if (table) return ([, key, otherwise]) => find(table, key, otherwise);
  throw new MillraceError('config.unknown_reference', `There is no lookup table "${id}"`, {
    hint: suggestion(id, [...services.tables.keys()], 'there is'),
  });
}

export const LOOKUP_FUNCTIONS: Readonly<Record<string, LanguageFunction>> = {
  lookup: {
    description:
      'What a table of `lookups/` or `references/` holds for a key, which is compared as text; the default, or null, where it holds nothing. The transformer `lookup` can fail instead.',
    parameters: ['table', 'key', 'default'],
    required: 2,
    examples: [
      [['priorities', 1], 'high'],
      [['priorities', 9], null],
      [['priorities', 9, 'none'], 'none'],
    ],
    prepare: prepareLookup,
    call: ([name, key, otherwise], services) => find(tableOf(name, services), key, otherwise),
  },
};
