import { type JsonObject, MillraceError } from '@millrace/core';
import type { ListState } from './list-state.ts';

export interface ShortfallState extends JsonObject {
  /** Records that were announced and did not come. */
  readonly missing: number;
  readonly lists: number;
  /** The first of them, in words. */
  readonly told: readonly string[];
}

const TOLD = 5;

/** Keeps account of lists that gave fewer records than they announced. */
export class Shortfall {
  #state: ShortfallState;

  constructor(state: ShortfallState = { missing: 0, lists: 0, told: [] }) {
    this.#state = state;
  }

  get state(): ShortfallState {
    return this.#state;
  }

  /** Told of every list that was read to its end. */
  ended(what: string, { lowest, highest, unique, gaps, pass }: ListState): void {
    const missing = lowest - unique;
    if (missing <= 0) return;
    const announced = lowest === highest ? `${lowest}` : `${lowest} to ${highest}`;
    const pages = gaps.length > 0 ? `; page ${gaps.join(', ')} came empty or short` : '';
    const passes = pass > 1 ? `, in ${pass} passes` : '';
    const told = `${what} announced ${announced} records and gave ${unique}${passes}${pages}`;
    this.#state = {
      missing: this.#state.missing + missing,
      lists: this.#state.lists + 1,
      told: [...this.#state.told, told].slice(0, TOLD),
    };
  }

  /** Throws `source.incomplete` where anything is missing. Everything that came is stored by then. */
  demandNone(): void {
    const { missing, lists, told } = this.#state;
    if (missing === 0) return;
    const more = lists > told.length ? `; and ${lists - told.length} more lists` : '';
    const records = missing === 1 ? '1 record is' : `${missing} records are`;
    throw new MillraceError('source.incomplete', `${records} missing: ${told.join('; ')}${more}`, {
      hint: 'What came is stored, and the cursor stays where it was: the next run reads again. If it stays so, HaloITSM counts records that its agent may not see, or its paging is at fault.',
      data: { missing, lists },
    });
  }
}
