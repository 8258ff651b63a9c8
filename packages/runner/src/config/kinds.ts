/** The folders of a project, and the kind of resource that each holds. */
export const KINDS = [
  'clients',
  'incoming',
  'routes',
  'outgoing',
  'transformers',
  'storages',
  'references',
] as const;

export type Kind = (typeof KINDS)[number];

/** The name of a kind's schema among the definitions of the composed one. */
export const DEFINITIONS: Readonly<Record<Kind | 'settings' | 'test', string>> = {
  clients: 'client',
  incoming: 'incoming',
  routes: 'route',
  outgoing: 'outgoing',
  transformers: 'transformer',
  storages: 'storage',
  references: 'reference',
  settings: 'settings',
  test: 'test',
};
