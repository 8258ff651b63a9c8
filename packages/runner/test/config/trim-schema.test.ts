import { globSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Json } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { SchemaCheck } from '../../src/config/check-file.ts';
import { KINDS, type Kind } from '../../src/config/kinds.ts';
import { loadProject } from '../../src/config/load.ts';
import { trimSchema } from '../../src/config/trim-schema.ts';

const root = new URL('../../../../', import.meta.url).pathname;
const FILES = globSync(`{examples,test/mistakes}/**/{${KINDS.join()}}/*.yaml`, {
  cwd: root,
  exclude: ['**/node_modules'],
});
const { schema } = await loadProject(`${root}test/mistakes/project`, {
  environment: 'lenient',
  env: {},
  cwd: root,
});
const whole = new SchemaCheck(schema);

/** What a check says of a content, and what it makes of it: defaults filled in. */
function said(check: SchemaCheck, kind: Kind, content: Json) {
  const filled = structuredClone(content);
  const validate = check.validator(kind);
  validate(filled);
  return {
    filled,
    errors: (validate.errors ?? []).map(({ instancePath, keyword, params }) => ({
      instancePath,
      keyword,
      params,
    })),
  };
}

describe('a schema trimmed to a file', () => {
  const files = FILES.map((file) => ({
    file,
    kind: basename(dirname(file)) as Kind,
    content: parse(readFileSync(root + file, 'utf8')) as Json,
  }));

  it('says of every file, with mistakes and without, what the whole one says', () => {
    expect(files.length).toBeGreaterThan(40);
    for (const { file, kind, content } of files) {
      const trimmed = new SchemaCheck(trimSchema(schema, [content]));
      expect(said(trimmed, kind, content), file).toEqual(said(whole, kind, content));
    }
  });

  it('names the components that exist where one is unknown', () => {
    const content = { subscriber: { haloistm: {} }, entity: { type: 'x', identifier: 'id' } };
    const [error] = said(new SchemaCheck(trimSchema(schema, [content])), 'incoming', content).errors;
    expect(error).toMatchObject({
      keyword: 'additionalProperties',
      params: { additionalProperty: 'haloistm' },
    });
    expect(trimSchema(schema, [content])).toHaveProperty(
      'definitions.incoming.properties.subscriber.properties.haloitsm',
      {},
    );
  });

  it('is small where few components are used', () => {
    const size = (one: object) => JSON.stringify(one).length;
    expect(size(trimSchema(schema, [{ transformers: [{ filter: true }] }]))).toBeLessThan(size(schema) / 2);
  });
});
