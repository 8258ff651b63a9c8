import { suggestion } from '@millrace/core';
import type { CheckedFile } from '../check-file.ts';
import { component } from './references.ts';
import { COMMON_KEYS, clientComponent, content, dangling, type Rule } from './rule.ts';

/** Files of `references/`: one component each, with a client of its type. */
export function referenceFiles(rule: Rule): void {
  const { files, registry, report, tables } = rule;
  for (const [id, file] of files.references) {
    const keys = Object.keys(content(file)).filter((key) => !COMMON_KEYS.has(key));
    const [name, ...more] = keys.filter((key) => registry.component('reference', key));
    if (keys.length === 0) {
      const hint = `Name one: ${registry.names('reference').join(', ')}.`;
      report(file, { code: 'config.missing_option', message: 'The file names no reference', hint, path: [] });
    }
    for (const other of more) {
      const message = `The file names two references, "${name}" and "${other}"`;
      const hint = 'Use a file for each.';
      report(file, { code: 'config.invalid_value', message, hint, path: [other], atKey: true });
    }
    if (name === undefined) continue;
    component(rule, file, 'reference', name, [name]);
    checkClient(rule, file, name);
    const twins = [...rule.lookups].filter((one) => one.startsWith(`${id}/`) && tables.has(one));
    for (const twin of twins) {
      const table = twin.slice(id.length + 1);
      const known = (content(file)[name] as { tables?: object } | undefined)?.tables ?? {};
      if (!Object.hasOwn(known, table)) continue;
      const message = `"${twin}" is a file of lookups/, too`;
      const path = [name, 'tables', table];
      report(file, { code: 'config.duplicate_id', message, hint: 'Rename one of them.', path, atKey: true });
    }
  }
}

function checkClient(rule: Rule, file: CheckedFile, name: string): void {
  const { files, broken, registry, report } = rule;
  const definition = registry.component('reference', name);
  const options = content(file)[name] as { client?: string } | undefined;
  const id = options?.client;
  const path = [name, 'client'];
  if (dangling(rule, 'clients', id)) {
    const hint = suggestion(id, [...files.clients.keys(), ...broken.clients], 'there is');
    report(file, { code: 'config.unknown_reference', message: `There is no client "${id}"`, hint, path });
    return;
  }
  const client = id === undefined ? undefined : files.clients.get(id);
  const used = client && clientComponent(client);
  const found = used === undefined ? undefined : registry.component('client', used);
  if (!found || found === definition?.client) return;
  const wanted = registry
    .names('client')
    .find((one) => registry.component('client', one) === definition?.client);
  const message = `Client "${id}" is of type ${used}, and ${name} needs one of type ${wanted ?? 'another plugin'}`;
  report(file, { code: 'config.wrong_client', message, hint: 'Name a client of that type.', path });
}
