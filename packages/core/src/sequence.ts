import type { MaybePromise } from './contracts.ts';

/** Goes on with a value: at once where it is there already. */
export function andThen<A, B>(value: MaybePromise<A>, next: (value: A) => MaybePromise<B>): MaybePromise<B> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/** Does work for one item after the other, in order; synchronous as long as the work is. */
export function inOrder<A, B>(
  items: readonly A[],
  work: (item: A) => MaybePromise<B>,
): MaybePromise<readonly B[]> {
  const results: B[] = [];
  for (let index = 0; index < items.length; index++) {
    const result = work(items[index] as A);
    if (result instanceof Promise) return rest(items.slice(index + 1), work, results, result);
    results.push(result);
  }
  return results;
}

async function rest<A, B>(
  items: readonly A[],
  work: (item: A) => MaybePromise<B>,
  results: B[],
  pending: Promise<B>,
): Promise<readonly B[]> {
  results.push(await pending);
  for (const item of items) results.push(await work(item));
  return results;
}
