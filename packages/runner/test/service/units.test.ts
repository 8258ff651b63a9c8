import { expect, it } from 'vitest';
import { unitsOf } from '../../src/service/units.ts';
import { InProcess } from '../execution/in-process.ts';

const PROJECT = {
  'storages/source.yaml': '{}',
  'incoming/records.yaml': `
schedule: { cron: "0 0 1 1 *" }
subscriber: { storage: { storage: source } }
entity: { type: record, identifier: key }
`,
  'routes/to-file.yaml': `
incoming: records
outgoing: file
transformers:
  - lookup: { table: codes, key: "&{key}", to: code }
  - validate: { schema: schemas/record.json }
`,
  'outgoing/file.yaml': 'publisher: { file: { path: out/records.ndjson } }\n',
  'lookups/codes.yaml': 'a: 1\n',
  'schemas/record.json': '{ "required": ["code"] }',
};

it('a unit begins anew when a lookup table or a schema file that it may use has changed', async () => {
  const process = await InProcess.make(PROJECT);
  const signatures = async () =>
    unitsOf(await process.engine()).map(({ id, signature }) => `${id} ${signature}`);
  const before = await signatures();
  await process.write({ 'lookups/codes.yaml': '# the same\na: 1\n' });
  expect(await signatures()).toEqual(before);
  await process.write({ 'lookups/codes.yaml': 'a: 2\n' });
  const table = await signatures();
  expect(table.filter((one) => before.includes(one))).toEqual([]);
  await process.write({ 'schemas/record.json': '{ "required": ["key"] }' });
  expect((await signatures()).filter((one) => table.includes(one))).toEqual([]);
});
