import { ClientName, Duration, Expression, Options, Steps, StorageName, Value, Values } from '@millrace/core';
import { type Static, Type } from 'typebox';
import { DEFAULT_PAYLOAD } from '../sent-shapes.ts';

const choice = <const T extends string>(
  values: readonly T[],
  documented: { default?: T; description: string },
) => Type.Unsafe<T>({ type: 'string', enum: [...values], ...documented });

const MatchOptions = Options(
  {
    query: Values({
      description:
        'The query of the list that is searched, such as `{search_supplier_reference: "&{payload.ref}"}`',
    }),
    on: Expression({
      description:
        'A field, or a JMESPath expression: what the record found and the payload must have in common, exactly. Custom fields stand under `customfields`, by name',
    }),
    entity: Type.Optional(
      Type.String({ minLength: 1, description: 'The list to search; else the one of the operation' }),
    ),
    found: choice(['update', 'skip'], {
      default: 'update',
      description: 'What becomes of a record that is there: update it, or send nothing',
    }),
    missing: choice(['create', 'skip', 'fail'], {
      default: 'create',
      description: 'What becomes of one that is not there: create it, send nothing, or fail the task',
    }),
    lag: Duration({
      default: '3s',
      description:
        'How long a new record may take until a search finds it. After an attempt of unknown outcome that found nothing, the search is asked again so much later',
    }),
  },
  {
    description:
      'The natural key of a record: it is looked for first, updated where it is there, and created where it is not',
  },
);

const LinkOptions = Options(
  {
    storage: StorageName({
      description: 'Id of the file in `storages/` that keeps the links, of all directions',
    }),
    from: Type.String({ minLength: 1, description: 'Name of the side that records come from, such as left' }),
    to: Type.String({ minLength: 1, description: 'Name of this Halo as a side, such as right' }),
    id: Value({ default: '@{entity.id}', description: 'Id of the record on its own side' }),
    fields: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description:
        'Fields here that `haloitsm.echo` looks at, so that what is written is not read back as news: the same as its `fields`',
    }),
  },
  {
    description:
      'Remembers which record here is which one there, with the delivery, and updates it from then on',
  },
);

const FileOptions = Options(
  {
    path: Type.Optional(Value({ description: 'A file of the project' })),
    attachment: Type.Optional(Value({ description: 'Or the id of an attachment of a Halo' })),
    client: Type.Optional(
      ClientName({
        component: 'haloitsm',
        description: 'The Halo that has it; else the one that is sent to',
      }),
    ),
    maxBytes: Type.Integer({
      default: 20_000_000,
      minimum: 1,
      description: 'A larger file is refused',
    }),
    to: Type.String({
      default: 'data_base64',
      minLength: 1,
      description: 'The member of the payload that becomes the content',
    }),
  },
  { description: 'A file that is read when it is sent: the task holds its name or id, never what is in it' },
);

export const PublisherOptions = Options({
  method: choice(['post', 'delete'], { description: 'post creates or updates, delete deletes' }),
  entity: Type.String({
    minLength: 1,
    description: 'The operation: its path, such as Asset, Tickets/{id} or Invoice/{id}/void',
  }),
  parameters: Type.Optional(
    Options(
      {
        path: Type.Optional(
          Values({ description: 'Values for the parameters in the path; `path` of the record wins' }),
        ),
        query: Type.Optional(Values({ description: 'The query string; `query` of the record wins' })),
      },
      { description: 'What the request is made of' },
    ),
  ),
  payload: Value({
    default: DEFAULT_PAYLOAD,
    description:
      'What is sent, evaluated on the record. Custom fields may be an object of values; dates may have a zone',
  }),
  request: Steps({
    default: [],
    description: 'Transformers that run on {path, query, payload} before the request',
  }),
  match: Type.Optional(MatchOptions),
  link: Type.Optional(LinkOptions),
  file: Type.Optional(FileOptions),
  timezone: Type.String({
    default: 'UTC',
    minLength: 1,
    description: 'Zone of dates of the payload that have none. They go out in UTC, as Halo wants them',
  }),
  strict: Type.Boolean({
    default: true,
    description: 'false lets paths through that the catalogue does not know',
  }),
});

export type PublisherSettings = Static<typeof PublisherOptions>;
export type MatchSettings = Static<typeof MatchOptions>;
export type LinkSettings = Static<typeof LinkOptions>;
export type FileSettings = Static<typeof FileOptions>;
