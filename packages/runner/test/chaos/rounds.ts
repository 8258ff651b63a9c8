import { type PrintedRun, unbalanced } from './books.ts';
import type { Life } from './life.ts';
import { violations } from './oracle.ts';
import { POINTS, type Point, type PointName, type Trigger } from './points.ts';
import { type CommandName, Rig } from './rig.ts';

export interface RoundsOptions {
  /** How many processes are killed. */
  readonly rounds: number;
  readonly tickets: number;
  readonly concurrency: number;
  readonly seed: number;
  /** Told of every round. */
  readonly progress: (line: string) => void;
}

export interface Summary {
  /** Processes that were started. */
  readonly rounds: number;
  readonly kills: number;
  /** Processes that read and delivered to the end. */
  readonly runs: number;
  /** Processes that gave up because the desk did not answer. */
  readonly failed: number;
  readonly delivered: number;
  readonly lost: number;
  readonly repeated: number;
  readonly maxPerKill: number;
  readonly orderViolations: number;
  /** What must not be, in sentences, with the round that came before it. */
  readonly wrong: readonly string[];
}

interface Plan {
  readonly what: string;
  readonly command: CommandName;
  readonly triggers: readonly Trigger[];
  readonly meanwhile: (life: Life) => void;
}

const PAGE = 100;
/** A scheduled runner ends by itself never: it dies at its point, or then. */
const LONGEST_START_MS = 4_000;
const ANY_TIME = (Object.keys(POINTS) as PointName[]).filter((name) => {
  const { needs }: Point = POINTS[name];
  return needs !== 'fresh store';
});

/** Kills one process after the other on one desk and one store, at random; the desk changes all the while. */
export async function killRounds(options: RoundsOptions): Promise<Summary> {
  const { rounds, tickets, concurrency, seed, progress } = options;
  await using rig = await Rig.start({ tickets, seed, concurrency, pageCap: PAGE, keep: tickets });
  const { random } = rig;
  const wrong = new Set<string>();
  let kills = 0;
  let runs = 0;
  let failed = 0;
  // What the desk held when the run under way was opened: when it ends well, all of that has arrived.
  let due = rig.wanted;
  let round = 0;
  // Not every plan comes to its point before the run is over.
  while (kills < rounds && round < rounds * 4) {
    round++;
    const before = performance.now();
    const plan = round === 1 ? killAt('migrating', random.whole(1, 2)) : randomPlan(rig);
    const { code, signal, stdout, stderr } = await rig.run(plan.triggers, plan.meanwhile, plan.command);
    const verdict = rig.verdict(due);
    let outcome = `exit ${code}`;
    let sentences: string[];
    if (signal !== null) {
      kills++;
      outcome = 'killed';
      sentences = violations({ ...verdict, lost: [] }, concurrency);
      // A desk does not stand still while the process is gone.
      if (random.next() < 0.3) rig.change(random.whole(1, 20));
    } else if (code === 0 && plan.command === 'run') {
      runs++;
      const { result } = JSON.parse(stdout) as { result: { runs: readonly PrintedRun[] } };
      sentences = [...violations(verdict, concurrency), ...result.runs.flatMap(unbalanced)];
      rig.change(random.whole(1, Math.max(1, Math.round(tickets / 10))));
      due = rig.wanted;
    } else {
      // Asked to stop, or the desk did not answer: what it left the next one takes up.
      sentences = violations({ ...verdict, lost: [] }, concurrency);
      const refused = code === 3 && /"code":"client\.\w+"/.test(stdout);
      if (refused) failed++;
      else if (code !== 143 && code !== 0) sentences.push(`exit ${code}: ${stdout} ${stderr.slice(-500)}`);
    }
    for (const sentence of sentences) {
      const known = [...wrong].some((one) => one.endsWith(sentence));
      if (!known) wrong.add(`seed ${seed}, round ${round} (${plan.what}): ${sentence}`);
    }
    const seconds = ((performance.now() - before) / 1000).toFixed(1);
    progress(
      `${kills}/${rounds} ${plan.what}: ${outcome} after ${seconds} s; ${verdict.delivered} delivered, ${verdict.repeated} repeated`,
    );
  }
  rig.simulator.setFaults({});
  for (const sentence of await rig.audit({ shown: true })) wrong.add(`seed ${seed}, at the end: ${sentence}`);
  const { delivered, lost, repeated, maxPerKill, disordered } = rig.verdict();
  return {
    rounds: round,
    kills,
    runs,
    failed,
    delivered,
    lost: lost.length,
    repeated,
    maxPerKill,
    orderViolations: disordered.length,
    wrong: [...wrong],
  };
}

const nothing = () => {};

function killAt(point: PointName, n: number): Plan {
  return {
    what: `${point}:${n}`,
    command: 'run',
    triggers: [{ action: 'kill', point, n }],
    meanwhile: nothing,
  };
}

/** Two thirds die at a point, the others at any time. */
function randomPlan(rig: Rig): Plan {
  const { random, simulator } = rig;
  // Never so many that the circuit breaker opens for long: a run would wait for minutes.
  simulator.setFaults(random.next() < 0.2 ? { '503': 0.01, '500': 0.005, reset: 0.005 } : {});
  if (random.next() < 1 / 3) {
    const after = random.whole(50, 2_500);
    const command = random.next() < 0.3 ? 'start' : 'run';
    const meanwhile = (life: Life) => killLater(life, after);
    return { what: `${command} after ${after} ms`, command, triggers: [], meanwhile };
  }
  const point = random.pick(ANY_TIME);
  const { often, needs }: Point = POINTS[point];
  const most = { once: 1, page: rig.pending / PAGE, task: rig.pending }[often];
  const plan = killAt(point, random.whole(1, Math.max(1, Math.ceil(most))));
  const early = random.whole(1, Math.max(1, Math.min(50, rig.pending)));
  switch (needs) {
    case 'start': {
      const trigger = { action: 'kill', point, n: random.whole(1, 5) } as const;
      const meanwhile = (life: Life) => killLater(life, LONGEST_START_MS);
      return { what: `start ${point}:${trigger.n}`, command: 'start', triggers: [trigger], meanwhile };
    }
    case '503':
      simulator.failNext({ fault: '503', method: 'POST', path: 'Asset', after: early });
      return plan;
    case 'SIGTERM':
      return {
        ...plan,
        triggers: [{ action: 'tell', point: 'published', n: early }, ...plan.triggers],
        meanwhile: (life) => life.onPoint('published', () => life.kill('SIGTERM')),
      };
    case 'disk full':
      return { ...plan, triggers: [{ action: 'full', point: 'published', n: early }, ...plan.triggers] };
    default:
      return plan;
  }
}

function killLater(life: Life, milliseconds: number): void {
  const timer = setTimeout(() => life.kill(), milliseconds);
  void life.ended.then(() => clearTimeout(timer));
}
