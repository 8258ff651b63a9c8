import { Command, InvalidArgumentError } from 'commander';
import { parseFaults } from './faults.ts';
import { parseRateLimit } from './rate-limit.ts';
import { startSimulator } from './simulator.ts';

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
  .option(
    '--rate-limit <limit>',
    'such as 500/180s, or off',
    reading(parseRateLimit),
    parseRateLimit('500/180s'),
  )
  .option('--faults <rates>', 'such as 429=0.02,500=0.01,slow=0.01,truncate=0.005', reading(parseFaults), {})
  .option('--token-ttl <seconds>', 'how long a token lives', whole, 3600)
  .option('--latency <ms>', 'milliseconds before every answer', whole, 0)
  .option('--state <file>', 'keep the records in a file')
  .option('--tenant <name>', 'name of the tenant', 'acme')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse();

const options = program.opts();
const simulator = await startSimulator({
  port: options['port'],
  host: options['host'],
  tickets: options['tickets'],
  seed: options['seed'],
  pageCap: options['pageCap'],
  rateLimit: options['rateLimit'],
  faults: options['faults'],
  tokenLifetime: options['tokenTtl'],
  latency: options['latency'],
  state: options['state'],
  tenant: options['tenant'],
}).catch((error: Error) => {
  process.stderr.write(`haloitsm-simulator: ${error.message}\n`);
  process.exit(2);
});

const { url, tenant, clientId, clientSecret, username, password } = simulator;
process.stdout.write(`${JSON.stringify({ url, tenant, clientId, clientSecret, username, password })}\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void simulator.stop().then(() => process.exit(0)));
}
