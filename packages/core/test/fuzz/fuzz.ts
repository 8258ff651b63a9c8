import fc from 'fast-check';
import { createRegistry } from '../../src/registry.ts';
import { programs, record } from './programs.ts';
import { runProgram, type Verdict } from './run-program.ts';

/** Runs so many random programs. Rejects with the smallest program that breaks a promise of the language. */
export async function fuzz(options: {
  readonly programs: number;
  readonly seed?: number;
  readonly progress?: (done: number) => void;
}): Promise<Readonly<Record<Verdict, number>>> {
  const verdicts: Record<Verdict, number> = { refused: 0, ran: 0, failed: 0 };
  let done = 0;
  const property = fc.asyncProperty(programs(createRegistry([])), record, async (steps, data) => {
    verdicts[await runProgram(steps, data)]++;
    if (++done % 5000 === 0) options.progress?.(done);
  });
  const { programs: numRuns, seed } = options;
  await fc.assert(property, { numRuns, ...(seed !== undefined && { seed }) });
  return verdicts;
}
