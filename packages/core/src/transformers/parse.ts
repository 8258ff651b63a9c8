import { Type } from 'typebox';
import { defineTransformer } from '../define.ts';
import type { Json } from '../json.ts';
import { Options, Path, Pattern } from '../schema.ts';
import { andThen } from '../sequence.ts';
import { listOf, objectOf, type Shape, scalar, UNKNOWN } from '../shapes/shape.ts';
import { convertNodes } from './convert-nodes.ts';
import { convertedShape } from './converted-shape.ts';
import {
  ATTRIBUTES,
  COLUMNS,
  checkFormat,
  DELIMITER,
  FORMAT,
  type FormatName,
  type FormatOptions,
  refuseForbidden,
} from './formats/format.ts';
import { loadFormat } from './formats/load-format.ts';

export const parse = defineTransformer({
  description:
    'Makes data of a text: JSON (whole numbers that a computer would round stay texts), CSV (a list of records), XML (elements as keys, texts stay texts, no DOCTYPE), base64 (of a text in UTF-8), a query string.',
  options: Options({
    at: Pattern({ description: 'The text, or a pattern of several' }),
    to: Type.Optional(
      Path({ description: 'Where the data goes, else in place of the text; `$1`… as in `copy`' }),
    ),
    format: FORMAT,
    delimiter: DELIMITER,
    header: Type.Optional(
      Type.Boolean({
        description: 'CSV: false where the first line is a record already; then each is a list',
      }),
    ),
    columns: COLUMNS('CSV: names of the columns, for a text whose first line is a record already'),
    attributes: ATTRIBUTES,
    lists: Type.Optional(
      Type.Array(Pattern({ description: 'A pattern such as `orders.order`' }), {
        description: 'XML: elements that are lists also where there is only one of them',
      }),
    ),
  }),
  examples: [
    {
      title: 'JSON in a text',
      options: { at: 'payload', format: 'json' },
      given: { payload: '{"id":12345678901234567890,"tags":["a"]}' },
      made: { payload: { id: '12345678901234567890', tags: ['a'] } },
    },
    {
      title: 'CSV from a spreadsheet',
      options: { at: 'body', to: 'rows', format: 'csv', delimiter: ';' },
      given: { body: 'sku;qty\na;2\n"b;c";\n' },
      made: {
        body: 'sku;qty\na;2\n"b;c";\n',
        rows: [
          { sku: 'a', qty: '2' },
          { sku: 'b;c', qty: '' },
        ],
      },
    },
    {
      title: 'XML, with an element that may come several times',
      options: { at: 'xml', format: 'xml', lists: ['order.line'] },
      given: { xml: '<order id="007"><line>Cable &amp; plug</line></order>' },
      made: { xml: { order: { '@id': '007', line: ['Cable & plug'] } } },
    },
    {
      title: 'base64 and a query string',
      options: { at: 'note', format: 'base64' },
      given: { note: 'R3LDvMOfZQ==' },
      made: { note: 'Grüße' },
    },
    {
      options: { at: 'query', format: 'url' },
      given: { query: 'a=1&b=x+y&b=%26' },
      made: { query: { a: '1', b: ['x y', '&'] } },
    },
    {
      title: 'What cannot be parsed fails the record',
      options: { at: 'payload', format: 'json' },
      given: { payload: '{"id":' },
      error: 'parse.failed',
    },
  ],
  check: checkFormat,
  shape: ({ at, to, ...format }, check) =>
    convertedShape({ at, ...(to !== undefined && { to }) }, parsedShape(format), check, ['scalar']),
  create({ at, to, format: name, ...options }) {
    const load = loadFormat(name);
    const prepare = () =>
      andThen(load(), (format) => (value: Json) => {
        if (typeof value !== 'string') throw new Error('it is no text');
        return refuseForbidden(format.parse(value, options));
      });
    return convertNodes({ at, ...(to !== undefined && { to }) }, prepare, {
      code: 'parse.failed',
      what: `cannot be parsed as ${name}`,
    });
  },
});

function parsedShape(given: { readonly format: FormatName } & FormatOptions): Shape {
  if (given.format === 'base64') return scalar('text');
  if (given.format !== 'csv') return UNKNOWN;
  if (given.header === false && !given.columns) return listOf(listOf(scalar('text')));
  const columns = Object.fromEntries((given.columns ?? []).map((name) => [name, scalar('text')]));
  return listOf(objectOf(columns, { rest: given.columns ? 'none' : 'any' }));
}
