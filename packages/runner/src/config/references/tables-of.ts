import type { Component, JsonObject } from '@millrace/core';

/** Names of the tables of a reference whose options passed their checks. */
export function tablesOf(component: Component | undefined, options: JsonObject): readonly string[] {
  return component?.tables?.(options as never) ?? [];
}
