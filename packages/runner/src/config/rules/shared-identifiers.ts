import { isObject, type JsonObject } from '@millrace/core';
import { content, type Rule, slots } from './rule.ts';

/** An identifier that is less than what tells the records of a source apart: one would overwrite another. */
export function sharedIdentifiers(rule: Rule): void {
  for (const { file, slot, name, options } of slots(rule)) {
    const definition = rule.registry.component(slot, name);
    if (slot !== 'subscriber' || !definition?.identity || !file.valid) continue;
    const fields = definition.identity(options as never) ?? [];
    const given = identifierOf(content(file));
    // What a transformer made of the fields is the user's own: only the fields themselves are looked at.
    const isLess = given.every((field) => fields.includes(field)) && given.length < fields.length;
    if (!isLess || given.length === 0) continue;
    const shared = given.map((field) => `"${field}"`).join(' and ');
    rule.report(file, {
      severity: 'warning',
      code: 'config.ambiguous_identifier',
      message: `Several of these records share ${shared}: only ${fields.map((field) => `"${field}"`).join(' and ')} together tell them apart`,
      hint: `Write identifier: [${fields.join(', ')}].`,
      path: ['entity', 'identifier'],
    });
  }
}

function identifierOf(file: JsonObject): readonly string[] {
  const { entity } = file;
  const identifier = isObject(entity) ? entity['identifier'] : undefined;
  const expressions = Array.isArray(identifier) ? identifier : [identifier];
  return [...new Set(expressions.filter((one): one is string => typeof one === 'string'))].map((one) =>
    one.trim(),
  );
}
