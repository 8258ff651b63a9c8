import { Command, InvalidArgumentError, Option } from 'commander';
import { parseFaults } from './faults.ts';
import { parseRateLimit } from './rate-limit.ts';
import { startSimulator } from './start.ts';

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
  .option('--token-ttl <seconds>', 'how long a token lives', whole, 3600)
  .option('--latency <ms>', 'milliseconds before every answer', whole, 0)
  .option('--state <file>', 'keep the records in a file; it is read at the start where it exists')
  .option('--tenant <name>', 'name of the tenant', 'acme')
  .option('--require-tenant', 'refuse token requests that name no tenant')
  .option('--strict-paging', 'ignore the paging parameters where page_no is missing')
  .option('--unordered', 'give lists without "order" in another order at each request')
  .option('--no-retry-after', 'answer the rate limit without a Retry-After')
  .option('--clock-skew <ms>', 'milliseconds by which the clock of the instance is ahead', whole, 0)
  .addHelpText(
    'after',
    '\nWhat it was asked: GET /__simulator/journal. What it can be told: GET /__simulator',
  )
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse();

const options = program.opts();
const { faults, tokenTtl, state, ...rest } = options;
const simulator = await startSimulator({
  ...rest,
  tokenLifetime: tokenTtl,
  ...(faults !== undefined && { faults }),
  ...(state !== undefined && { state }),
}).catch((error: Error) => {
  process.stderr.write(`haloitsm-simulator: ${error.message}\n`);
  process.exit(2);
});

const { url, tenant, clientId, clientSecret, username, password } = simulator;
process.stdout.write(`${JSON.stringify({ url, tenant, clientId, clientSecret, username, password })}\n`);
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
