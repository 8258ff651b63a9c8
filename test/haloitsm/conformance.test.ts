import { readFile } from 'node:fs/promises';
import { operations } from '@millrace/haloitsm/catalogue';
import type { JournalEntry } from '@millrace/haloitsm-simulator';
import { describe, expect, it } from 'vitest';
import { simulate } from '../support/simulator.ts';
import { type HaloDocument, readDocument } from './conformance/document.ts';
import { requestFindings } from './conformance/request-check.ts';
import { tableLines } from './conformance/table.ts';
import { walk } from './conformance/walk.ts';

/** The core of a desk, and what are files: walked with every seventh of the others, and all forms. */
const CORE = /^(?:Tickets|Actions|Asset|Users|Client|Site|Agent|Attachment|Invoice)(?:\/|$)/;

describe('the operations of HaloITSM', () => {
  it('are asked for as the document of the API describes them', async () => {
    const simulator = await simulate({ tickets: 30, quirks: { 'slow-lists': false } });
    const document = await readDocument(`${simulator.url}/api/swagger/v2/swagger.json`);
    const walked = await walk({
      simulator,
      document,
      wanted: (operation, index) =>
        index % 7 === 0 || operation.body === 'multipart' || CORE.test(operation.path),
    });
    expect(walked.length).toBeGreaterThan(200);
    const wrong = walked.flatMap(({ operation: { method, path }, findings }) =>
      findings.map((finding) => `${method} ${path}: ${finding}`),
    );
    expect(wrong).toEqual([]);
  });

  it('are all in the table of the docs, with what the last whole walk came to', async () => {
    const docs = await readFile(new URL('../../docs/haloitsm/operations.md', import.meta.url), 'utf8');
    const lines = docs.split('\n').filter((line) => /^\| (?:GET|POST|DELETE) /.test(line));
    const facts = (line: string) => line.split('|').slice(1, 6).join('|');
    const none = operations().map((operation) => ({
      operation,
      requests: 0,
      result: 'rows' as const,
      findings: [],
    }));
    expect(lines.map(facts)).toEqual(tableLines(none).map(facts));
    expect(lines.filter((line) => /finding|failed/.test(line))).toEqual([]);
  });
});

describe('a request held against the document', () => {
  const document: HaloDocument = {
    paths: {
      '/Things/{id}': {
        get: {
          parameters: [
            { name: 'id', in: 'path', schema: { type: 'int' } },
            { name: 'from', in: 'query', schema: { type: 'DateTime' } },
            { name: 'many', in: 'query', schema: { type: 'List<int>' } },
          ],
        },
      },
      '/Things': {
        post: {
          requestBody: {
            content: {
              'application/json': {
                schema: { type: 'array', items: { $ref: '#/components/schemas/Thing' } },
              },
            },
          },
        },
      },
    },
    components: {
      schemas: {
        Thing: { type: 'object', properties: { name: { type: 'string' }, size: { type: 'integer' } } },
      },
    },
  };
  const request = (more: Partial<JournalEntry>): JournalEntry => ({
    sequence: 1,
    time: '2026-01-01T00:00:00Z',
    method: 'GET',
    path: '/api/Things/5',
    query: {},
    status: 200,
    ...more,
  });

  it('has no finding where it is right', () => {
    const got = request({ query: { from: '2026-01-01T00:00:00', many: '1,2' } });
    expect(requestFindings(document, { method: 'GET', path: 'Things/{id}' }, got)).toEqual([]);
    const sent = request({ method: 'POST', path: '/api/Things', body: [{ name: 'a', size: 1 }] });
    expect(requestFindings(document, { method: 'POST', path: 'Things' }, sent)).toEqual([]);
  });

  it('is found wrong in method, path, parameters and body', () => {
    const asked = { method: 'GET', path: 'Things/{id}' };
    const wrong = request({
      method: 'POST',
      path: '/api/Things/x',
      query: { from: 'noon', many: 'a', no: '1' },
      body: {},
    });
    expect(requestFindings(document, asked, wrong)).toEqual([
      'sent with POST',
      'sent to /api/Things/x, which is not /api/Things/{id}',
      'from=noon is no DateTime',
      'many=a is no List<int>',
      'the query parameter "no" is not in the document',
      'a body is sent where the document has none',
    ]);
    const posted = (body: JournalEntry['body']) =>
      requestFindings(
        document,
        { method: 'POST', path: 'Things' },
        request({ method: 'POST', path: '/api/Things', ...(body !== undefined && { body }) }),
      );
    expect(posted(undefined)).toEqual(['no body is sent']);
    expect(posted({ name: 'a' })).toEqual(['the body is no list']);
    expect(posted([{ name: 1, size: 1.5, colour: 'red' }])).toEqual([
      'the body[0].name is no text',
      'the body[0].size is no whole number',
      'the body[0] has "colour", which the document does not know',
    ]);
    expect(requestFindings(document, { method: 'DELETE', path: 'Things' }, request({}))).toEqual([
      'the document has no DELETE /Things',
    ]);
  });
});
