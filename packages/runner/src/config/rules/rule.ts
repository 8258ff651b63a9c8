import {
  isObject,
  type Json,
  type JsonObject,
  type LookupTable,
  type OptionFinding,
  type ProjectFiles,
  type Registry,
  type SavedTransformer,
} from '@millrace/core';
import type { CheckedFile } from '../check-file.ts';
import type { Kind } from '../kinds.ts';

/** The files of a project by kind and id, as far as they could be read. */
export type Files = Readonly<Record<Kind, ReadonlyMap<string, CheckedFile>>>;

export interface Rule {
  readonly files: Files;
  readonly registry: Registry;
  /** Ids of files that exist but could not be read: what refers to them does not dangle. */
  readonly broken: Readonly<Record<Kind, ReadonlySet<string>>>;
  /** Lookup tables by id; what could be read of one that is not right. */
  readonly tables: ReadonlyMap<string, LookupTable>;
  /** Ids of those that are files of `lookups/`. */
  readonly lookups: ReadonlySet<string>;
  readonly projectFiles: ProjectFiles;
  /** `millrace.yaml`, where there is one that could be read. */
  readonly settings?: CheckedFile;
  readonly report: (file: CheckedFile, finding: OptionFinding) => void;
}

export function content(file: CheckedFile): JsonObject {
  return isObject(file.content) ? file.content : {};
}

export const COMMON_KEYS = new Set(['description', 'enabled']);

/** The component that a client file names. */
export function clientComponent(file: CheckedFile): string | undefined {
  return Object.keys(content(file)).find((key) => !COMMON_KEYS.has(key));
}

/** Where components stand in files. */
export type Slot = 'subscriber' | 'receiver' | 'publisher';

/** What a slot holds: name and options of its component, where it names one that exists. */
export function slotOf(file: CheckedFile, kind: Slot): { name: string; options: JsonObject } | undefined {
  const slot = content(file)[kind];
  const [name] = isObject(slot) ? Object.keys(slot) : [];
  const options = isObject(slot) && name !== undefined ? slot[name] : undefined;
  return name === undefined || !isObject(options) ? undefined : { name, options };
}

const SLOTS = [
  ['incoming', 'subscriber'],
  ['incoming', 'receiver'],
  ['outgoing', 'publisher'],
] as const;

export function* slots({ files }: Pick<Rule, 'files'>) {
  for (const [kind, slot] of SLOTS) {
    for (const file of files[kind].values()) {
      const found = slotOf(file, slot);
      if (found) yield { file, slot, ...found };
    }
  }
}

export function dangling(rule: Rule, kind: Kind, id: Json | undefined): id is string {
  return typeof id === 'string' && !rule.files[kind].has(id) && !rule.broken[kind].has(id);
}

export function savedTransformer(file: CheckedFile | undefined): SavedTransformer | undefined {
  if (!file) return undefined;
  const { parameters, transformers } = content(file);
  return {
    parameters: (isObject(parameters) ? parameters : {}) as SavedTransformer['parameters'],
    transformers: Array.isArray(transformers) ? (transformers as readonly Json[]) : [],
  };
}
