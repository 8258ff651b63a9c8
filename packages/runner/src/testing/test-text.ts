import type { Json, JsonObject } from '@millrace/core';
import { Document, isCollection, isMap, isScalar, isSeq, type Node, visit } from 'yaml';
import type { RecordedCall } from '../config/test-file.ts';
import type { DescribedRequest } from '../preview/request-match.ts';
import type { Target } from '../preview/step-site.ts';

/** A case as it is written into a new test file, its keys in the order of people. */
export interface WrittenCase {
  readonly name: string;
  readonly storages?: Readonly<Record<string, JsonObject>>;
  readonly http?: readonly RecordedCall[];
  readonly given: JsonObject;
  readonly expect?: readonly JsonObject[];
  readonly expectError?: string;
  readonly expectRequests?: readonly DescribedRequest[];
}

/** The text of a test file. */
export function renderTest({ kind, id }: Target, now: number, cases: readonly WrittenCase[]): string {
  const up = '../'.repeat(id.split('/').length);
  const document = new Document({
    target: `${kind}/${id}`,
    now: new Date(now).toISOString(),
    cases: cases as unknown as Json,
  });
  document.commentBefore = [
    ` yaml-language-server: $schema=${up}schema.json#/definitions/test`,
    ' Recorded by `millrace test --record`. Names, addresses and secrets are made up; look through it all the same.',
  ].join('\n');
  visit(document, {
    Collection: (_, node) => {
      if (isShort(node as Node)) (node as { flow?: boolean }).flow = true;
    },
    Pair: (_, pair) => {
      // An empty line between cases.
      if (isScalar(pair.key) && pair.key.value === 'cases' && isSeq(pair.value)) {
        for (const [index, item] of pair.value.items.entries())
          if (index > 0 && isMap(item)) item.spaceBefore = true;
      }
    },
  });
  const text = document.toString({ lineWidth: 0, flowCollectionPadding: true });
  return text.replace(/\n\n(target:)/, '\n$1');
}

/** Few plain members stand in one line. */
function isShort(node: Node): boolean {
  if (!isCollection(node)) return false;
  const values = isMap(node) ? node.items.map(({ value }) => value) : node.items;
  return (
    values.length <= 4 &&
    values.every((value) => isScalar(value)) &&
    JSON.stringify(node.toJSON()).length <= 80
  );
}
