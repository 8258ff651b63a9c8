import { createAjv } from './ajv.ts';
import type { Component, Kind, Plugin, TransformerDefinition } from './define.ts';
import { MillraceError } from './errors.ts';

import { BUILTIN_SUBSCRIBERS } from './subscribers/builtin.ts';
import { BUILTIN_TRANSFORMERS } from './transformers/builtin.ts';

/** All components of a project by the names under which its files use them. */
export interface Registry {
  readonly plugins: readonly Plugin[];
  /** The names of a kind, sorted: `haloitsm`, `haloitsm.webhook`, `filter`. */
  names(kind: Kind): readonly string[];
  component(kind: Kind, name: string): Component | undefined;
  transformer(name: string): TransformerDefinition | undefined;
}

/** Gives every component its name. Throws `config.plugin_invalid` for a plugin whose names cannot be used. */
export function createRegistry(plugins: readonly Plugin[]): Registry {
  const byKind = new Map<Kind, Map<string, Component>>();
  const add = (name: string, component: Component, plugin: string) => {
    const named = byKind.get(component.kind) ?? new Map<string, Component>();
    byKind.set(component.kind, named);
    if (named.has(name)) throw invalid(plugin, `there are two ${component.kind}s called "${name}"`);
    named.set(name, component);
  };
  for (const [name, component] of Object.entries({ ...BUILTIN_TRANSFORMERS, ...BUILTIN_SUBSCRIBERS }))
    add(name, component as Component, 'core');
  for (const plugin of plugins) {
    for (const [name, component] of componentNames(plugin)) add(name, component, plugin.name);
  }
  const component = (kind: Kind, name: string) => byKind.get(kind)?.get(name);
  return {
    plugins,
    names: (kind) => [...(byKind.get(kind)?.keys() ?? [])].sort(),
    component,
    transformer: (name) => component('transformer', name) as TransformerDefinition | undefined,
  };
}

/**
 * A plugin's components by the names that files use: `plugin` for the only one of a kind, else `plugin.key`. A key that begins
 * with `plugin.` is the name already.
 */
export function componentNames(plugin: Plugin): [string, Component][] {
  check(plugin);
  const all = Object.entries(plugin.components);
  return all.map(([key, component]) => {
    if (key.startsWith(`${plugin.name}.`)) return [key, component];
    const alone = all.filter(([, other]) => other.kind === component.kind).length === 1;
    return [alone || key === plugin.name ? plugin.name : `${plugin.name}.${key}`, component];
  });
}

const NAME = /^[a-z][a-z0-9-]*$/;

function check(plugin: Plugin): void {
  if (!NAME.test(plugin.name ?? '')) {
    throw invalid(String(plugin.name), 'its name must be lower case letters, digits and "-"');
  }
  for (const [key, component] of Object.entries(plugin.components ?? {})) {
    if (!component?.kind || typeof component.create !== 'function') {
      throw invalid(plugin.name, `"${key}" is no component; make it with defineClient, defineSubscriber, …`);
    }
    if (!component.description) throw invalid(plugin.name, `"${key}" has no description`);
  }
}

/** Compiles the options of every component: for plugins that come from elsewhere. Throws `config.plugin_invalid`. */
export function checkPlugin(plugin: Plugin): void {
  check(plugin);
  for (const [key, component] of Object.entries(plugin.components)) {
    try {
      createAjv().compile(component.options);
    } catch (cause) {
      const reason = (cause as Error).message;
      throw invalid(plugin.name, `the options of "${key}" are no valid JSON Schema: ${reason}`);
    }
  }
}

function invalid(plugin: string, why: string): MillraceError {
  return new MillraceError('config.plugin_invalid', `Plugin "${plugin}" cannot be used: ${why}`, {
    hint: 'Correct the plugin, or take it out of millrace.yaml.',
  });
}
