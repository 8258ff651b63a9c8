import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Json, JsonObject } from '@millrace/core';
import { onTestFinished } from 'vitest';
import { loadProject } from '../../src/config/load.ts';
import type { Project } from '../../src/config/project.ts';
import { type Engine, openEngine } from '../../src/engine.ts';
import { noProgress } from '../../src/execution/progress.ts';
import { select } from '../../src/execution/selection.ts';
import { Session, type SessionOptions } from '../../src/execution/session.ts';
import { type Clock, systemClock } from '../../src/store/clock.ts';
import type { TaskDetails, TaskRow } from '../../src/store/store.ts';

export type Files = Readonly<Record<string, string>>;

export interface InProcessOptions {
  readonly clock?: Clock;
  /** Given the lines of the log; without, there is none. */
  readonly log?: (line: string) => void;
}

/** A project in a folder of its own and its engine in this process, on a real store. */
export class InProcess {
  readonly folder: string;
  readonly #options: InProcessOptions;
  #engine: Engine | undefined;

  private constructor(folder: string, options: InProcessOptions) {
    this.folder = folder;
    this.#options = options;
  }

  static async make(files: Files, options: InProcessOptions = {}): Promise<InProcess> {
    const made = new InProcess(await mkdtemp(join(tmpdir(), 'millrace-process-')), options);
    onTestFinished(async () => {
      await made.#engine?.close();
      await rm(made.folder, { recursive: true, force: true });
    });
    await made.write(files);
    return made;
  }

  /** Writes or replaces files; the next run sees them. */
  async write(files: Files): Promise<void> {
    await this.#engine?.close();
    this.#engine = undefined;
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(this.folder, name)), { recursive: true });
      await writeFile(join(this.folder, name), text);
    }
  }

  async engine(): Promise<Engine> {
    if (this.#engine) return this.#engine;
    const { clock = systemClock, log } = this.#options;
    const project = await this.project();
    this.#engine = await openEngine({
      project,
      progress: noProgress,
      clock,
      logLevel: log ? 'debug' : 'silent',
      logStream: { write: (line) => log?.(line) },
    });
    return this.#engine;
  }

  /** The files as they are now, checked. */
  async project(): Promise<Project> {
    const { project, findings } = await loadProject(this.folder, {
      environment: 'required',
      env: {},
      cwd: this.folder,
    });
    if (!project) throw new Error(JSON.stringify(findings));
    return project;
  }

  /** `millrace run`. */
  run(...ids: readonly string[]) {
    return this.#session(ids, {});
  }

  /** `millrace run --tasks-only`. */
  work(...ids: readonly string[]) {
    return this.#session(ids, { incoming: [] });
  }

  /** `millrace run` that holds back where a route has more tasks than it may. */
  runHolding(signal: AbortSignal = new AbortController().signal) {
    return this.#session([], { backpressure: true, signal });
  }

  async #session(ids: readonly string[], only: Partial<SessionOptions>) {
    const engine = await this.engine();
    const session = new Session(engine, engine.container, {
      ...select(engine.compiled, ids),
      waitMs: 0,
      backpressure: false,
      signal: new AbortController().signal,
      ...only,
    });
    return session.execute();
  }

  async fill(storage: string, entries: JsonObject): Promise<void> {
    const { store } = await this.engine();
    await store.writeStorage(Object.entries(entries).map(([key, value]) => ({ storage, key, value })));
  }

  async stored(storage: string): Promise<JsonObject> {
    const { store } = await this.engine();
    const entries = await store.storageEntries(storage, '', 10_000);
    return Object.fromEntries(entries.map(({ key, value }): [string, Json] => [key, value]));
  }

  /** Tasks, oldest first. */
  async tasks(): Promise<readonly TaskRow[]> {
    const { store } = await this.engine();
    return [...(await store.tasks({ limit: 1000 })).tasks].reverse();
  }

  async task(id: string): Promise<TaskDetails | undefined> {
    return (await this.engine()).store.task(id);
  }
}
