import { setFlagsFromString } from 'node:v8';
import { Command, InvalidArgumentError, Option } from 'commander';
import { parseFaults } from './faults/rates.ts';
import { signInOf } from './host.ts';
import { parseQuirks } from './quirks.ts';
import { parseRateLimit } from './rate-limit.ts';
import { startSimulator } from './start.ts';

// A young generation that stays small: a desk of 100,000 tickets takes 375 MB instead of 550, and is read as fast.
setFlagsFromString('--semi-space-growth-factor=1');

function whole(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value))
    throw new InvalidArgumentError('a whole number is wanted.');
  return value;
}

function reading<T>(read: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return read(text);
    } catch (error) {
      throw new InvalidArgumentError((error as Error).message);
    }
  };
}

const program = new Command('haloitsm-simulator')
  .description('A local HaloITSM API with a seeded service desk. Prints one JSON line when it is ready.')
  .option('--port <port>', 'port to listen on; 0 takes a free one', whole, 0)
  .option('--host <host>', 'address to listen on', '127.0.0.1')
  .option('--tickets <n>', 'tickets of the seeded service desk', whole, 1000)
  .option('--seed <n>', 'the same seed gives the same data', whole, 1)
  .option('--page-cap <n>', 'rows of a page at most, whatever is asked for', whole, 100)
  .addOption(
    new Option('--rate-limit <limit>', 'requests in a rolling window, or off')
      .argParser(reading(parseRateLimit))
      .default(parseRateLimit('500/180s'), '500/180s'),
  )
  .option(
    '--faults <rates>',
    'how likely calls go wrong, such as 429=0.02,500=0.01,slow=0.01:5000,truncate=0.005',
    reading(parseFaults),
  )
  .option(
    '--quirks <list>',
    'ways of the real API to switch, such as thin-rows=off,unordered=on',
    reading(parseQuirks),
  )
  .option('--token-ttl <seconds>', 'how long a token lives', whole, 3600)
  .option('--latency <ms>', 'milliseconds before every answer', whole, 0)
  .option('--state <file>', 'keep the records in a file; it is read at the start where it exists')
  .option('--tenant <name>', 'name of the (first) tenant', 'acme')
  .option('--tenants <n>', 'so many tenants, each with a port and a line of its own', whole, 1)
  .option('--require-tenant', 'the quirk tenant-needed')
  .option('--strict-paging', 'the quirk page-no-needed')
  .option('--unordered', 'the quirk unordered')
  .option('--no-retry-after', 'without the quirk retry-after')
  .option('--clock-skew <ms>', 'milliseconds by which the clock of the instance is ahead', whole, 0)
  .addHelpText(
    'after',
    '\nA page to look at: /. What it was asked: GET /__simulator/journal. What it can be told: GET /__simulator',
  )
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse();

const { tokenTtl, retryAfter, ...options } = program.opts();
const simulator = await startSimulator({
  ...options,
  tokenLifetime: tokenTtl,
  // On where nobody says anything; then --quirks decides.
  ...(retryAfter === false && { retryAfter }),
}).catch((error: Error) => {
  process.stderr.write(`haloitsm-simulator: ${error.message}\n`);
  process.exit(2);
});

for (const tenant of simulator.tenants) process.stdout.write(`${JSON.stringify(signInOf(tenant))}\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    simulator.stop().then(
      () => process.exit(0),
      (error: Error) => {
        process.stderr.write(`haloitsm-simulator: ${error.message}\n`);
        process.exit(1);
      },
    );
  });
}
