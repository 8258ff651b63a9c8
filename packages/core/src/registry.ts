import type { Component, Kind, Plugin, TransformerDefinition } from './define.ts';

/** All components of a project by the names under which its files use them. */
export interface Registry {
  readonly plugins: readonly Plugin[];
  /** The names of a kind, sorted: `haloitsm`, `haloitsm.webhook`, `filter`. */
  names(kind: Kind): readonly string[];
  component(kind: Kind, name: string): Component | undefined;
  transformer(name: string): TransformerDefinition | undefined;
}
