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

/** A line for each operation: what it takes, and what the walk came to. */
export function table(walked: readonly Walked[]): string {
  const sorted = [...walked].sort((a, b) => order(a).localeCompare(order(b), 'en'));
  const lines = sorted.map(({ operation, requests, result, findings }) => {
    const { method, path, pages, body, envelope } = operation;
    const form = method === 'POST' ? (body ?? 'none') : method === 'GET' ? (pages ? 'pages' : '') : '';
    const outcome = findings.length === 0 ? RESULTS[result] : `**${findings.length} findings**`;
    return `| ${method} | \`${path}\` | ${form} | ${envelope ?? ''} | ${requests} | ${outcome} |`;
  });
  return `| method | operation | paging, body | rows under | requests | result |
|---|---|---|---|---|---|
${lines.join('\n')}
`;
}

const order = ({ operation: { path, method } }: Walked) => `${path.toLowerCase()} ${method}`;
