// What a run costs beside the same job written by hand. Counts at the sink, alternates the contestants.
//   npm run bench -- --records 10000,50000 --rounds 3 --only millrace,c --batch 20 --refuse 20
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeProject } from './project.ts';

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string' },
    batch: { type: 'string', default: '1' },
    /** So many requests are answered with 503. */
    refuse: { type: 'string', default: '0' },
    json: { type: 'boolean', default: false },
  },
});
const batch = Number(values.batch);

interface Contestant {
  readonly name: string;
  readonly what: string;
  readonly args: (url: string, folder: string, records: number) => string[];
}

const baseline = (
  name: string,
  what: string,
  library: string,
  keeping: string,
  size = batch,
): Contestant => ({
  name,
  what,
  args: (url, folder, records) => [
    here('baseline.ts'),
    library,
    keeping,
    url,
    String(records),
    join(folder, 'baseline.db'),
    String(size),
  ],
});
const ALL: readonly Contestant[] = [
  {
    name: 'millrace',
    what: 'millrace run',
    args: (_, folder) => [
      here('../../packages/runner/bin/millrace.mjs'),
      'run',
      '--config',
      folder,
      '--quiet',
    ],
  },
  baseline('a', 'undici, nothing kept', 'undici', 'memory'),
  baseline('b', 'undici, SQLite', 'undici', 'sqlite'),
  // As b is without batches: what arrays are worth.
  ...(batch > 1 ? [baseline('b1', 'undici, SQLite, singly', 'undici', 'sqlite', 1)] : []),
  baseline('c', 'got, SQLite', 'got', 'sqlite'),
  baseline('bare', 'got, nothing kept', 'got', 'memory'),
];
const chosen = ALL.filter(({ name }) => values.only === undefined || values.only.split(',').includes(name));

interface Measured {
  readonly rate: number;
  readonly cpu: number;
  readonly memory: number;
  readonly first: number;
}

type Report = Record<
  'distinct' | 'received' | 'posts' | 'firstRequest' | 'firstRecord' | 'lastRecord',
  number
>;

function ask(system: ChildProcess, message: object): Promise<Report> {
  return new Promise((resolve) => {
    system.once('message', (report) => resolve(report as Report));
    system.send(message);
  });
}

/** CPU seconds and the highest memory (MB) of a process, looked at while it runs. */
function watch(pid: number): () => { cpu: number; memory: number } {
  const last = { cpu: 0, memory: 0 };
  const look = () => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      last.cpu = (Number(fields[11]) + Number(fields[12])) / 100;
      const peak = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
      if (peak !== undefined) last.memory = Math.round(Number(peak) / 1024);
    } catch {
      // It has ended: what was seen last stands.
    }
  };
  const timer = setInterval(look, 25);
  return () => {
    clearInterval(timer);
    return last;
  };
}

async function measure(
  contestant: Contestant,
  system: ChildProcess,
  url: string,
  records: number,
): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'));
  await writeProject(folder, url, batch);
  await ask(system, { reset: true, refuse: contestant.name === 'millrace' ? Number(values.refuse) : 0 });
  const spawned = Date.now();
  const env = { ...process.env, BENCH_SECRET: 'none-at-all' };
  const child = spawn(process.execPath, contestant.args(url, folder, records), {
    stdio: ['ignore', 'ignore', 'inherit'],
    env,
  });
  const stop = watch(child.pid ?? 0);
  const code = await new Promise((resolve) => child.once('exit', resolve));
  const { cpu, memory } = stop();
  const report = await ask(system, { report: true });
  await rm(folder, { recursive: true });
  const wanted = records - Math.floor(records / 5);
  if (code !== 0 || report.distinct !== wanted || report.received !== wanted) {
    throw new Error(
      `${contestant.name}: exit ${code}, ${report.distinct} of ${wanted} at the sink, ${report.received} received: not a round to measure`,
    );
  }
  const seconds = (report.lastRecord - report.firstRequest) / 1000;
  return { rate: wanted / seconds, cpu, memory, first: (report.firstRecord - spawned) / 1000 };
}

const median = (numbers: readonly number[]) =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;

async function bench(records: number): Promise<void> {
  const system = fork(here('system.ts'), [String(records)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const { port } = await new Promise<{ port: number }>((resolve) =>
    system.once('message', (m) => resolve(m as { port: number })),
  );
  const measured = new Map<string, Measured[]>();
  for (let round = 0; round < Number(values.rounds); round++) {
    // Each round begins with another one, so that none always runs on a warm or a tired machine.
    for (let n = 0; n < chosen.length; n++) {
      const contestant = chosen[(n + round) % chosen.length];
      if (!contestant) continue;
      const one = await measure(contestant, system, `http://127.0.0.1:${port}`, records);
      measured.set(contestant.name, [...(measured.get(contestant.name) ?? []), one]);
      process.stderr.write(`  ${contestant.name.padEnd(9)} ${Math.round(one.rate)}/s\n`);
    }
  }
  system.kill();
  const medians = chosen.map(({ name, what }) => {
    const all = measured.get(name) ?? [];
    const of = (field: keyof Measured) => median(all.map((one) => one[field]));
    return {
      name,
      what,
      rate: Math.round(of('rate')),
      cpu: of('cpu'),
      memory: of('memory'),
      first: of('first'),
    };
  });
  const own = medians.find(({ name }) => name === 'millrace')?.rate;
  if (values.json) return void process.stdout.write(`${JSON.stringify({ records, batch, medians })}\n`);
  process.stdout.write(`\n${records} tickets, ${batch} a request, medians of ${values.rounds} rounds\n`);
  process.stdout.write(
    'contestant                      records/s   CPU s   peak MB   first record   millrace to it\n',
  );
  for (const { name, what, rate, cpu, memory, first } of medians) {
    const ratio = own === undefined || name === 'millrace' ? '' : (own / rate).toFixed(2);
    process.stdout.write(
      `${`${name}  ${what}`.padEnd(32)}${String(rate).padStart(8)}${cpu.toFixed(1).padStart(9)}${String(memory).padStart(9)}${`${first.toFixed(2)} s`.padStart(14)}${ratio.padStart(16)}\n`,
    );
  }
}

for (const records of values.records.split(',')) await bench(Number(records));
// The chain alone, without a system or a store.
if (values.only === undefined && !values.json)
  spawn(process.execPath, [here('transform.ts')], { stdio: 'inherit' });
