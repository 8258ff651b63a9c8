import { digitsOf } from '@millrace/core';
import { type Document, parseDocument, visit } from 'yaml';

/** More aliases than a person writes are an attack on the memory. */
export const MAX_ALIASES = 100;

/** Numbers of a YAML document that a number cannot hold to their last digit become texts, as in JSON. */
export function keepDigits(document: Document, text: string): void {
  if (!/\d{16}/.test(text)) return;
  visit(document, {
    Scalar: (_, node) => {
      if (typeof node.value !== 'number') return;
      node.value = digitsOf(node.value, node.source ?? '') ?? node.value;
    },
  });
}

/** Data of a YAML or JSON text. Throws the first error in it. */
export function parseData(text: string): unknown {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error) throw error;
  keepDigits(document, text);
  return document.toJS({ maxAliasCount: MAX_ALIASES });
}
