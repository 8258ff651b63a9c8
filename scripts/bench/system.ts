// The other side of the benchmark, a process of its own: serves pages of tickets that were serialised before the clock
// starts, counts what it is sent. Speaks as much of HaloITSM as the job needs.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const PAGE = 100;
const records = Number(process.argv[2]);

function ticket(id: number) {
  return {
    id,
    summary: `Ticket ${id}: the printer on floor ${id % 9} does not print`,
    details: `It began on Monday. ${'What was tried so far is written below, and did not help. '.repeat(20)}`,
    status_id: id % 5 === 0 ? 9 : 1 + (id % 4),
    priority_id: 1 + (id % 4),
    client_id: id % 200,
    client_name: `Client ${id % 200}`,
    site_id: id % 50,
    site_name: `Site ${id % 50}`,
    user_name: `User ${id % 900}`,
    agent_id: id % 40,
    team: `Team ${id % 12}`,
    category_1: 'Hardware>Printer',
    dateoccurred: new Date(Date.UTC(2026, 0, 1) + id * 60_000).toISOString().slice(0, 19),
    lastactiondate: new Date(Date.UTC(2026, 5, 1) + id * 60_000).toISOString().slice(0, 19),
    estimate: (id % 16) / 2,
    impact: id % 3,
    urgency: id % 3,
  };
}

const pages: Buffer[] = [];
for (let first = 1; first <= records; first += PAGE) {
  const tickets = Array.from({ length: Math.min(PAGE, records - first + 1) }, (_, n) => ticket(first + n));
  pages.push(
    Buffer.from(
      JSON.stringify({ page_no: pages.length + 1, page_size: PAGE, record_count: records, tickets }),
    ),
  );
}
const empty = Buffer.from(
  JSON.stringify({ page_no: 0, page_size: PAGE, record_count: records, tickets: [] }),
);
const token = Buffer.from(JSON.stringify({ access_token: 'bench', expires_in: 3600, token_type: 'Bearer' }));
const created = Buffer.from('{"id":1}');

const seen = new Set<string>();
let posts = 0;
let received = 0;
let refuse = 0;
let firstRequest = 0;
let firstRecord = 0;
let lastRecord = 0;

function count(body: string): void {
  const parsed = JSON.parse(body) as { inventory_number: string } | { inventory_number: string }[];
  for (const one of Array.isArray(parsed) ? parsed : [parsed]) {
    seen.add(one.inventory_number);
    received++;
  }
  posts++;
  lastRecord = Date.now();
  firstRecord ||= lastRecord;
}

const server = createServer((request, response) => {
  firstRequest ||= Date.now();
  const answer = (body: Buffer, status = 200) => {
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length });
    response.end(body);
  };
  if (request.method === 'GET') {
    const page = Number(/page_no=(\d+)/.exec(request.url ?? '')?.[1] ?? 1);
    return answer(pages[page - 1] ?? empty);
  }
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (chunk: string) => {
    body += chunk;
  });
  request.on('end', () => {
    if (request.url?.startsWith('/auth')) return answer(token);
    if (refuse > 0 && posts % 50 === 49) {
      refuse--;
      posts++;
      return answer(Buffer.from('{}'), 503);
    }
    count(body);
    answer(created, 201);
  });
});
server.keepAliveTimeout = 60_000;
let connections = 0;
server.on('connection', () => {
  connections++;
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));

process.on('message', (message: { reset?: true; refuse?: number; report?: true }) => {
  if (message.reset) {
    seen.clear();
    connections = 0;
    posts = received = firstRequest = firstRecord = lastRecord = 0;
    refuse = message.refuse ?? 0;
  }
  process.send?.({
    connections,
    distinct: seen.size,
    received,
    posts,
    firstRequest,
    firstRecord,
    lastRecord,
  });
});
