import type { Component } from '../define.ts';
import { storage } from './storage.ts';

/** The subscribers that every project has, by their names. */
export const BUILTIN_SUBSCRIBERS = { storage } as const satisfies Readonly<Record<string, Component>>;
