// Whole-process benchmark: `millrace run` on simulated tickets, two routes. Counts at the sink.
//   npm run bench -- --tickets 20000 --rounds 3
import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startSimulator } from '@millrace/haloitsm-simulator';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({
  options: { tickets: { type: 'string', default: '5000' }, rounds: { type: 'string', default: '3' } },
});

interface Round {
  readonly seconds: number;
  readonly delivered: number;
  /** Megabytes in memory when the first batch was in, and at the end. */
  readonly memory: readonly [first: number, last: number];
}

async function residentMegabytes(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kilobytes = /VmRSS:\s+(\d+)/.exec(status)?.[1];
  return kilobytes === undefined ? undefined : Math.round(Number(kilobytes) / 1024);
}

async function round(tickets: number): Promise<Round> {
  const simulator = await startSimulator({ tickets });
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'));
  const project = join(folder, 'project');
  const skipped = /\.millrace|\/out$/;
  await cp(join(root, 'configs'), project, { recursive: true, filter: (path) => !skipped.test(path) });
  const { url, tenant, clientId, clientSecret } = simulator;
  const env = {
    HALO_BASE_URI: url,
    HALO_TENANT: tenant,
    HALO_CLIENT_ID: clientId,
    HALO_CLIENT_SECRET: clientSecret,
  };
  const args = ['packages/runner/bin/millrace.mjs', 'run', '--config', project, '--quiet'];
  const seeded = simulator.records('Asset').length;
  const started = performance.now();
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: 'ignore',
  });
  const samples: number[] = [];
  const sampler = setInterval(async () => {
    const now = child.pid === undefined ? undefined : await residentMegabytes(child.pid);
    if (now !== undefined && simulator.journal().length > 3) samples.push(now);
  }, 250);
  const code = await new Promise((resolve) => child.once('exit', resolve));
  clearInterval(sampler);
  const seconds = (performance.now() - started) / 1000;
  const lines = (await readFile(join(project, 'out/tickets.csv'), 'utf8')).trim().split('\n').length - 1;
  const assets = simulator.records('Asset').length - seeded;
  await simulator.stop();
  await rm(folder, { recursive: true });
  if (code !== 0 || lines !== assets)
    throw new Error(`exit ${code}, ${assets} assets, ${lines} lines: not a run to measure`);
  return { seconds, delivered: lines + assets, memory: [samples[0] ?? 0, samples.at(-1) ?? 0] };
}

const rounds: Round[] = [];
for (let n = 0; n < Number(values.rounds); n++) {
  const one = await round(Number(values.tickets));
  rounds.push(one);
  const rate = Math.round(one.delivered / one.seconds);
  process.stdout.write(
    `${one.delivered} deliveries in ${one.seconds.toFixed(1)} s: ${rate}/s; memory ${one.memory[0]} to ${one.memory[1]} MB\n`,
  );
}
const sorted = rounds.map((one) => one.delivered / one.seconds).sort((a, b) => a - b);
process.stdout.write(`median ${Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0)} deliveries/s\n`);
