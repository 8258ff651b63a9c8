import { MultiBar, type SingleBar } from 'cli-progress';
import type { Progress } from '../execution/progress.ts';
import type { RunCounts } from '../store/store.ts';

interface Stream extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
}

export interface TerminalProgress extends Progress {
  stop(): void;
}

/** How often progress is told where no bar can be drawn. */
const TELL_MS = 5_000;

/** A bar for each incoming and each route on a terminal; a line every few seconds elsewhere. */
export function createProgress(stream: Stream, quiet: boolean): TerminalProgress {
  if (quiet) return { incoming: () => {}, route: () => {}, note: () => {}, stop: () => {} };
  return stream.isTTY ? new Bars(stream) : new Lines(stream);
}

class Bars implements TerminalProgress {
  readonly #stream: Stream;
  readonly #bars: MultiBar;
  readonly #byName = new Map<string, SingleBar>();
  readonly #done = new Map<string, number>();

  constructor(stream: Stream) {
    this.#stream = stream;
    const format = '  {name} {bar} {value}/{total} {unit}';
    this.#bars = new MultiBar({
      stream,
      format,
      hideCursor: true,
      clearOnComplete: false,
      barsize: 30,
      fps: 8,
      gracefulExit: false,
      barCompleteChar: '\u2501',
      barIncompleteChar: '\u2500',
    });
  }

  incoming(id: string, counts: RunCounts, announced: number | undefined): void {
    this.#update(id, counts.read, Math.max(announced ?? 0, counts.read), 'read');
    for (const [route, books] of Object.entries(counts.routes)) {
      this.#update(route, this.#done.get(route) ?? 0, books.created, 'delivered');
    }
  }

  route(id: string, { state, count }: { readonly state: string; readonly count: number }): void {
    if (state === 'retry' || state === 'unknown') return;
    const done = (this.#done.get(id) ?? 0) + count;
    this.#done.set(id, done);
    this.#update(id, done, Math.max(this.#byName.get(id)?.getTotal() ?? 0, done), 'delivered');
  }

  note(text: string): void {
    this.#bars.log(`${text}\n`);
  }

  stop(): void {
    this.#bars.stop();
    if (this.#byName.size > 0) this.#stream.write('\n');
  }

  #update(name: string, value: number, total: number, unit: string): void {
    if (total === 0) return;
    let bar = this.#byName.get(name);
    if (!bar) {
      bar = this.#bars.create(total, value, { name: name.padEnd(24), unit });
      this.#byName.set(name, bar);
    }
    bar.setTotal(total);
    bar.update(value);
  }
}

class Lines implements TerminalProgress {
  readonly #stream: Stream;
  readonly #incoming = new Map<string, string>();
  readonly #settled = new Map<string, number>();
  #told = performance.now();

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  incoming(id: string, counts: RunCounts, announced: number | undefined): void {
    const of = announced === undefined ? '' : ` of ${announced.toLocaleString('en-US')}`;
    this.#incoming.set(id, `${id}: ${counts.read.toLocaleString('en-US')}${of} read`);
    this.#tell();
  }

  route(id: string, { state, count }: { readonly state: string; readonly count: number }): void {
    if (state !== 'retry' && state !== 'unknown') this.#settled.set(id, (this.#settled.get(id) ?? 0) + count);
    this.#tell();
  }

  note(text: string): void {
    this.#stream.write(`${text}\n`);
  }

  stop(): void {}

  #tell(): void {
    if (performance.now() - this.#told < TELL_MS) return;
    this.#told = performance.now();
    const routes = [...this.#settled].map(([id, count]) => `${id}: ${count.toLocaleString('en-US')} done`);
    this.#stream.write(`${[...this.#incoming.values(), ...routes].join(', ')}\n`);
  }
}
