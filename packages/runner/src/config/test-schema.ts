import { Options } from '@millrace/core';
import { type TSchema, Type } from 'typebox';

const text = (description: string) => Type.String({ minLength: 1, description });
const anything = (description: string): TSchema => Type.Unsafe({ description });
const free = (description: string): TSchema => Type.Unsafe({ type: 'object', description });

const METHOD = Type.Unsafe<string>({
  type: 'string',
  enum: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
  description: 'GET, POST, PUT, PATCH or DELETE',
});
const PATH = text("Path, below the client's address or whole: Client/3, /api/Client/3");

const Recorded = Options(
  {
    request: Options(
      {
        method: METHOD,
        path: PATH,
        query: Type.Optional(free('Parameters that the request must have; it may have others')),
        body: Type.Optional(anything('What it must send; left out: anything')),
      },
      { description: 'The requests that are answered' },
    ),
    response: Options(
      {
        status: Type.Integer({ minimum: 100, maximum: 599, default: 200, description: 'Status' }),
        headers: Type.Optional(
          Type.Unsafe({
            type: 'object',
            additionalProperties: { type: 'string' },
            description: 'Headers of the answer',
          }),
        ),
        body: Type.Optional(anything('JSON, or a text')),
      },
      { description: 'The answer' },
    ),
  },
  { description: 'An answer of a system; one that no case asks for fails the case' },
);

/** What `http` of a case holds, and a file of recorded answers. */
export const RecordedCalls = Type.Array(Recorded, { description: 'Recorded answers of systems' });

const Sent = Options(
  {
    method: METHOD,
    path: PATH,
    query: Type.Optional(free('The whole query string; left out: any')),
    body: Type.Optional(anything('What is sent; left out: anything')),
  },
  { description: 'A request that the publisher sends' },
);

const Case = Options(
  {
    name: text('What is shown, a sentence'),
    given: Type.Unsafe({
      type: ['object', 'array'],
      items: { type: 'object' },
      description:
        'A record, a list of records, or { file: fixtures/….json }, a .json, .yaml, .ndjson or .csv file',
    }),
    storages: Type.Optional(
      Type.Unsafe({
        type: 'object',
        additionalProperties: { type: 'object' },
        description: 'What the storages hold before: { STORAGE: { KEY: value } }',
      }),
    ),
    http: Type.Optional(RecordedCalls),
    parameters: Type.Optional(free('Parameters of a saved transformer')),
    expect: Type.Optional(
      Type.Unsafe({
        type: 'array',
        items: { type: 'object' },
        description: 'The records that come out, exactly; [] where none does',
      }),
    ),
    expectError: Type.Optional(text('The code of the error with which records fail, such as value.missing')),
    expectRequests: Type.Optional(
      Type.Array(Sent, { description: 'Of an outgoing: what its publisher sends, in order' }),
    ),
  },
  { description: 'Given these records, expect those' },
);

/** A file `*.test.yaml`. */
export const TestSchema = Options({
  description: Type.Optional(Type.String({ description: 'What it is for' })),
  target: Type.String({
    pattern: '^(incoming|routes|outgoing|transformers)/.+$',
    description: 'What is tested: incoming/ID, routes/ID, outgoing/ID or transformers/ID',
  }),
  now: Type.Optional(
    Type.String({
      pattern: '^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}(:\\d{2}(\\.\\d+)?)?(Z|[+-]\\d{2}:\\d{2})?)?$',
      description: 'The time at which the clock stands, such as 2026-11-23T10:00:00Z',
    }),
  ),
  cases: Type.Array(Case, { minItems: 1, description: 'The cases' }),
});
