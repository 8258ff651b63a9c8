// The long form of the fuzz suite: random programs of the configuration language. Exit 1 on the first broken promise.
//   npm run fuzz -- --programs 100000 --seed 1
import { parseArgs } from 'node:util';
import { fuzz } from '../packages/core/test/fuzz/fuzz.ts';

const { values } = parseArgs({
  options: { programs: { type: 'string', default: '100000' }, seed: { type: 'string' } },
});
const started = performance.now();
const seed = values.seed === undefined ? {} : { seed: Number(values.seed) };
const { refused, ran, failed } = await fuzz({
  programs: Number(values.programs),
  ...seed,
  progress: (done) => void process.stderr.write(`\u00b7 ${done} programs\n`),
});
process.stdout.write(
  `${refused + ran + failed} programs: ${refused} refused by the checks, ${ran} ran, ${failed} failed on their record, ${((performance.now() - started) / 1000).toFixed(0)} s\n`,
);
