import { MillraceError } from '@millrace/core';
import { absorb, lastPage, printOf } from './absorb.ts';
import { goDown, goUp, settle } from './list-course.ts';
import { type ListAnswer, type ListRules, type ListState, type Seen, START } from './list-state.ts';

/** What came of an answer: how far the list is now, and which of the answer's rows are to be handed on. */
export interface Step {
  readonly state: ListState;
  readonly fresh: readonly number[];
}

/** How often an answer that cannot be right is asked for again. */
const TRIES = 2;
/** How often a list may change the size of its pages. */
const RESIZES = 3;

/** So often in a row a page may be the same as the one before: of few records by chance, of more hardly ever. */
const STUCK = { records: 10, few: 8, more: 2 };

/** Passes over a list without order at most, and over one whose order failed. */
const PASSES = 12;
const PASSES_ORDERED = 2;
/** Passes that bring nothing new, after which it is no use to go on: two may by chance miss the same few records. */
const BARREN = 4;

/**
 * Takes the answer to the page that a state asks for. Pure but for what it remembers in `seen`. Throws
 * `source.no_progress` where another page has the same records as the page before.
 */
export function advance(before: ListState, answer: ListAnswer, rules: ListRules, seen: Seen): Step {
  const state = announced(before, answer);
  const isWhole = state.phase === 'first' && answer.rows.length >= answer.total;
  if (!answer.ordered && !isWhole && state.order + 1 < rules.orders) return reordered(state);
  switch (state.phase) {
    case 'first':
      return first(state, answer, rules, seen);
    case 'down':
      return down(state, before.total, answer, rules, seen);
    case 'mend':
      return mend(state, answer, rules, seen);
    case 'again':
      return again(state, answer, rules, seen);
    case 'tail':
      return tail(state, answer, rules, seen);
    case 'front':
      return front(state, answer, seen);
    case 'up':
      return up({ ...state, total: before.total }, answer, rules, seen);
    default:
      throw new RangeError('the list was read to its end');
  }
}

function announced(state: ListState, { total }: ListAnswer): ListState {
  const { lowest, highest } = state;
  return {
    ...state,
    moved: state.moved || (state.phase !== 'first' && total !== state.total),
    total,
    lowest: Math.min(lowest, total),
    highest: Math.max(highest, total),
  };
}

const nothing = (state: ListState): Step => ({ state, fresh: [] });

const oncemore = (state: ListState): Step => nothing({ ...state, tries: state.tries + 1 });

function gap(state: ListState): ListState {
  return { ...state, gaps: [...new Set([...state.gaps, state.page])].slice(0, 10), tries: 0, odd: 0 };
}

/** The order does not hold: from the beginning, in the next one. What came stays known. */
function reordered(state: ListState): Step {
  const { order, unique, handed, lowest, highest, total, repeats } = state;
  const moved = unique > 0;
  return nothing({ ...START, order: order + 1, unique, handed, lowest, highest, total, repeats, moved });
}

function first(state: ListState, answer: ListAnswer, rules: ListRules, seen: Seen): Step {
  const size = answer.rows.length;
  if (size === 0 && answer.total > 0)
    return state.tries < TRIES ? oncemore(state) : nothing({ ...gap(state), phase: 'done' });
  const { state: taken, fresh } = absorb(state, answer, seen);
  if (size >= answer.total) return { state: { ...taken, phase: 'done' }, fresh };
  const window = { ...taken.window, first: lastPage(taken) };
  const known = { ...taken, size, ahead: answer.total, undated: answer.undated, window };
  if (state.order < rules.orders - 1) return { state: goDown(known, rules), fresh };
  return { state: { ...known, phase: 'up', page: 2, pass: 1, goal: answer.total }, fresh };
}

function down(state: ListState, totalBefore: number, answer: ListAnswer, rules: ListRules, seen: Seen): Step {
  const { page, size } = state;
  const count = answer.rows.length;
  const pages = Math.ceil(answer.total / size);
  const start = (page - 1) * size;
  if (count === 0) {
    // So many went that the page is not there any more.
    if (answer.total <= start)
      return nothing(goDown({ ...state, ahead: Math.min(state.ahead, answer.total) }, rules));
    return state.tries < TRIES ? oncemore(state) : nothing(goUp(gap(state), seen));
  }
  if (count > size || (count < size && page < pages)) return odd(state, count, rules, seen);
  // The last page may be one short of a total that was counted a moment later: it is asked for again, once.
  if (count < answer.total - start && page >= pages && state.tries === 0) return oncemore(state);
  const going = demandProgress(state, answer, rules);
  const { state: taken, fresh, repeated } = absorb(going, answer, seen);
  // Records that left the list explain as many that come twice. What nothing explains may have hidden others.
  const isMoved = repeated > Math.max(0, totalBefore - answer.total);
  const seam = page < pages ? [page + 1, page] : [page];
  const after = {
    ...taken,
    ahead: rules.recent && answer.older ? 0 : start,
    moved: taken.moved || repeated > 0,
    mend: isMoved ? seam : [],
    ...atTail(taken),
  };
  return { state: goDown(after, rules), fresh };
}

