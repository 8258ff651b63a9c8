import { Type } from 'typebox';
import { defineTransformer } from '../define.ts';
import type { Json } from '../json.ts';
import { Options, Path, Pattern } from '../schema.ts';
import { andThen } from '../sequence.ts';
import { scalar } from '../shapes/shape.ts';
import { convertNodes } from './convert-nodes.ts';
import { convertedShape } from './converted-shape.ts';
import { ATTRIBUTES, COLUMNS, checkFormat, DELIMITER, FORMAT, refuseForbidden } from './formats/format.ts';
import { loadFormat } from './formats/load-format.ts';

export const serialize = defineTransformer({
  description:
    'Makes a text of data: JSON, CSV (of a list of records), XML, base64 (of a text), a query string (of an object).',
  options: Options({
    at: Pattern({ description: 'The data, or a pattern of several' }),
    to: Type.Optional(
      Path({ description: 'Where the text goes, else in place of the data; `$1`… as in `copy`' }),
    ),
    format: FORMAT,
    delimiter: DELIMITER,
    header: Type.Optional(Type.Boolean({ description: 'CSV: false leaves the line with the names out' })),
    columns: COLUMNS('CSV: the columns, in order; else all keys in the order in which they first come'),
    indent: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 8,
        description: 'JSON, XML: blanks of each level; without, all is one line',
      }),
    ),
    attributes: ATTRIBUTES,
    root: Type.Optional(
      Type.String({ minLength: 1, description: 'XML: name of an element around the data' }),
    ),
    declaration: Type.Optional(Type.Boolean({ description: 'XML: false leaves the line `<?xml …?>` out' })),
  }),
  examples: [
    {
      title: 'JSON',
      options: { at: 'payload', format: 'json' },
      given: { payload: { id: 7, tags: ['a'] } },
      made: { payload: '{"id":7,"tags":["a"]}' },
    },
    {
      title: 'CSV with chosen columns',
      options: { at: 'rows', to: 'body', format: 'csv', columns: ['sku', 'qty'] },
      given: { rows: [{ qty: 2, sku: 'a,b', note: 'x' }, { sku: 'c' }] },
      made: { rows: [{ qty: 2, sku: 'a,b', note: 'x' }, { sku: 'c' }], body: 'sku,qty\n"a,b",2\nc,\n' },
    },
    {
      title: 'XML',
      options: { at: 'order', format: 'xml', root: 'order', declaration: false },
      given: { order: { '@id': 7, line: ['Cable & plug', 'Mouse'] } },
      made: { order: '<order id="7"><line>Cable &amp; plug</line><line>Mouse</line></order>' },
    },
    {
      title: 'A query string: null is left out, a list is repeated',
      options: { at: 'query', format: 'url' },
      given: { query: { q: 'a b', status: [1, 2], page: null } },
      made: { query: 'q=a+b&status=1&status=2' },
    },
    {
      options: { at: 'note', format: 'base64' },
      given: { note: 'Grüße' },
      made: { note: 'R3LDvMOfZQ==' },
    },
    {
      title: 'XML cannot hold every name',
      options: { at: 'order', format: 'xml', root: 'order' },
      given: { order: { 'unit price': 5 } },
      error: 'serialize.failed',
    },
  ],
  check: checkFormat,
  shape: ({ at, to }, check) =>
    convertedShape({ at, ...(to !== undefined && { to }) }, scalar('text'), check),
  create({ at, to, format: name, ...options }) {
    const load = loadFormat(name);
    const prepare = () =>
      andThen(load(), (format) => (value: Json) => format.serialize(refuseForbidden(value), options));
    return convertNodes({ at, ...(to !== undefined && { to }) }, prepare, {
      code: 'serialize.failed',
      what: `cannot be written as ${name}`,
    });
  },
});
