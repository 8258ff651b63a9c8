import type { ErrorCode } from './error-codes.ts';
import type { Json, JsonObject } from './json.ts';

/** A transformer at work: shown on its reference page, executed in the tests. In a route, on `ticket` 7. */
export interface TransformerExample {
  readonly title?: string;
  /** The options as they stand in a file. */
  readonly options: Json;
  /** One record, or several that pass one after the other. */
  readonly given: JsonObject | readonly JsonObject[];
  /** What came out; a list where it is not exactly one record: `[]` where it was dropped. */
  readonly made?: JsonObject | readonly JsonObject[];
  /** The code of the error instead. */
  readonly error?: ErrorCode;
  /** Lookup tables of the project, by id. */
  readonly tables?: Readonly<Record<string, JsonObject>>;
  /** Saved transformers, as their files hold them. */
  readonly transformers?: Readonly<Record<string, JsonObject>>;
  /** Texts of files of the project, by path. */
  readonly files?: Readonly<Record<string, string>>;
  /** What any client of the project is asked, in order, and answers. */
  readonly http?: readonly {
    readonly request: { readonly method: string; readonly path: string };
    readonly response: { readonly status?: number; readonly body?: Json };
  }[];
  /** What the storages hold before, by name and key. */
  readonly storages?: Readonly<Record<string, JsonObject>>;
  /** What they hold afterwards. */
  readonly stored?: Readonly<Record<string, JsonObject>>;
}
