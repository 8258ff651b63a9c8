import { createRequire } from 'node:module';

const load = createRequire(import.meta.url);

/**
 * A library that few projects use, loaded when a function first asks for it: reading its tables takes longer than
 * everything else that a command does to start. `read` gets what the package exports.
 */
export function onDemand<Module, Part>(name: string, read: (module: Module) => Part): () => Part {
  let part: { readonly made: Part } | undefined;
  return () => {
    part ??= { made: read(load(name) as Module) };
    return part.made;
  };
}
