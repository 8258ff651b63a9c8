import { MillraceError } from '@millrace/core';
import type { Clock } from '../store/clock.ts';

export interface PatienceOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** How long it goes on trying. */
  readonly giveUpMs: number;
  /** Told once, with what is in the way. */
  readonly waiting: (error: MillraceError) => void;
}

const TRY_AGAIN_MS = 1_000;

/** True for what passes by itself: a store that another process holds, a disk that is full. */
export function passes(error: unknown): error is MillraceError {
  return error instanceof MillraceError && (error.code === 'store.busy' || error.code === 'store.full');
}

/** Does a transaction again that failed for what may pass. Nothing of it was stored, so nothing is done twice. */
export async function patiently<T>(transaction: () => Promise<T>, options: PatienceOptions): Promise<T> {
  const { clock, signal, giveUpMs, waiting } = options;
  const until = clock.now() + giveUpMs;
  for (let told = false; ; ) {
    try {
      return await transaction();
    } catch (error) {
      if (!passes(error) || signal.aborted || clock.now() >= until) throw error;
      if (!told) waiting(error);
      told = true;
      await clock.sleep(TRY_AGAIN_MS, signal);
    }
  }
}
