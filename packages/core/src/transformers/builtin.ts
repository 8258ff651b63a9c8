import type { Component } from '../define.ts';
import { branch } from './branch.ts';
import { changed } from './changed.ts';
import { copy, move } from './copy.ts';
import { defaults } from './defaults.ts';
import { each } from './each.ts';
import { fail } from './fail.ts';
import { filter } from './filter.ts';
import { group } from './group.ts';
import { ifTransformer } from './if.ts';
import { keep } from './keep.ts';
import { lookup } from './lookup.ts';
import { map } from './map.ts';
import { merge } from './merge.ts';
import { parse } from './parse.ts';
import { remove } from './remove.ts';
import { rename } from './rename.ts';
import { request } from './request.ts';
import { serialize } from './serialize.ts';
import { set } from './set.ts';
import { storageDelete } from './storage-delete.ts';
import { storageGet } from './storage-get.ts';
import { storageSet } from './storage-set.ts';
import { switchTransformer } from './switch.ts';
import { use } from './use.ts';
import { validate } from './validate.ts';

/** The transformers that every project has, by their names. */
export const BUILTIN_TRANSFORMERS = {
  branch,
  changed,
  copy,
  defaults,
  each,
  fail,
  filter,
  group,
  if: ifTransformer,
  keep,
  lookup,
  map,
  merge,
  move,
  parse,
  remove,
  rename,
  request,
  serialize,
  set,
  'storage.delete': storageDelete,
  'storage.get': storageGet,
  'storage.set': storageSet,
  switch: switchTransformer,
  use,
  validate,
} as const satisfies Readonly<Record<string, Component>>;
