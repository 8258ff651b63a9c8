import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Simulator, startSimulator } from '@millrace/haloitsm-simulator';
import { type PrintedRun, unbalanced } from './books.ts';
import { Ledger } from './ledger.ts';
import { type Ended, Life } from './life.ts';
import { falseMemories } from './memory.ts';
import { judge, type Verdict, violations } from './oracle.ts';
import type { Trigger } from './points.ts';
import { assetOf, type ProjectOptions, summaryOf, writeProject } from './project.ts';
import { Random } from './random.ts';
import { readStore } from './store-books.ts';

export interface RigOptions extends Partial<ProjectOptions> {
  readonly tickets: number;
  readonly seed?: number;
  readonly pageCap?: number;
  /** Milliseconds before every answer. */
  readonly latency?: number;
}

/** What lives: `start` until it is told to stop, the others until their work is done. */
const COMMANDS = {
  run: ['run', '--json'],
  start: ['start'],
  prune: ['tasks', 'prune', '--json'],
} as const;
export type CommandName = keyof typeof COMMANDS;

/** A desk, a project and its store: lives of the command follow one another on them. */
export class Rig implements AsyncDisposable {
  readonly simulator: Simulator;
  readonly ledger = new Ledger();
  readonly random: Random;
  readonly concurrency: number;
  readonly #keep: number | undefined;
  readonly #folder: string;
  /** The version that each ticket has at the desk. */
  readonly #versions = new Map<string, number>();
  #life: Life | undefined;

  private constructor(simulator: Simulator, folder: string, options: RigOptions) {
    this.simulator = simulator;
    this.#folder = folder;
    this.concurrency = options.concurrency ?? 10;
    this.#keep = options.keep;
    this.random = new Random(options.seed ?? 1);
    for (let ticket = 1; ticket <= options.tickets; ticket++) this.#versions.set(assetOf(ticket), 0);
  }

  static async start(options: RigOptions): Promise<Rig> {
    const { tickets, seed = 1, pageCap = 20, latency = 0, concurrency = 10, timeout, keep } = options;
    const folder = await mkdtemp(join(tmpdir(), 'millrace-chaos-'));
    await writeProject(join(folder, 'project'), {
      concurrency,
      ...(timeout !== undefined && { timeout }),
      ...(keep !== undefined && { keep }),
    });
    return new Rig(await startSimulator({ tickets, seed, pageCap, latency }), folder, options);
  }

  get store(): string {
    return join(this.#folder, 'project', '.millrace', 'millrace.db');
  }

  /** What the desk holds now: the version of each entity that has to arrive in the end. */
  get wanted(): ReadonlyMap<string, number> {
    return new Map(this.#versions);
  }

  /** How many entities have a version that did not arrive yet. */
  get pending(): number {
    const newest = this.ledger.newest();
    return [...this.#versions].filter(([entity, version]) => (newest.get(entity) ?? -1) < version).length;
  }

  /** Somebody at the desk changes so many tickets. */
  change(count: number): void {
    for (let done = 0; done < count; done++) {
      const id = this.random.whole(1, this.#versions.size);
      const version = (this.#versions.get(assetOf(id)) ?? 0) + 1;
      this.#versions.set(assetOf(id), version);
      this.simulator.save('Tickets', { id, summary: summaryOf(version) });
    }
  }

  /** One process of the command, from its start to its end. */
  async run(
    triggers: readonly Trigger[] = [],
    meanwhile: (life: Life) => void = () => {},
    command: CommandName = 'run',
  ): Promise<Ended> {
    const ended = await this.#command(COMMANDS[command], triggers, meanwhile);
    await this.#settleDesk();
    this.ledger.endLife(ended.signal === null ? 'ended' : 'killed', this.simulator.journal());
    this.simulator.clearJournal();
    return ended;
  }

  /** Starts it again until it ends well; returns the runs that this last process prints. */
  async runToTheEnd(triggers: readonly Trigger[] = []): Promise<readonly PrintedRun[]> {
    for (let tries = 1; ; tries++) {
      const { code, stdout, stderr } = await this.run(triggers);
      if (code === 0) return (JSON.parse(stdout) as { result: { runs: PrintedRun[] } }).result.runs;
      if (tries === 10) throw new Error(`no run ends well; the last: exit ${code}\n${stdout}\n${stderr}`);
    }
  }

  /** What the storages hold now that is not true; right after a kill, too. */
  get falseMemories(): readonly string[] {
    return falseMemories(this.store, this.ledger, false);
  }

  /** What arrived so far, against what the desk holds now, or held. */
  verdict(wanted: ReadonlyMap<string, number> = this.wanted): Verdict {
    return judge(this.ledger, wanted);
  }

  /**
   * Reads what is still news, and looks at everything: what arrived, the books as printed and as kept, the store.
   * Returns what must not be, in sentences.
   */
  async audit({ shown = false } = {}): Promise<string[]> {
    const taken = await this.runToTheEnd();
    const whole = await this.runToTheEnd();
    const found = [...taken, ...whole].flatMap(unbalanced);
    const [last] = whole;
    if (!last) return ['the last life printed no run'];
    if (shown) found.push(...(await this.#asShown(last)));
    const store = readStore(this.store, this.ledger, this.#keep);
    if (store.open > 0) found.push(`tasks still open: ${JSON.stringify(store.byStatus)}`);
    const memories = falseMemories(this.store, this.ledger, true);
    return [...violations(this.verdict(), this.concurrency), ...found, ...store.violations, ...memories];
  }

  /** What `runs show` tells otherwise than the run itself did. */
  async #asShown(run: PrintedRun): Promise<string[]> {
    const { stdout } = await this.#command(['runs', 'show', run.id, '--json'], [], () => {});
    const { result } = JSON.parse(stdout) as { result: PrintedRun };
    const names = ['status', 'announced', 'read', 'dropped', 'failed', 'passed'] as const;
    return names
      .filter((name) => result[name] !== run[name])
      .map((name) => `runs show: ${name} is ${result[name]}, not ${run[name]}`);
  }

  /** Ends what still runs; nothing stays on the disk. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#life?.kill();
    await this.#life?.ended;
    await this.simulator.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #command(args: readonly string[], triggers: readonly Trigger[], meanwhile: (life: Life) => void) {
    const { url, tenant, clientId, clientSecret } = this.simulator;
    const env = {
      HALO_BASE_URI: url,
      HALO_TENANT: tenant,
      HALO_CLIENT_ID: clientId,
      HALO_CLIENT_SECRET: clientSecret,
    };
    this.#life = new Life([...args, '--config', join(this.#folder, 'project')], env, triggers);
    meanwhile(this.#life);
    return this.#life.ended;
  }

  /** What a dead process had sent is answered, and in the journal, before a request that is sent now. */
  async #settleDesk(): Promise<void> {
    // It may meet a fault of the desk like any other: also then its turn has come.
    await fetch(`${this.simulator.url}/api/authinfo`)
      .then((answer) => answer.arrayBuffer())
      .catch(() => undefined);
  }
}
