import { operations } from './catalogue.ts';

/** Operations whose path or parameters hold a text: method, path, and the parameters that matched. */
export function searchOperations(text: string): readonly string[] {
  const wanted = text.toLowerCase();
  return operations().flatMap((operation) => {
    const { method, path, pathParameters, query, pages } = operation;
    const matching = [...pathParameters, ...query].filter(({ name }) => name.toLowerCase().includes(wanted));
    if (!path.toLowerCase().includes(wanted) && matching.length === 0) return [];
    const parameters = matching.slice(0, 8).map(({ name, type }) => `${name}: ${type}`);
    const more = matching.length > 8 ? `, ${matching.length - 8} more` : '';
    const shown = parameters.length > 0 ? `  (${parameters.join(', ')}${more})` : '';
    return [`${method.padEnd(6)} ${path}${pages ? '  [pages]' : ''}${shown}`];
  });
}
