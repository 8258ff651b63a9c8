import { canonicalJson, type EntityIdentity, type JsonObject, MillraceError } from '@millrace/core';
import type { Identify } from '../compile/resource-compiler.ts';

/** A record, and what it is known by. */
export interface Identified {
  readonly data: JsonObject;
  readonly entity: EntityIdentity;
  /** Where the rule of its identity names one. */
  readonly version?: string;
}

/** What a record is known by; undefined where it has no identifier. */
export function identityOf(data: JsonObject, rule: Identify): EntityIdentity | undefined {
  const id = rule.identifier(data);
  return id === undefined ? undefined : { type: rule.type, id };
}

/** Gives records their identifiers. Throws `entity.no_identifier` and `entity.ambiguous`. */
export function identified(made: readonly JsonObject[], rule: Identify): readonly Identified[] {
  const entities = made.map((data) => {
    const entity = identityOf(data, rule);
    if (entity === undefined) {
      throw new MillraceError('entity.no_identifier', `The record has no identifier as a "${rule.type}"`, {
        hint: 'Make entity.identifier name a field that every record has.',
      });
    }
    const version = rule.version?.(data);
    return { data, entity, ...(version !== undefined && { version }) };
  });
  return unambiguous(entities);
}

/** One row must not say two things about one entity: which of them would be true? */
export function unambiguous(entities: readonly Identified[]): readonly Identified[] {
  if (entities.length < 2) return entities;
  const seen = new Map<string, string>();
  for (const { data, entity } of entities) {
    const json = canonicalJson(data);
    const known = seen.get(entity.id);
    if (known !== undefined && known !== json) {
      throw new MillraceError(
        'entity.ambiguous',
        `One row made two different records of ${entity.type} "${entity.id}"`,
        { hint: 'Give the route an entity whose identifier tells them apart.' },
      );
    }
    seen.set(entity.id, json);
  }
  return entities;
}
