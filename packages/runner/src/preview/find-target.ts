import { MillraceError, nearest, suggestion } from '@millrace/core';
import type { Project } from '../config/project.ts';
import type { Target, TargetKind } from './step-site.ts';

const KINDS: readonly TargetKind[] = ['incoming', 'routes', 'outgoing', 'transformers'];

/** The target that a call names: `routes/ID`, or a bare ID, which means the first kind that has it. */
export function findTarget(project: Project, name: string, kinds: readonly TargetKind[] = KINDS): Target {
  for (const kind of kinds) {
    const id = name.startsWith(`${kind}/`) ? name.slice(kind.length + 1) : undefined;
    if (id !== undefined && project[kind].has(id)) return { kind, id };
  }
  const bare = kinds.find((kind) => project[kind].has(name));
  if (bare) return { kind: bare, id: name };
  const known = kinds.flatMap((kind) =>
    [...project[kind].keys()].map((id) => ({ kind, id, whole: `${kind}/${id}` })),
  );
  // A bare ID is compared with bare ones.
  const near = nearest(
    name,
    known.map(({ id, whole }) => (name.includes('/') ? whole : id)),
  );
  const meant = known.find(({ id, whole }) => near === whole || near === id)?.whole;
  throw new MillraceError('call.unknown_id', `There is no ${kinds.length === 1 ? 'route ' : ''}"${name}"`, {
    hint:
      meant === undefined
        ? suggestion(
            '',
            known.map(({ whole }) => whole),
            'there is',
          )
        : `did you mean "${meant}"?`,
  });
}
