import type { Json } from './data/json.ts';

export interface Answer {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function json(status: number, body: Json): Answer {
  return { status, body: JSON.stringify(body) };
}

/** As Halo answers 401, 403 and 404: without a word. */
export function empty(status: number): Answer {
  return { status };
}
