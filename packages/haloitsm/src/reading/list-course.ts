import type { ListRules, ListState, Seen } from './list-state.ts';

/** To the next page on the way to the first, or to what comes after it. Seams are mended before. */
export function goDown(state: ListState, rules: ListRules): ListState {
  const [mend] = state.mend;
  if (mend !== undefined) return { ...state, phase: 'mend', page: mend };
  if (state.ahead > state.size) return { ...state, phase: 'down', page: Math.ceil(state.ahead / state.size) };
  return endOfDown(state, rules);
}

function endOfDown(state: ListState, rules: ListRules): ListState {
  if (rules.recent && state.ahead === 0) {
    // Undated records stand before all others, where the newest are last: among them may be new ones.
    const hasFront = state.undated && state.tail > 2;
    return hasFront ? { ...state, phase: 'front', page: 2 } : { ...state, phase: 'done' };
  }
  if (rules.confirm || state.moved) return { ...state, phase: 'again', page: 1 };
  return settle(state, rules);
}

/** After all pages: is everything there that was announced? */
export function settle(state: ListState, rules: ListRules, seen?: Seen): ListState {
  const goal = state.tailed ? state.goal : state.total;
  const isWhole = state.unique >= goal;
  // Where a record may come in anywhere, as many as were announced may still not be all: one that left stands for one
  // that slipped through.
  const isSure = rules.grows || !state.moved;
  if (rules.recent || (isWhole && isSure)) return { ...state, phase: 'done' };
  if (!isWhole && !state.tailed && state.tail > 0) return { ...state, phase: 'tail', page: state.tail, goal };
  if (state.moved && state.pass === 0) return goUp(state, seen);
  return { ...state, phase: 'done' };
}

/** Another pass from page 1. Where not all is known that was handed on, only what is known counts: the pass adds the others. */
export function goUp(state: ListState, seen: Seen | undefined): ListState {
  seen?.beginPass();
  return {
    ...state,
    phase: 'up',
    page: 1,
    pass: state.pass + 1,
    passRows: 0,
    passFresh: 0,
    passMoved: false,
    tries: 0,
    print: '',
    goal: state.total,
    ...(seen && !seen.whole && state.pass === 0 && { unique: seen.size }),
  };
}
