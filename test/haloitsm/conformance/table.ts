import type { Walked } from './walk.ts';

const RESULTS: Readonly<Record<Walked['result'], string>> = {
  rows: 'rows',
  record: 'a record',
  empty: 'no rows',
  'no record': '404',
  delivered: 'delivered',
  refused: 'refused to all',
  invalid: 'refused as invalid',
  failed: 'failed',
};

/** A line for each operation, by path: what it takes, and what the walk came to. */
export function tableLines(walked: readonly Walked[]): readonly string[] {
  const inOrder = [...walked].sort((a, b) => (order(a) < order(b) ? -1 : 1));
  return inOrder.map(({ operation, requests, result, findings }) => {
    const { method, path, pages, body, envelope, query } = operation;
    const form = method === 'POST' ? (body ?? 'no body') : pages ? 'pages' : '';
    const outcome = findings.length === 0 ? RESULTS[result] : `${findings.length} findings`;
    return `| ${method} | \`${path}\` | ${form} | ${envelope ?? ''} | ${query.length} | ${requests} | ${outcome} |`;
  });
}

const order = ({ operation: { path, method } }: Walked) => `${path.toLowerCase()} ${method}`;

/** The page of the docs. */
export function tablePage(walked: readonly Walked[], document: string): string {
  const count = (method: string) => walked.filter(({ operation }) => operation.method === method).length;
  const requests = walked.reduce((sum, one) => sum + one.requests, 0);
  const failures = walked.filter(({ findings }) => findings.length > 0).length;
  return `# HaloITSM: every operation

Written by \`npm run conformance -- --table docs/haloitsm/operations.md\`. The plugin walked each operation against the simulator:
every GET by the subscriber, once as it is and once with all that its query may narrow; every POST and DELETE by the publisher.
Each request was held, as it arrived, against ${document}: method, path, parameters and their types, the
form of the body and the names and types of its fields.

**${count('GET')} GET, ${count('POST')} POST, ${count('DELETE')} DELETE, ${requests} requests, ${failures} failures.**

- *pages*: takes \`pageinate\`; a form, for POST: what the body is.
- *rows under*: the key of the list in an answer, where live instances were seen to use one; elsewhere it is found in the answer.
- *parameters*: how many the query may have: \`millrace plugins haloitsm --search NAME\` lists them.
- *result*: *404* there is no such record in the simulator; *refused as invalid* what was sent at random did not please
  the desk, and the task would be \`rejected\`; *refused to all* live instances answer 401, 403, 302 or 500 to whoever asks.

| method | operation | form | rows under | parameters | requests | result |
|---|---|---|---|---|---|---|
${tableLines(walked).join('\n')}
`;
}
