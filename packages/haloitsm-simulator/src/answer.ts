import type { Json } from './data/json.ts';

export interface Answer {
  readonly status: number;
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  /** It is sent so much later. */
  readonly delayMs?: number;
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
