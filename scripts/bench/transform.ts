// What a chain of transformers costs beside the same work as a function: filter, map of ten fields with two lookups and
// a date, on records of 2 kB. No system, no store; one core.
//   npm run bench:transform -- --records 200000 --rounds 5
import { parseArgs } from 'node:util';
import { createCompiler, createRegistry, type JsonObject, type LookupTable } from '@millrace/core';

const { values } = parseArgs({
  options: { records: { type: 'string', default: '100000' }, rounds: { type: 'string', default: '5' } },
});
const count = Number(values.records);

const record = (id: number): JsonObject => ({
  id,
  summary: `Ticket ${id}: the printer on floor ${id % 9} does not print`,
  details: `It began on Monday. ${'What was tried so far is written below, and did not help. '.repeat(31)}`,
  status_id: id % 5 === 0 ? 9 : 1 + (id % 4),
  priority_id: 1 + (id % 4),
  client: { id: id % 200, name: `Client ${id % 200}` },
  user_name: `User ${id % 900}`,
  team: `team-${id % 12}`,
  category_1: 'Hardware>Printer',
  dateoccurred: new Date(Date.UTC(2026, 0, 1) + id * 60_000).toISOString().slice(0, 19),
  estimate: (id % 16) / 2,
});
const records = Array.from({ length: 1000 }, (_, n) => record(n + 1));

const PRIORITIES: LookupTable = new Map([1, 2, 3, 4].map((id) => [String(id), `P${id}`]));
const TEAMS: LookupTable = new Map(Array.from({ length: 12 }, (_, n) => [`team-${n}`, `T${n}`]));

const chain = createCompiler({
  registry: createRegistry([]),
  place: 'route',
  saved: () => undefined,
  services: {
    now: () => Date.now(),
    tables: new Map([
      ['priorities', PRIORITIES],
      ['teams', TEAMS],
    ]),
  },
  log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
  resolvePath: (path) => path,
}).chain([
  { filter: { '!=': [{ var: 'status_id' }, 9] } },
  {
    map: {
      number: 'T-&{id}',
      summary: '&{summary}',
      client_id: '&{client.id}',
      client: '&{client.name}',
      user: '&{upper(user_name)}',
      team: "&{lookup('teams', team, 'none')}",
      priority: "&{lookup('priorities', priority_id)}",
      category: '&{category_1}',
      occurred: "&{format_date(dateoccurred, 'dd.MM.yyyy')}",
      estimate: '&{estimate}',
    },
  },
]);

const two = (value: number) => String(value).padStart(2, '0');
function byHand(data: JsonObject): JsonObject | undefined {
  if (data['status_id'] === 9) return undefined;
  const occurred = new Date(`${data['dateoccurred']}Z`);
  const client = data['client'] as { id: number; name: string };
  return {
    number: `T-${data['id']}`,
    summary: data['summary'] ?? null,
    client_id: client.id,
    client: client.name,
    user: String(data['user_name']).toUpperCase(),
    team: TEAMS.get(String(data['team'])) ?? 'none',
    priority: PRIORITIES.get(String(data['priority_id'])) ?? null,
    category: data['category_1'] ?? null,
    occurred: `${two(occurred.getUTCDate())}.${two(occurred.getUTCMonth() + 1)}.${occurred.getUTCFullYear()}`,
    estimate: data['estimate'] ?? null,
  };
}

const run = {
  id: 'bench',
  signal: new AbortController().signal,
  log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
  storages: {
    get: () => {
      throw new Error('there are no storages here');
    },
  },
  context: { run: { id: 'bench', startedAt: '2026-01-01T00:00:00.000Z' } },
};

async function chained(): Promise<number> {
  let made = 0;
  for (let n = 0; n < count; n++) {
    const result = chain(records[n % records.length] as JsonObject, run);
    made += (result instanceof Promise ? await result : result).length;
  }
  return made;
}

function handmade(): number {
  let made = 0;
  for (let n = 0; n < count; n++) if (byHand(records[n % records.length] as JsonObject)) made++;
  return made;
}

// Both must come to the same, or the figures say nothing.
for (const one of records) {
  const [ours] = await chain(one, run);
  const theirs = byHand(one);
  if (JSON.stringify(ours) !== JSON.stringify(theirs)) {
    throw new Error(`they differ: ${JSON.stringify(ours)} and ${JSON.stringify(theirs)}`);
  }
}

/** Records a second of processor time: what else runs on the machine counts for neither. */
async function rate(work: () => number | Promise<number>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return count / ((user + system) / 1e6);
}

const rates = { chain: [] as number[], hand: [] as number[] };
await chained();
handmade();
for (let round = 0; round < Number(values.rounds); round++) {
  rates.chain.push(await rate(chained));
  rates.hand.push(await rate(handmade));
}
const median = (all: number[]) => all.sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;
const [ours, theirs] = [median(rates.chain), median(rates.hand)];
const size = JSON.stringify(records[0]).length;
process.stdout.write(
  `${count} records of ${size} bytes, medians of ${values.rounds} rounds, records a second of one core\nchain     ${Math.round(ours)}\nby hand   ${Math.round(theirs)}\nratio     ${(ours / theirs).toFixed(2)}\n`,
);
