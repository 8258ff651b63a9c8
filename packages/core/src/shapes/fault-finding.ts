import type { OptionFinding } from '../findings.ts';
import type { Fault } from './access.ts';
import { inWords } from './shape.ts';
import { nameHint } from './spelling.ts';

/** How the language in which something is read goes into a list. */
export type Language = 'jmespath' | 'rule' | 'path';

/**
 * A fault as it is reported. `parent`: what the field was looked for in, as the file writes it; empty for the record
 * itself.
 */
export function faultFinding(fault: Fault, parent: string, language: Language): Omit<OptionFinding, 'path'> {
  const code = 'config.unknown_field';
  const where = parent === '' ? 'the record' : `"${parent}"`;
  switch (fault.kind) {
    case 'unknown_field': {
      const { name, object } = fault;
      if (object.gone?.has(name)) {
        const hint = 'Read it before it is taken away, or take it away later.';
        return { severity: 'warning', code, message: `"${name}" was removed by a step before`, hint };
      }
      const title = object.title ?? (parent === '' ? 'the records here' : where);
      const message = `"${name}" is not a field of ${title}`;
      return {
        severity: 'warning',
        code,
        message,
        hint: nameHint(name, [...object.fields.keys()], 'fields'),
      };
    }
    case 'field_of_list': {
      const message = `${upper(where)} is a list, and has no field "${fault.name}"`;
      return { severity: 'warning', code, message, hint: listHint(fault.name, parent, language) };
    }
    case 'field_of_scalar': {
      const message = `${upper(where)} is ${inWords(fault.of)}, and has no field "${fault.name}"`;
      return { severity: 'warning', code, message, hint: 'Nothing is ever found there.' };
    }
    case 'not_a_list': {
      const message = `${upper(where)} is ${inWords(fault.of)}, not a list`;
      return { severity: 'warning', code, message, hint: 'Nothing is ever found there.' };
    }
  }
}

function listHint(name: string, parent: string, language: Language): string {
  switch (language) {
    case 'jmespath':
      return `Write ${parent}[].${name} for that of all members, ${parent}[0].${name} for that of the first.`;
    case 'rule':
      return `Write "${parent}.0.${name}" for that of the first member, or use map, some or filter.`;
    case 'path':
      return `Write "${parent}.*.${name}" for that of all members, "${parent}.0.${name}" for that of the first.`;
  }
}

function upper(text: string): string {
  return text === 'the record' ? 'The record' : text;
}
