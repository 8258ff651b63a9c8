import { isObject, type Json } from '../json.ts';
import { expressionReads } from './jmespath-reads.ts';
import { parsePlaceholders } from './placeholder.ts';
import { ReadList, type Reads } from './reads.ts';
import { ruleReads } from './rule-reads.ts';

/**
 * What a value reads of the record: literals, texts with placeholders, `{logic: …}`, objects and lists of values. The
 * place of a read leads to the text or, through `logic`, into the rule.
 */
export function valueReads(source: Json): Reads {
  const reads = new ReadList();
  visit(source, [], reads);
  return reads.done();
}

function visit(source: Json, at: readonly (string | number)[], reads: ReadList): void {
  if (typeof source === 'string') visitText(source, at, reads);
  else if (Array.isArray(source)) {
    (source as readonly Json[]).forEach((member, index) => void visit(member, [...at, index], reads));
  } else if (isObject(source)) {
    const keys = Object.keys(source);
    const [only] = keys;
    if (keys.length === 1 && only === 'literal') return;
    if (keys.length === 1 && only === 'logic') {
      reads.addAll(ruleReads(source['logic'] ?? null), [...at, 'logic']);
      return;
    }
    for (const key of keys) visit(source[key] ?? null, [...at, key], reads);
  }
}

function visitText(text: string, at: readonly (string | number)[], reads: ReadList): void {
  const segments = parsePlaceholders(text);
  if (typeof segments === 'string') return;
  for (const segment of segments) {
    if (segment.kind === '@') reads.varies();
    else if (segment.kind !== 'text')
      reads.addAll(expressionReads(segment.expression), at, segment.kind === '?');
  }
}
