import { distance } from 'fastest-levenshtein';

const MOST = 3;

/** A sentence with the names that are most like one, the nearest first. */
export function nearestNames(name: string, names: Iterable<string>): string {
  const wanted = name.trim().toLowerCase();
  const near = [...new Set(names)]
    .map((one) => ({ one, far: distance(wanted, one.trim().toLowerCase()) }))
    .sort((a, b) => a.far - b.far || (a.one < b.one ? -1 : 1))
    .slice(0, MOST)
    .map(({ one }) => JSON.stringify(one));
  return near.length === 0 ? 'There is none to choose from.' : `The nearest: ${near.join(', ')}.`;
}
