// How fast the simulator lists, and how much memory it takes. It runs as its users run it, in a process of its own.
//   pnpm --filter @millrace/haloitsm-simulator bench -- --tickets 100000 --rounds 3 --connections 4
//   --change 50: somebody creates and changes so many tickets a second meanwhile. --profile: writes a CPU profile.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Agent, type IncomingMessage, request } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const PAGE = 100;
const { values } = parseArgs({
  args: process.argv.slice(2).filter((arg) => arg !== '--'),
  options: {
    tickets: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '4' },
    change: { type: 'string', default: '0' },
    profile: { type: 'boolean', default: false },
  },
});
const tickets = Number(values.tickets);
const agent = new Agent({ keepAlive: true, maxSockets: Number(values.connections) });

function get(url: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = request(url, { agent, headers }, (response: IncomingMessage) => {
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
      });
      response.on('end', () =>
        response.statusCode === 200 ? resolve(size) : reject(new Error(`HTTP ${response.statusCode}`)),
      );
      response.on('error', reject);
    });
    call.on('error', reject);
    call.end();
  });
}

/** Megabytes of memory of a process; undefined where the system does not tell. */
function memory(pid: number | undefined): string {
  try {
    const size = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return `${Math.round(Number(size) / 1024)} MB`;
  } catch {
    return 'unknown';
  }
}

/** Seconds that a process has computed; NaN where the system does not tell. On a busy machine only they say much. */
function computed(pid: number | undefined): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return Number.NaN;
  }
}

const start = performance.now();
const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const flags = ['--conditions=@millrace/source', ...(values.profile ? ['--cpu-prof'] : [])];
const args = [...flags, main, '--tickets', values.tickets, '--rate-limit', 'off'];
const simulator = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
const line = await new Promise<string>((resolve, reject) => {
  createInterface({ input: simulator.stdout }).once('line', resolve);
  simulator.once('exit', (code) => reject(new Error(`the simulator ended with ${code}`)));
});
const { url, clientId, clientSecret } = JSON.parse(line) as Record<string, string>;
const ready = `${Math.round(performance.now() - start)} ms (${computed(simulator.pid)} s computed)`;
console.log(`${tickets} tickets: ready after ${ready}, ${memory(simulator.pid)}`);

const form = {
  grant_type: 'client_credentials',
  client_id: String(clientId),
  client_secret: String(clientSecret),
};
const body = new URLSearchParams({ ...form, scope: 'all' });
const token = (await (await fetch(`${url}/auth/token`, { method: 'POST', body })).json()) as {
  access_token: string;
};
const headers = { authorization: `Bearer ${token.access_token}` };
const change = Number(values.change);
if (change > 0) {
  const churn = JSON.stringify({ create: change, change });
  await fetch(`${url}/__simulator/churn`, { method: 'POST', body: churn });
}

for (let round = 1; round <= Number(values.rounds); round++) {
  const pages = Math.ceil(tickets / PAGE);
  const [began, before] = [performance.now(), computed(simulator.pid)];
  let [next, bytes] = [1, 0];
  const work = async () => {
    for (let page = next++; page <= pages; page = next++) {
      const size = await get(
        `${url}/api/Tickets?pageinate=true&page_size=${PAGE}&page_no=${page}&order=id`,
        headers,
      );
      bytes += size;
    }
  };
  await Promise.all(Array.from({ length: Number(values.connections) }, work));
  const seconds = (performance.now() - began) / 1000;
  const perSecond = (time: number) => Math.round(tickets / time).toLocaleString('en');
  const cpu = perSecond(computed(simulator.pid) - before);
  const rest = `${Math.round(bytes / 1e6 / seconds)} MB/s, ${memory(simulator.pid)}`;
  console.log(`round ${round}: ${perSecond(seconds)} rows/s, ${cpu} a second that it computed, ${rest}`);
}
agent.destroy();
simulator.kill('SIGTERM');
