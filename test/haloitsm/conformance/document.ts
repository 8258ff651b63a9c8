import { readFile } from 'node:fs/promises';
import type { Schema } from '../../../packages/haloitsm/scripts/fields.ts';

export type { Schema };

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly schema?: Schema;
}

export interface DescribedOperation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> };
}

/** An OpenAPI document of a HaloITSM instance. */
export interface HaloDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
}

/** Reads a document from a file, or from an instance: https://HOST/api/swagger/v2/swagger.json. */
export async function readDocument(from: string): Promise<HaloDocument> {
  if (!/^https?:/.test(from)) return JSON.parse(await readFile(from, 'utf8')) as HaloDocument;
  const answer = await fetch(from);
  if (!answer.ok) throw new Error(`${from} answered ${answer.status}`);
  return (await answer.json()) as HaloDocument;
}

/** What a document says of an operation; undefined where it does not have it. */
export function describedIn(
  document: HaloDocument,
  method: string,
  path: string,
): DescribedOperation | undefined {
  const operations = document.paths[`/${path}`] ?? document.paths[`/api/${path}`];
  return operations?.[method.toLowerCase()];
}
