import type { Context } from '../contracts.ts';
import { isObject, type Json } from '../json.ts';
import { suggestion } from '../option-findings.ts';
import type { Place, Scope } from './scope.ts';

type Read = (context: Context) => Json | undefined;

const READERS: Readonly<Record<string, { readonly places: readonly Place[]; readonly read: Read }>> = {
  'run.id': { places: ['incoming', 'route', 'outgoing'], read: (context) => context.run.id },
  'run.startedAt': { places: ['incoming', 'route', 'outgoing'], read: (context) => context.run.startedAt },
  'entity.id': { places: ['route', 'outgoing'], read: (context) => context.entity?.id },
  'entity.type': { places: ['route', 'outgoing'], read: (context) => context.entity?.type },
  'task.id': { places: ['outgoing'], read: (context) => context.task?.id },
  attempt: { places: ['outgoing'], read: (context) => context.attempt },
};

const NOTHING: Read = () => undefined;

/** Compiles the name behind `@{…}` or `{"context": …}`. */
export function compileContext(name: string, scope: Scope): Read {
  if (name.startsWith('parameters.')) return compileParameter(name.slice('parameters.'.length), scope);
  const entry = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
  // A saved transformer may be used at any place.
  if (entry && (scope.place === 'saved' || entry.places.includes(scope.place))) return entry.read;
  const here = Object.keys(READERS).filter((known) => READERS[known]?.places.includes(scope.place));
  const message = entry
    ? `"${name}" is not known yet in ${ARTICLE[scope.place]}`
    : `"${name}" is nothing that the context holds`;
  scope.report({
    code: 'config.unknown_context',
    message,
    hint: suggestion(name, here, 'here there is'),
    path: scope.at,
  });
  return NOTHING;
}

const ARTICLE: Readonly<Record<Place, string>> = {
  incoming: 'an incoming',
  route: 'a route',
  outgoing: 'an outgoing',
  saved: 'a saved transformer',
};

function compileParameter(path: string, scope: Scope): Read {
  const keys = path.split('.');
  const [name = ''] = keys;
  if (!scope.parameters?.includes(name)) {
    const hint = scope.parameters
      ? suggestion(name, scope.parameters, 'its parameters')
      : 'Parameters exist in saved transformers only.';
    scope.report({
      code: 'config.unknown_context',
      message: `There is no parameter "${name}" here`,
      hint,
      path: scope.at,
    });
    return NOTHING;
  }
  return (context) => {
    let value: Json | undefined = context.parameters;
    for (const key of keys) value = isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
    return value;
  };
}
