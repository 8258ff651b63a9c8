import { MillraceError } from '../errors.ts';
import type { Json } from '../json.ts';
import type { NamedRecord } from '../reference.ts';
import { nearestNames } from './nearest-names.ts';

/**
 * A lookup table of what stands for the names of another system. Names that stand in the configuration are checked before anything
 * runs; one that stands for several ids is none.
 */
export class ReferenceTable extends Map<string, Json> {
  /** Names that stand for several ids. */
  readonly ambiguous: ReadonlyMap<string, readonly (string | number)[]>;

  constructor(records: Iterable<NamedRecord>) {
    super();
    const ids = new Map<string, Set<string | number>>();
    for (const { name, id } of records) ids.set(name, (ids.get(name) ?? new Set()).add(id));
    const ambiguous = new Map<string, readonly (string | number)[]>();
    for (const [name, found] of ids) {
      const [only] = found;
      if (found.size === 1 && only !== undefined) this.set(name, only);
      else ambiguous.set(name, [...found]);
    }
    this.ambiguous = ambiguous;
  }

  /** Throws `config.unknown_name` and `config.ambiguous_name` for a name that stands in the configuration. `id`: of the table. */
  checkName(id: string, name: string): void {
    if (this.has(name)) return;
    const several = this.ambiguous.get(name);
    if (several) {
      const message = `"${name}" stands for several ids in "${id}": ${several.join(', ')}`;
      const hint = 'Write the id itself, or give them different names in the system.';
      throw new MillraceError('config.ambiguous_name', message, { hint });
    }
    const same = [...this.keys()].find((key) => key.trim().toLowerCase() === name.trim().toLowerCase());
    const hint =
      same === undefined
        ? nearestNames(name, [...this.keys(), ...this.ambiguous.keys()])
        : `Did you mean "${same}"? Names are compared to the letter.`;
    throw new MillraceError('config.unknown_name', `"${id}" knows no "${name}"`, { hint });
  }
}
