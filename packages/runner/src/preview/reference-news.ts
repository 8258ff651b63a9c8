import { type ErrorCode, type NamedRecord, nearestNames, type Severity } from '@millrace/core';

/** What became of a name that the configuration uses. */
export interface NameNews {
  readonly severity: Severity;
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}

/** How a table differs from what is locked of it. */
export interface TableNews {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly renamed: readonly { readonly id: NamedRecord['id']; readonly from: string; readonly to: string }[];
}

type Id = NamedRecord['id'];

const AGAIN = 'Write the name that is meant, and run `millrace lock`.';

function idsOf(records: readonly NamedRecord[], name: string): readonly Id[] {
  return [...new Set(records.filter((one) => one.name === name).map(({ id }) => id))];
}

function namesOf(records: readonly NamedRecord[], id: Id): readonly string[] {
  return records.filter((one) => one.id === id).map(({ name }) => name);
}

/** What became of a name since it was locked; undefined where it stands for what it stood for. */
export function newsOfName(
  table: string,
  name: string,
  locked: readonly NamedRecord[],
  now: readonly NamedRecord[],
): NameNews | undefined {
  const [pinned] = idsOf(locked, name);
  const ids = idsOf(now, name);
  // What is not locked is told offline.
  if (pinned === undefined) return undefined;
  const others = namesOf(now, pinned);
  if (ids.length > 1) {
    const message = `"${name}" stands for several ids in "${table}" now: ${ids.join(', ')}; ${pinned} is locked`;
    return {
      severity: 'error',
      code: 'config.ambiguous_name',
      message,
      hint: 'Give them different names in the system.',
    };
  }
  const [id] = ids;
  if (id === pinned) return undefined;
  const was = others.length > 0 ? `which is called "${others.join('", "')}" now` : 'which is no more';
  if (id !== undefined) {
    const message = `"${name}" of "${table}" is ${id} now; ${pinned} is locked, ${was}`;
    return {
      severity: 'error',
      code: 'reference.changed',
      message,
      hint: `If ${id} is what is meant, run \`millrace lock\`.`,
    };
  }
  if (others.length > 0) {
    const message = `"${name}" (${pinned}) of "${table}" is called "${others.join('", "')}" now`;
    const hint = `What is configured goes on with ${pinned}. ${AGAIN}`;
    return { severity: 'warning', code: 'reference.renamed', message, hint };
  }
  const near = nearestNames(
    name,
    now.map((one) => one.name),
  );
  const message = `"${name}" (${pinned}) of "${table}" is no more`;
  return { severity: 'error', code: 'reference.vanished', message, hint: `${near} ${AGAIN}` };
}

/** How what a system says now differs from what was locked. */
export function newsOfTable(locked: readonly NamedRecord[], now: readonly NamedRecord[]): TableNews {
  const has = (records: readonly NamedRecord[]) =>
    new Set(records.map((one) => JSON.stringify([one.name, one.id])));
  const [before, after] = [has(locked), has(now)];
  const gone = locked.filter((one) => !after.has(JSON.stringify([one.name, one.id])));
  const come = now.filter((one) => !before.has(JSON.stringify([one.name, one.id])));
  const renamed = gone.flatMap(({ id, name: from }) =>
    come.filter((one) => one.id === id).map(({ name: to }) => ({ id, from, to })),
  );
  const isRenamed = new Set(renamed.map(({ id }) => id));
  const rest = (records: readonly NamedRecord[]) => [
    ...new Set(records.filter(({ id }) => !isRenamed.has(id)).map(({ name }) => name)),
  ];
  return { added: rest(come), removed: rest(gone), renamed };
}
