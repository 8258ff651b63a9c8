// `npm start`: the example of configs/ against a HaloITSM simulator, from nothing, in one go.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const command = (pkg, name) => join(root, 'packages', pkg, 'bin', `${name}.mjs`);
const state = join(root, 'configs', '.millrace', 'simulator.json');
const say = (text) => process.stderr.write(`${text}\n`);

const simulator = spawn(
  process.execPath,
  [
    command('haloitsm-simulator', 'haloitsm-simulator'),
    '--port',
    '0',
    '--tickets',
    '3000',
    '--rate-limit',
    'off',
    '--state',
    state,
  ],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
const stopSimulator = () =>
  new Promise((resolve) => {
    if (simulator.exitCode !== null || simulator.signalCode !== null) return resolve();
    simulator.once('exit', resolve);
    simulator.kill('SIGTERM');
  });

/** The line of JSON that the simulator prints when it is ready. */
const ready = new Promise((resolve, reject) => {
  createInterface({ input: simulator.stdout }).once('line', (line) => resolve(JSON.parse(line)));
  simulator.once('error', reject);
  simulator.once('exit', (code) => reject(new Error(`the HaloITSM simulator ended with code ${code}`)));
});

const { url, tenant, clientId, clientSecret } = await ready;
say(`\u00b7 A HaloITSM simulator with 3,000 tickets listens at ${url}`);
say('\u00b7 Running every incoming of configs/ once: npx millrace run');
say('');
const env = {
  ...process.env,
  HALO_BASE_URI: url,
  HALO_TENANT: tenant,
  HALO_CLIENT_ID: clientId,
  HALO_CLIENT_SECRET: clientSecret,
};
const args = [
  command('runner', 'millrace'),
  'run',
  '--config',
  join(root, 'configs'),
  ...process.argv.slice(2),
];
const run = spawn(process.execPath, args, { cwd: root, stdio: 'inherit', env });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => run.kill(signal));
const [code, signal] = await new Promise((resolve) => run.once('exit', (...result) => resolve(result)));
await stopSimulator();
if (code === 0 && existsSync(join(root, 'configs', 'out', 'tickets.csv'))) {
  say('');
  say(
    'What happened: each open ticket that is not of low priority became a task on two routes: an asset, and a line of a file.',
  );
  say('  npx millrace tasks list --limit 5      the tasks, newest first');
  say('  npx millrace tasks show ID             the whole story of one');
  say('  head configs/out/tickets.csv           what the file route wrote');
  say('Run npm start again: nothing is sent twice. To use your own HaloITSM, see README.md.');
}
if (signal) process.kill(process.pid, signal);
else process.exitCode = code ?? 1;
