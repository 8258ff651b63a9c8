import { Condition, Duration, Options, Steps, StorageName, Values } from '@millrace/core';
import { type Static, type TProperties, Type } from 'typebox';
import type { ChangeFilter } from './changes.ts';

const entity = Type.String({
  minLength: 1,
  description: 'The operation: its path, such as Tickets or Actions/{id}',
});

const parameters = (on: string) =>
  Type.Optional(
    Options(
      {
        path: Type.Optional(Values({ description: `Values for the parameters in the path${on}` })),
        query: Type.Optional(Values({ description: `The query string${on}` })),
      },
      { description: 'What the request is made of' },
    ),
  );

const pageSize = Type.Integer({
  minimum: 1,
  default: 100,
  description: 'Records to ask for at a time; Halo gives 100 at most',
});

const incremental = Type.Optional(
  Options(
    {
      field: Type.String({
        minLength: 1,
        description: 'Date field that says when a record changed, such as last_update',
      }),
      overlap: Duration({
        default: '5m',
        description: 'How far before the last news reading begins again',
      }),
      filter: Type.Optional(
        Type.Unsafe<ChangeFilter>({
          type: 'string',
          enum: ['lastupdatefromdate', 'datesearch', 'order'],
          description: 'How Halo is asked for changes; without it by the best that the operation has',
        }),
      ),
      full: Type.Optional(
        Duration({ description: 'How often everything is read all the same, such as 7d; without it never' }),
      ),
    },
    { description: 'Reads what changed since the last run only; without it, everything' },
  ),
);

const concurrency = (what: string) =>
  Type.Integer({ minimum: 1, maximum: 50, default: 4, description: `${what} in flight at a time` });

const forEach = <Inner extends TProperties>(inner: Inner) =>
  Type.Optional(
    Options(
      {
        entity: Type.String({ minLength: 1, description: 'The operation that lists the parents: Tickets' }),
        parameters: parameters(''),
        pageSize,
        incremental,
        when: Type.Optional(
          Condition({ description: 'Only parents for which this is true have their children read' }),
        ),
        keep: Type.Optional(
          Values({
            description: 'What each child is given of its parent: a field, and a value of the parent',
          }),
        ),
        concurrency: concurrency('Requests for children'),
        ...inner,
      },
      { description: 'Reads the records of each record of another list: the actions of tickets' },
    ),
  );

const Hydrate = Options({
  operation: Type.Optional(
    Type.String({
      minLength: 1,
      description: 'The operation that gives one record, where it is not that of the list with /{id}',
    }),
  ),
  parameters: parameters(', evaluated on the row; added to those that are taken for granted'),
  concurrency: concurrency('Requests for details'),
  remember: Type.Optional(
    StorageName({
      description: 'Storage in which versions are remembered: a row that is as it was is not fetched again',
    }),
  ),
});

export type HydrateOptions = Static<typeof Hydrate>;

export const SubscriberOptions = Options({
  entity,
  parameters: parameters('; with forEach evaluated on the parent'),
  input: Steps({ default: [], description: 'Transformers that run on {path, query} before the request' }),
  pageSize,
  incremental,
  forEach: forEach({ forEach: forEach({}) }),
  hydrate: Type.Optional(
    Type.Unsafe<boolean | HydrateOptions>({
      type: ['boolean', 'object'],
      // A choice by type: only the matching form's mistakes are reported.
      if: { type: 'boolean' },
      else: Hydrate,
      description: 'Fetches the single object of each record, which holds more than its row in the list',
    }),
  ),
  strict: Type.Boolean({
    default: true,
    description: 'false lets paths through that the catalogue does not know',
  }),
});

export type SubscriberSettings = Static<typeof SubscriberOptions>;
type Outermost = NonNullable<SubscriberSettings['forEach']>;
/** The parents of a list, and theirs. */
export type ForEachOptions = Omit<Outermost, 'forEach'> & { readonly forEach?: ForEachOptions };

/** A list to be read: the records themselves, or what they are children of. */
export interface ListOptions {
  readonly entity: string;
  readonly parameters?: ForEachOptions['parameters'];
  readonly pageSize: number;
  readonly incremental?: SubscriberSettings['incremental'];
}

/** The lists that lead to the records, the outermost first, each with where it stands in the options. */
export function listsOf(options: SubscriberSettings): readonly {
  readonly list: ListOptions;
  readonly at: readonly string[];
}[] {
  const parents: ForEachOptions[] = [];
  for (let one = options.forEach as ForEachOptions | undefined; one; one = one.forEach) parents.push(one);
  const depth = (index: number) => Array.from({ length: index }, () => 'forEach');
  return [options as ListOptions, ...parents].map((list, index) => ({ list, at: depth(index) })).reverse();
}

/** The options of `hydrate: true` and of its long form alike; undefined where there is none. */
export function hydrateOf({ hydrate }: Pick<SubscriberSettings, 'hydrate'>): HydrateOptions | undefined {
  if (hydrate === undefined || hydrate === false) return undefined;
  return hydrate === true ? { concurrency: 4 } : hydrate;
}
