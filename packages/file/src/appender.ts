import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Json, type Logger, MillraceError } from '@millrace/core';
import { appendRecords, type FileShape } from './append.ts';
import type { Pending, Written } from './append-lines.ts';
import { Journal } from './journal.ts';
import { settleAppends } from './recovery.ts';
import { fileError } from './target-file.ts';

/** Identifies this process in journals. */
const WRITER = randomUUID();
/** How long a record waits for another process to let the file go. */
const PATIENCE_MS = 30_000;
/** How long a busy writer keeps a file before it lets others have a turn. */
const TURN_MS = 250;
/** How long an idle one keeps it: opening it again costs as much as an append. */
const LINGER_MS = 20;
const GROUP = 2000;

export type Held = 'delivered' | 'absent' | 'unknown';

/** What became of a record. */
export type Appended =
  | { readonly status: 'delivered'; readonly place: Written }
  | { readonly status: 'rejected' | 'failed' | 'retry' | 'unknown'; readonly error: MillraceError };

interface Queued extends Pending {
  readonly path: string;
  readonly signal: AbortSignal;
}

interface Question {
  readonly task: string;
  readonly answer: (held: Held) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Appends records to a file, or to the files that it is rotated into: all of one folder, with one journal. What is
 * asked for at the same time goes into one append. Several of these, in one process or in many, share a file.
 */
export class Appender {
  readonly #folder: string;
  readonly #journalPath: string;
  readonly #shape: FileShape;
  readonly #log: Logger;
  #records: Queued[] = [];
  #questions: Question[] = [];
  #working = false;
  #wake: (() => void) | undefined;

  /** `path`: of the file as it is named before rotation, absolute. */
  constructor(path: string, shape: FileShape, log: Logger) {
    this.#folder = dirname(path);
    this.#journalPath = join(this.#folder, `.${basename(path)}.journal.db`);
    this.#shape = shape;
    this.#log = log;
  }

  /** Resolves when a task's record is in the file at a path, or cannot be. */
  append(task: string, record: Json, path: string, signal: AbortSignal): Promise<Appended> {
    return new Promise((resolve) => {
      const written = (place: Written) => resolve({ status: 'delivered', place });
      const failed: Pending['failed'] = (error, status) => resolve({ status, error });
      this.#records.push({ task, record, path, signal, written, failed });
      this.#start();
    });
  }

  /** Whether a task's record was written, and is not to be written again. */
  holds(task: string): Promise<Held> {
    return new Promise((answer, failed) => {
      this.#questions.push({ task, answer, failed });
      this.#start();
    });
  }

  #start(): void {
    this.#wake?.();
    if (this.#working) return;
    this.#working = true;
    // One turn of the event loop: publish calls that start together are written together.
    setImmediate(() => void this.#work());
  }

  get #idle(): boolean {
    return this.#records.length === 0 && this.#questions.length === 0;
  }

  /** Never rejects: everybody who waits is told. */
  async #work(): Promise<void> {
    while (!this.#idle) {
      let journal: Journal | undefined;
      try {
        journal = await this.#open();
        if (!journal) continue;
        await settleAppends(journal, this.#folder, this.#log);
        await this.#turn(journal);
      } catch (thrown) {
        this.#failAll(fileError(thrown, basename(this.#journalPath)));
      } finally {
        journal?.close();
      }
      // Another process that waits gets it now.
      if (!this.#idle) await pause(2 * POLL_MS);
    }
    this.#working = false;
  }

  async #turn(journal: Journal): Promise<void> {
    const until = performance.now() + TURN_MS;
    while (performance.now() < until) {
      this.#answer(journal);
      if (this.#records.length > 0) await this.#append(journal);
      if (this.#idle) await this.#linger();
      if (this.#idle) return;
    }
  }

  async #append(journal: Journal): Promise<void> {
    const path = this.#records[0]?.path ?? '';
    // A task that is there twice waits: the journal will know its record then.
    const tasks = new Map<string, Queued>();
    for (const one of this.#records) {
      if (one.path === path && tasks.size < GROUP && !tasks.has(one.task)) tasks.set(one.task, one);
    }
    const group = [...tasks.values()];
    const taken = new Set(group);
    this.#records = this.#records.filter((one) => !taken.has(one));
    const wanted = group.filter((one) => !aborted(one));
    try {
      const rest = await appendRecords(journal, path, this.#shape, wanted);
      this.#records.unshift(...(rest as Queued[]));
    } catch (thrown) {
      const error = fileError(thrown, basename(path));
      for (const one of wanted) one.failed(error, 'retry');
      throw error;
    }
  }

  #answer(journal: Journal): void {
    const questions = this.#questions;
    this.#questions = [];
    for (const { task, answer, failed } of questions) {
      try {
        const state = journal.find(task)?.state;
        answer(state === undefined ? 'absent' : state === 'done' ? 'delivered' : 'unknown');
      } catch (error) {
        failed(error);
      }
    }
  }

  /** The journal, when no other process has it; undefined when nobody waits for it any more. */
  async #open(): Promise<Journal | undefined> {
    const until = performance.now() + PATIENCE_MS;
    await mkdir(this.#folder, { recursive: true });
    for (;;) {
      const journal = Journal.open(this.#journalPath, WRITER, this.#shape.sync);
      if (journal) return journal;
      if (performance.now() > until) throw this.#locked();
      await pause(POLL_MS * (0.5 + Math.random()));
      this.#records = this.#records.filter((one) => !aborted(one));
      if (this.#idle) return undefined;
    }
  }

  #locked(): MillraceError {
    const seconds = PATIENCE_MS / 1000;
    return new MillraceError(
      'client.unavailable',
      `Another process kept "${basename(this.#journalPath)}" for ${seconds} s`,
      { hint: 'Look for a Millrace that is stopped or hangs on this file.' },
    );
  }

  async #linger(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const timer = setTimeout(resolve, LINGER_MS);
    await promise;
    clearTimeout(timer);
    this.#wake = undefined;
  }

  #failAll(error: MillraceError): void {
    const records = this.#records;
    const questions = this.#questions;
    this.#records = [];
    this.#questions = [];
    const status = error.code === 'client.unavailable' ? 'retry' : 'failed';
    for (const one of records) one.failed(error, status);
    for (const { failed } of questions) failed(error);
  }
}

const POLL_MS = 5;

/** Tells a record of a run that was given up that it was not sent. */
function aborted(one: Queued): boolean {
  if (!one.signal.aborted) return false;
  one.failed(
    new MillraceError('run.cancelled', 'The run was given up before the record was written'),
    'retry',
  );
  return true;
}
