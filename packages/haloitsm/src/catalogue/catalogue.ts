import { readFileSync } from 'node:fs';
import { distance } from 'fastest-levenshtein';
import type { Method, Operation, Parameter } from './operation.ts';

interface CatalogueFile {
  readonly title: string;
  readonly version: string;
  readonly queries: readonly string[];
  readonly operations: readonly (readonly [string, string, string, number, string, string])[];
}

const TYPES: Readonly<Record<string, Parameter['type']>> = {
  s: 'string',
  i: 'integer',
  n: 'number',
  b: 'boolean',
  d: 'date-time',
  l: 'integers',
};

let loaded:
  | { readonly list: readonly Operation[]; readonly byKey: ReadonlyMap<string, Operation> }
  | undefined;

function load() {
  if (loaded) return loaded;
  const file = JSON.parse(
    readFileSync(new URL('../../catalogue.json', import.meta.url), 'utf8'),
  ) as CatalogueFile;
  const queries = file.queries.map(once(readParameters));
  const list = file.operations.map(([method, path, parameters, query, envelope, body]): Operation => {
    const pathParameters = readParameters(parameters)();
    return {
      method: method as Method,
      path,
      pathParameters,
      get query() {
        return queries[query]?.() ?? [];
      },
      pages: /(?:^| )pageinate:/.test(file.queries[query] ?? ''),
      ...(envelope !== '' && { envelope }),
      ...(body !== '' && { body: body as NonNullable<Operation['body']> }),
    };
  });
  loaded = {
    list,
    byKey: new Map(list.map((operation) => [keyOf(operation.method, operation.path), operation])),
  };
  return loaded;
}

function once(make: (text: string) => () => readonly Parameter[]) {
  return (text: string) => {
    let made: readonly Parameter[] | undefined;
    return () => {
      made ??= make(text)();
      return made;
    };
  };
}

function readParameters(text: string): () => readonly Parameter[] {
  return () =>
    text === ''
      ? []
      : text.split(' ').map((pair) => {
          const colon = pair.lastIndexOf(':');
          return { name: pair.slice(0, colon), type: TYPES[pair.slice(colon + 1)] ?? 'other' };
        });
}

function keyOf(method: Method, path: string): string {
  return `${method} ${path.toLowerCase()}`;
}

/** Every operation of the catalogue, in order of their paths. */
export function operations(): readonly Operation[] {
  return load().list;
}

/** The operation of a path as the catalogue writes it (`Actions/{id}`), in any letter case. */
export function findOperation(method: Method, path: string): Operation | undefined {
  return load().byKey.get(keyOf(method, path.replace(/^\/+/, '')));
}

/** The names of the three operations of a method that are nearest to a name. */
export function nearestOperations(method: Method, name: string): readonly string[] {
  const wanted = name.toLowerCase();
  const paths = operations()
    .filter((operation) => operation.method === method)
    .map((operation) => operation.path);
  // A path that begins with the name is nearer than one that shares letters with it.
  const score = (path: string) => distance(wanted, path) - (path.startsWith(wanted) ? wanted.length : 0);
  return paths
    .map((path) => ({ path, score: score(path.toLowerCase()) }))
    .sort((a, b) => a.score - b.score)
    .slice(0, 3)
    .map(({ path }) => path);
}
