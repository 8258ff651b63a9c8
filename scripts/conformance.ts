// Walks every operation of the HaloITSM API with the plugin, against the simulator, and holds each request against a
// document of the API: that of the simulator, or the one of an instance. Exit 1 where something is wrong.
//   npm run conformance -- --document https://HOST/api/swagger/v2/swagger.json
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { startSimulator } from '@millrace/haloitsm-simulator';
import { readDocument } from '../test/haloitsm/conformance/document.ts';
import { tablePage } from '../test/haloitsm/conformance/table.ts';
import { walk } from '../test/haloitsm/conformance/walk.ts';

const { values } = parseArgs({
  options: {
    document: { type: 'string' },
    /** Where the table is written to. */
    table: { type: 'string' },
  },
});
const started = performance.now();
const simulator = await startSimulator({ tickets: 30, quirks: { 'slow-lists': false } });
try {
  const document = await readDocument(values.document ?? `${simulator.url}/api/swagger/v2/swagger.json`);
  const against =
    values.document === undefined
      ? 'the document that the simulator serves'
      : "the vendor's OpenAPI document";
  const walked = await walk({ simulator, document });
  const wrong = walked.filter(({ findings }) => findings.length > 0);
  for (const { operation, findings } of wrong)
    for (const finding of findings)
      process.stdout.write(`${operation.method} ${operation.path}: ${finding}\n`);
  if (values.table !== undefined) await writeFile(values.table, tablePage(walked, against));
  const count = (method: string) => walked.filter(({ operation }) => operation.method === method).length;
  const requests = walked.reduce((sum, one) => sum + one.requests, 0);
  const results = Map.groupBy(walked, ({ result }) => result);
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  process.stdout.write(
    `${count('GET')} GET, ${count('POST')} POST, ${count('DELETE')} DELETE, ${requests} requests, ${seconds} s: ${wrong.length} failures\n`,
  );
  for (const [result, those] of results) process.stdout.write(`  ${result}: ${those.length}\n`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
} finally {
  await simulator.stop();
}
