import { checkPlugin, createRegistry, MillraceError } from '@millrace/core';
import file from '@millrace/file';
import haloitsm from '@millrace/haloitsm';
import http from '@millrace/http';
import { describe, expect, it } from 'vitest';

const SHIPPED = [haloitsm, http, file];

describe('the shipped plugins', () => {
  it.each(SHIPPED.map((plugin) => [plugin.name, plugin] as const))(
    '%s: the options of every component are a valid JSON Schema',
    (_, plugin) => {
      expect(() => checkPlugin(plugin)).not.toThrow();
    },
  );

  it('can be told from one whose schema is none', () => {
    const [first] = Object.entries(file.components);
    const broken = { ...file, components: { file: { ...first?.[1], options: { type: 'objekt' } } } };
    expect(() => checkPlugin(broken as never)).toThrow(MillraceError);
  });

  it('the built-in transformers too', () => {
    const registry = createRegistry([]);
    const components = Object.fromEntries(
      registry.names('transformer').map((name) => [name.replace('.', '-'), registry.transformer(name)]),
    );
    expect(Object.keys(components).length).toBeGreaterThan(10);
    expect(() => checkPlugin({ name: 'core', components } as never)).not.toThrow();
  });
});
