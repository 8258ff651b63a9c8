// Long reads of a simulated HaloITSM. Exit 1 where anything was lost or doubled, or took longer than it may.
//   npm run soak -- worst --tickets 20000 --created 500 --changed 500 --seed 1
//   npm run soak -- load --tickets 100000 --limit 500/18s
import { parseArgs } from 'node:util';
import { initialLoad } from '../test/haloitsm/soak/initial-load.ts';
import { worstCase } from '../test/haloitsm/soak/worst-case.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    tickets: { type: 'string' },
    created: { type: 'string', default: '500' },
    changed: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
    limit: { type: 'string', default: '500/18s' },
  },
});

const say = (line: string) => void process.stdout.write(`${line}\n`);

function whole(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new RangeError(`a whole number from 1 is wanted, not "${text}"`);
}

/** At the worst: 429, 5xx, slow and broken answers, pages that are wrong, tokens that die, people at work. */
async function worst(): Promise<readonly string[]> {
  const { runs, delivered, wrong } = await worstCase({
    tickets: whole(values.tickets ?? '20000'),
    created: whole(values.created),
    changed: whole(values.changed),
    seed: whole(values.seed),
    tokenLifetime: 30,
    slowMs: 2000,
    progress: say,
  });
  const requests = runs.reduce((sum, run) => sum + run.requests, 0);
  say(`${runs.length} runs, ${requests} requests, ${delivered} versions of tickets delivered`);
  return wrong;
}

/** The first read of a large desk under a limit, killed half way. */
async function load(): Promise<readonly string[]> {
  const [, requests = '', seconds = ''] = /^(\d+)\/(\d+)s$/.exec(values.limit) ?? [];
  const {
    said,
    seconds: took,
    share,
    requests: sent,
    wrong,
  } = await initialLoad({
    tickets: whole(values.tickets ?? '100000'),
    pageCap: 100,
    requests: whole(requests),
    windowMs: whole(seconds) * 1000,
    kill: true,
    progress: say,
  });
  say(`said beforehand: ${said ?? 'nothing'}`);
  say(
    `${sent} requests in ${took.toFixed(1)} s: ${(share * 100).toFixed(1)} % of the rate that ${values.limit} allows`,
  );
  return [
    ...wrong,
    ...(said === undefined ? ['nothing was said beforehand'] : []),
    ...(share < 0.95 ? ['less than 95 % of the rate was used'] : []),
  ];
}

const SOAKS: Readonly<Record<string, () => Promise<readonly string[]>>> = { worst, load };
const soak = SOAKS[positionals[0] ?? ''];
if (!soak) {
  process.stderr.write('usage: npm run soak -- worst | load   (see the head of scripts/soak.ts)\n');
  process.exit(2);
}
const wrong = await soak();
for (const one of wrong.slice(0, 20)) say(`WRONG ${one}`);
say(wrong.length === 0 ? 'nothing wrong' : `${wrong.length} wrong`);
process.exitCode = wrong.length === 0 ? 0 : 1;