/** Remembers what came at the end of the list: its last page, and the one before, from which rows may move onto it. */
function atTail(state: ListState): Partial<ListState> {
  const { tail, page, window } = state;
  const last = lastPage(state);
  if (tail === 0) return { tail: page, window: { ...window, tail: last } };
  return page === tail - 1 ? { window: { ...window, tail: [...window.tail, ...last] } } : {};
}

/** A page in the middle with a wrong number of records: once by chance, twice because pages have another size now. */
function odd(state: ListState, count: number, rules: ListRules, seen: Seen): Step {
  if (state.tries === 0) return oncemore({ ...state, odd: count });
  if (count !== state.odd || state.resized >= RESIZES) return nothing(goUp(gap(state), seen));
  const resized = state.resized + 1;
  return nothing(goDown({ ...state, size: count, resized, moved: true, tries: 0, odd: 0 }, rules));
}

function mend(state: ListState, answer: ListAnswer, rules: ListRules, seen: Seen): Step {
  const { state: taken, fresh } = absorb(state, answer, seen);
  return { state: goDown({ ...taken, mend: taken.mend.slice(1) }, rules), fresh };
}

function again(state: ListState, answer: ListAnswer, rules: ListRules, seen: Seen): Step {
  if (answer.rows.length === 0 && answer.total > 0 && state.tries < TRIES) return oncemore(state);
  const { state: taken, fresh } = absorb(state, answer, seen);
  return { state: settle(taken, rules, seen), fresh };
}

function tail(state: ListState, answer: ListAnswer, rules: ListRules, seen: Seen): Step {
  const { state: absorbed, fresh } = absorb(state, answer, seen);
  const taken = { ...absorbed, goal: Math.min(state.goal, answer.total) };
  const isEnd = answer.rows.length === 0 || state.page >= Math.ceil(taken.goal / state.size);
  const after = isEnd ? settle({ ...taken, tailed: true }, rules, seen) : { ...taken, page: state.page + 1 };
  return { state: after, fresh };
}

function front(state: ListState, answer: ListAnswer, seen: Seen): Step {
  const { state: taken, fresh } = absorb(state, answer, seen);
  const goesOn = answer.undated && answer.rows.length > 0 && state.page + 1 < state.tail;
  return { state: goesOn ? { ...taken, page: state.page + 1 } : { ...taken, phase: 'done' }, fresh };
}

function up(state: ListState, answer: ListAnswer, rules: ListRules, seen: Seen): Step {
  if (answer.rows.length === 0) {
    const isShort = answer.total > state.passRows;
    if (isShort && state.tries < TRIES) return oncemore(state);
    const ended = { ...(isShort ? gap(state) : state), total: answer.total };
    return nothing(endOfPass(ended, rules, seen));
  }
  const going = demandProgress(state, answer, rules);
  const { state: absorbed, fresh } = absorb(going, answer, seen);
  const taken = { ...absorbed, total: answer.total };
  // A list that grows faster than it is read has no end: what was added since is for the next run.
  const isGrowing = taken.passRows >= 2 * (state.goal + state.size);
  const isEnd = taken.passRows >= answer.total || (isGrowing && state.goal > 0);
  return { state: isEnd ? endOfPass(taken, rules, seen) : { ...taken, page: state.page + 1 }, fresh };
}

/** Whether another pass can bring what this one may have missed. */
function endOfPass(state: ListState, rules: ListRules, seen: Seen): ListState {
  const { pass, passFresh, passMoved, unique, total } = state;
  const barren = passFresh === 0 ? state.barren + 1 : 0;
  const isCovered = unique >= total;
  const most = state.order < rules.orders - 1 ? PASSES_ORDERED : PASSES;
  const isEnd = !passMoved || (isCovered && pass > 1 && passFresh === 0) || barren >= BARREN || pass >= most;
  return isEnd ? { ...state, barren, phase: 'done' } : goUp({ ...state, barren, moved: true }, seen);
}

/** The same records under another page number, again and again: that is no paging. */
function demandProgress(state: ListState, answer: ListAnswer, { path }: ListRules): ListState {
  const isSame = printOf(answer) === state.print && state.tries === 0;
  const stuck = isSame ? state.stuck + 1 : 0;
  if (stuck < (answer.rows.length < STUCK.records ? STUCK.few : STUCK.more)) return { ...state, stuck };
  throw new MillraceError(
    'source.no_progress',
    `Page ${state.page} of ${path} is the same as the page before, after ${state.unique} of ${answer.total} records`,
    { hint: 'Give the query an order that HaloITSM honours.' },
  );
}
