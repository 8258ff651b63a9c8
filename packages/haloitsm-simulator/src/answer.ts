import type { Json } from './data/json.ts';

export interface Answer {
  readonly status: number;
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  /** It is sent so much later. */
  readonly delayMs?: number;
}

const COMMA = Buffer.from(',');

/**
 * A list of JSON texts between what comes before and behind them. A page is put together as bytes: as one text of some
 * hundred thousand characters it would take ten times as long.
 */
export function list(before: string, texts: readonly string[], behind: string): Buffer {
  const parts = [Buffer.from(before)];
  for (const [index, text] of texts.entries()) {
    if (index > 0) parts.push(COMMA);
    parts.push(Buffer.from(text));
  }
  parts.push(Buffer.from(behind));
  return Buffer.concat(parts);
}

export function json(status: number, body: Json): Answer {
  return { status, body: JSON.stringify(body) };
}

/** As Halo answers 401, 403 and 404: without a word. */
export function empty(status: number): Answer {
  return { status };
}

/** A refusal by a rule of the application: a bare JSON string. */
export function sentence(message: string): Answer {
  return json(400, message);
}

/** What ASP.NET answers to a parameter in the path or the query that cannot be read. */
export function invalidValue(name: string, value: string): Answer {
  return json(400, { [name]: [`The value '${value}' is not valid.`] });
}

/** A refusal that the application threw: the .NET exception as JSON, with HTTP 400. */
export function exception(message: string): Answer {
  return json(400, {
    ClassName: 'System.Exception',
    Message: message,
    Data: null,
    InnerException: null,
    HelpURL: null,
    StackTraceString: null,
    RemoteStackTraceString: null,
    RemoteStackIndex: 0,
    ExceptionMethod: null,
    HResult: -2146233088,
    Source: null,
    WatsonBuckets: null,
  });
}
