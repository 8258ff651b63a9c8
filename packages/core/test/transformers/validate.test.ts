import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/json.ts';
import { apply, check, failure } from './chain-of.ts';

const ORDER: Json = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  required: ['id', 'lines'],
  properties: {
    id: { type: 'integer' },
    'e.mail': { type: 'string', format: 'email' },
    status: { enum: ['open', 'closed'] },
    lines: { type: 'array', items: { $ref: '#/$defs/line' } },
  },
  unevaluatedProperties: false,
  $defs: {
    line: { type: 'object', required: ['sku'], properties: { qty: { type: 'integer', minimum: 1 } } },
  },
};

describe('validate', () => {
  it('tells every path that is wrong, and changes nothing', async () => {
    const steps = [{ validate: { schema: ORDER } }];
    const good = { id: 1, lines: [{ sku: 'a', qty: 1, more: true }] };
    expect(await apply(steps, good)).toEqual([good]);
    const bad = { id: '1', 'e.mail': 'nobody', status: 'lost', lines: [{ qty: 0 }, 5], extra: 1 };
    const { code, message, data } = await failure(steps, bad);
    expect(code).toBe('entity.invalid');
    expect(data).toEqual({
      paths: expect.arrayContaining([
        { path: 'id', message: 'must be integer' },
        { path: '"e.mail"', message: 'must match format "email"' },
        { path: 'status', message: 'must be "open" or "closed"' },
        { path: 'lines.0.sku', message: 'is missing' },
        { path: 'lines.0.qty', message: 'must be >= 1' },
        { path: 'lines.1', message: 'must be object' },
        { path: 'extra', message: 'is not allowed' },
      ]),
    });
    expect(message).toMatch(/^The record is not valid: .*; and 2 more$/);
  });

  it('takes a schema of draft 7, with the keywords of OpenAPI', async () => {
    const schema = {
      $schema: 'http://json-schema.org/draft-07/schema#',
      definitions: { name: { type: 'string', nullable: true, example: 'Ann', 'x-order': 1 } },
      properties: { name: { $ref: '#/definitions/name' } },
    };
    expect(await apply([{ validate: { schema } }], { name: null })).toHaveLength(1);
    expect(await failure([{ validate: { schema } }], { name: 1 })).toMatchObject({ code: 'entity.invalid' });
  });

  it.each<[string, Json, string]>([
    [
      'a type that is none',
      { properties: { a: { type: 'strin' } } },
      'schema/properties/a/type "type" must be',
    ],
    [
      'a typo in a keyword',
      { properties: { a: { requried: ['b'] } } },
      'schema/properties/a/requried Not a valid JSON Schema: unknown keyword: "requried"',
    ],
    [
      'an unknown format',
      { properties: { a: { type: 'string', format: 'emial' } } },
      'schema Not a valid JSON Schema: unknown format "emial"',
    ],
    [
      'a reference that leads nowhere',
      { $ref: '#/definitions/x' },
      "schema Not a valid JSON Schema: can't resolve reference",
    ],
    [
      'a reference to elsewhere',
      { $ref: 'https://example.com/s.json' },
      "schema Not a valid JSON Schema: can't resolve reference",
    ],
    [
      'a draft of long ago',
      { $schema: 'http://json-schema.org/draft-04/schema#' },
      'schema/$schema The draft',
    ],
    ['a pattern that is none', { properties: { a: { pattern: '(' } } }, 'schema'],
  ])('finds %s before anything runs', (_, schema, found) => {
    expect(check([{ validate: { schema } }])).toEqual([
      expect.stringContaining(`config.invalid_schema 0/validate/${found}`),
    ]);
  });

  it('reads a schema from a file of the project', async () => {
    const files = {
      'schemas/a.json': '{"required": ["a"]}',
      'b.json': '{"required": "a"}',
      'c.json': '{',
      'd.json': '[]',
    };
    const steps = (schema: string) => [{ validate: { schema } }];
    expect(await apply(steps('schemas/a.json'), { a: 1 }, { files })).toHaveLength(1);
    expect(await failure(steps('schemas/a.json'), {}, { files })).toMatchObject({ code: 'entity.invalid' });
    expect(check(steps('b.json'), { files })).toEqual([
      'config.invalid_schema 0/validate/schema In "b.json" at /required: "required" must be array',
    ]);
    expect(check(steps('c.json'), { files })).toEqual([
      expect.stringMatching(/^config.invalid_schema 0\/validate\/schema "c.json" is not valid JSON/),
    ]);
    expect(check(steps('d.json'), { files })).toEqual([
      'config.invalid_schema 0/validate/schema In "d.json": A JSON Schema must be an object',
    ]);
    expect(check(steps('e.json'), { files })).toEqual([
      'config.unreadable 0/validate/schema There is no file "e.json"',
    ]);
  });
});
