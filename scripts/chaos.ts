// The long form of the chaos suite: kills `millrace run` at random, and counts at the sink. Exit 1 on any violation.
//   npm run chaos -- --rounds 300 --tickets 5000 --concurrency 10 --seed 1
import { parseArgs } from 'node:util';
import { killRounds } from '../packages/runner/test/chaos/rounds.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '300' },
    tickets: { type: 'string', default: '5000' },
    concurrency: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
  },
});
const number = (name: keyof typeof values) => {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value > 0) return value;
  throw new RangeError(`--${name} takes a whole number from 1, not "${values[name]}"`);
};

const started = performance.now();
const summary = await killRounds({
  rounds: number('rounds'),
  tickets: number('tickets'),
  concurrency: number('concurrency'),
  seed: number('seed'),
  progress: (line) => void process.stdout.write(`${line}\n`),
});
const { rounds, kills, runs, failed, delivered, lost, repeated, maxPerKill, orderViolations, wrong } =
  summary;
for (const one of wrong) process.stdout.write(`WRONG ${one}\n`);
process.stdout.write(
  `${rounds} rounds, ${kills} kills, ${runs} whole runs, ${failed} refused by the desk, ${delivered} delivered, ${lost} lost, ${repeated} repeated (at most ${maxPerKill} for one kill), ${orderViolations} order violations, ${wrong.length === 0 ? 'nothing' : wrong.length} wrong, ${((performance.now() - started) / 1000).toFixed(0)} s\n`,
);
process.exitCode = wrong.length === 0 ? 0 : 1;
