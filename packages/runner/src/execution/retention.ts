import type { Project } from '../config/project.ts';
import type { Store } from '../store/store.ts';

const DAY_MS = 86_400_000;
/** Tasks of one transaction: others get their turn in between. */
const CHUNK = 200;

/** Deletes what each route keeps no longer, and what nothing refers to. Returns the number of tasks by route. */
export async function pruneProject(
  store: Store,
  project: Project,
  now: number,
  signal: AbortSignal,
): Promise<Readonly<Record<string, number>>> {
  const pruned: Record<string, number> = {};
  let oldest = now;
  for (const route of project.routes.values()) {
    const { days, count } = route.tasks.keep;
    const endedBefore = now - days * DAY_MS;
    oldest = Math.min(oldest, endedBefore);
    const plan = await store.planPrune({ route: route.id, endedBefore, keep: count });
    for (;;) {
      if (signal.aborted) return pruned;
      const gone = await store.prune(plan, CHUNK);
      pruned[route.id] = (pruned[route.id] ?? 0) + gone;
      if (gone < CHUNK) break;
      // Others that wait for the store go first.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  while (!signal.aborted && (await store.sweep({ now, runsBefore: oldest })) > 0);
  return pruned;
}
