import type { Delivery, Ledger } from './ledger.ts';

export interface Verdict {
  readonly delivered: number;
  /** Entities whose wanted version never arrived: what arrived instead. */
  readonly lost: readonly string[];
  /** Versions that arrived more than once because the process before was killed. */
  readonly repeated: number;
  /** The most of them that one kill explains. */
  readonly maxPerKill: number;
  /** Versions that arrived again although their sender lived on and had its answer. */
  readonly unexplained: readonly string[];
  /** Entities of which an older version arrived behind a newer one. */
  readonly disordered: readonly string[];
}

/** Compares what should have arrived with what did, by versions of entities. */
export function judge(ledger: Ledger, wanted: ReadonlyMap<string, number>): Verdict {
  const newest = ledger.newest();
  const lost = [...wanted].flatMap(([entity, version]) => {
    const arrived = newest.get(entity);
    if (arrived !== undefined && arrived >= version) return [];
    return [`${entity} v${version} (arrived: ${arrived === undefined ? 'nothing' : `v${arrived}`})`];
  });
  const last = new Map<string, Delivery>();
  const seen = new Map<string, Delivery>();
  const disordered: string[] = [];
  const unexplained: string[] = [];
  const byKill = new Map<number, number>();
  for (const delivery of ledger.deliveries) {
    const { entity, version } = delivery;
    const before = last.get(entity);
    if (before && before.version > version) disordered.push(`${entity} v${version} after v${before.version}`);
    last.set(entity, delivery);
    const key = `${entity} ${version}`;
    const same = seen.get(key);
    seen.set(key, delivery);
    if (!same || same.unanswered) continue;
    // A process may repeat what one before it sent and never knew the answer of, and nothing else.
    if (same.life !== delivery.life && ledger.ends[same.life] === 'killed')
      byKill.set(same.life, (byKill.get(same.life) ?? 0) + 1);
    else unexplained.push(`${entity} v${version} (lives ${same.life} and ${delivery.life})`);
  }
  const counts = [...byKill.values()];
  return {
    delivered: ledger.deliveries.length,
    lost,
    repeated: counts.reduce((sum, count) => sum + count, 0),
    maxPerKill: Math.max(0, ...counts),
    unexplained,
    disordered,
  };
}

/** What of a verdict must not be, in sentences. */
export function violations(verdict: Verdict, concurrency: number): string[] {
  const { lost, unexplained, disordered, maxPerKill } = verdict;
  const some = (what: readonly string[]) =>
    `${what.slice(0, 10).join(', ')}${what.length > 10 ? ` and ${what.length - 10} more` : ''}`;
  return [
    ...(lost.length > 0 ? [`${lost.length} lost: ${some(lost)}`] : []),
    ...(unexplained.length > 0
      ? [`${unexplained.length} sent twice without a kill: ${some(unexplained)}`]
      : []),
    ...(disordered.length > 0 ? [`${disordered.length} out of order: ${some(disordered)}`] : []),
    ...(maxPerKill > concurrency ? [`one kill repeated ${maxPerKill}, with ${concurrency} in flight`] : []),
  ];
}
