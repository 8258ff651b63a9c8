// What a catalogue says otherwise than the one before it.
import type { FieldFile } from './fields.ts';

/** Method, path, parameters of the path, index of the query, envelope, body. */
export type OperationRow = readonly [string, string, string, number, string, string];

export interface CatalogueFile {
  readonly title: string;
  readonly version: string;
  readonly queries: readonly string[];
  readonly operations: readonly OperationRow[];
}

/** A line for each operation that is new (+), gone (-) or other (~), and for each schema whose fields are others. */
export function changesBetween(
  before: { readonly catalogue: CatalogueFile; readonly fields: FieldFile },
  after: { readonly catalogue: CatalogueFile; readonly fields: FieldFile },
): readonly string[] {
  const [old, now] = [byName(before.catalogue), byName(after.catalogue)];
  const added = [...now.keys()].filter((name) => !old.has(name)).map((name) => `+ ${name}`);
  const gone = [...old.keys()].filter((name) => !now.has(name)).map((name) => `- ${name}`);
  const others = [...now].flatMap(([name, operation]) => {
    const known = old.get(name);
    const changes = known ? operationChanges(known, operation) : [];
    return changes.length > 0 ? [`~ ${name}: ${changes.join(', ')}`] : [];
  });
  const schemas = Object.entries(after.fields.schemas).flatMap(([name, text]) => {
    const known = before.fields.schemas[name];
    const changes = known === undefined ? [] : pairChanges(known, text);
    return changes.length > 0 ? [`~ fields of ${name}: ${changes.join(', ')}`] : [];
  });
  return [...added, ...gone, ...others, ...schemas];
}

interface Described {
  readonly query: string;
  readonly path: string;
  readonly envelope: string;
  readonly body: string;
}

function byName({ queries, operations }: CatalogueFile): ReadonlyMap<string, Described> {
  return new Map(
    operations.map(([method, name, path, query, envelope, body]) => [
      `${method} ${name}`,
      { query: queries[query] ?? '', path, envelope, body },
    ]),
  );
}

function operationChanges(before: Described, after: Described): readonly string[] {
  const word = (what: string, old: string, now: string) =>
    old === now ? [] : [`${what} ${old || 'none'} is ${now || 'none'}`];
  return [
    ...pairChanges(before.path, after.path),
    ...pairChanges(before.query, after.query),
    ...word('body', before.body, after.body),
    ...word('rows under', before.envelope, after.envelope),
  ];
}

/** Of `name:type` pairs. */
function pairChanges(before: string, after: string): readonly string[] {
  const [old, now] = [pairs(before), pairs(after)];
  return [
    ...[...now].filter(([name]) => !old.has(name)).map(([name]) => `+${name}`),
    ...[...old].filter(([name]) => !now.has(name)).map(([name]) => `-${name}`),
    ...[...now]
      .filter(([name, type]) => old.has(name) && old.get(name) !== type)
      .map(([name, type]) => `${name} ${old.get(name)} is ${type}`),
  ];
}

function pairs(text: string): ReadonlyMap<string, string> {
  return new Map(
    text
      .split(' ')
      .filter(Boolean)
      .map((pair) => [pair.slice(0, pair.lastIndexOf(':')), pair.slice(pair.lastIndexOf(':') + 1)]),
  );
}
