export type Method = 'GET' | 'POST' | 'DELETE';

/** A parameter of an operation: its name and the type that the vendor's document gives it. */
export interface Parameter {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date-time' | 'integers' | 'other';
}

/** One operation of the HaloITSM API: facts from the vendor's OpenAPI document and from live answers. */
export interface Operation {
  readonly method: Method;
  /** Without leading slash and in the document's letter case: `Actions/{id}`. */
  readonly path: string;
  /** In the order in which they stand in the path. */
  readonly pathParameters: readonly Parameter[];
  readonly query: readonly Parameter[];
  /** True where the operation takes `pageinate`. */
  readonly pages: boolean;
  /** GET: the key under which an answer with `record_count` holds its rows, where it is known. */
  readonly envelope?: string;
  /** POST: what the body is. Absent: the operation takes none. */
  readonly body?: 'array' | 'object' | 'text' | 'multipart';
}
