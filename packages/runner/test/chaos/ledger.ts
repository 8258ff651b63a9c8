import type { JournalEntry } from '@millrace/haloitsm-simulator';
import { versionOf } from './project.ts';

/** A version of an entity that the sink took, and what became of the process that sent it. */
export interface Delivery {
  readonly entity: string;
  readonly version: number;
  readonly life: number;
  /** The sink took it, but its answer was lost on purpose: whoever sent it cannot know. */
  readonly unanswered: boolean;
}

export type LifeEnd = 'killed' | 'ended';

/** What arrived at the sink, in order, and in the life of which process. */
export class Ledger {
  readonly deliveries: Delivery[] = [];
  readonly ends: LifeEnd[] = [];

  /** Enters what was asked during the life that ends here. */
  endLife(end: LifeEnd, journal: readonly JournalEntry[]): void {
    const life = this.ends.push(end) - 1;
    for (const { body, status, fault } of journal) {
      const late = fault?.endsWith('afterwards') ?? false;
      if (!late && (status < 200 || status > 299)) continue;
      const unanswered = late || fault === 'slow' || fault === 'truncate';
      for (const asset of Array.isArray(body) ? body : []) {
        const { inventory_number: entity, notes } = asset as Record<string, unknown>;
        this.deliveries.push({ entity: String(entity), version: versionOf(notes), life, unanswered });
      }
    }
  }

  /** The newest version of each entity that the sink took. */
  newest(): Map<string, number> {
    const newest = new Map<string, number>();
    for (const { entity, version } of this.deliveries) {
      newest.set(entity, Math.max(version, newest.get(entity) ?? -1));
    }
    return newest;
  }

  /** How many different versions of all entities the sink took. */
  distinct(): number {
    return new Set(this.deliveries.map(({ entity, version }) => `${entity} ${version}`)).size;
  }
}
