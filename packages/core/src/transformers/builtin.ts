import type { Component } from '../define.ts';
import { branch } from './branch.ts';
import { copy, move } from './copy.ts';
import { defaults } from './defaults.ts';
import { filter } from './filter.ts';
import { ifTransformer } from './if.ts';
import { keep } from './keep.ts';
import { map } from './map.ts';
import { remove } from './remove.ts';
import { rename } from './rename.ts';
import { set } from './set.ts';
import { use } from './use.ts';

/** The transformers that every project has, by their names. */
export const BUILTIN_TRANSFORMERS = {
  branch,
  copy,
  defaults,
  filter,
  if: ifTransformer,
  keep,
  map,
  move,
  remove,
  rename,
  set,
  use,
} as const satisfies Readonly<Record<string, Component>>;
