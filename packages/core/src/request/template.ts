import { type Static, Type } from 'typebox';
import type { Context } from '../contracts.ts';
import type { Compiler } from '../define.ts';
import type { HttpRequest, Method } from '../exchange.ts';
import type { OptionPath } from '../findings.ts';
import type { Json, JsonObject } from '../json.ts';
import { Value, Values } from '../schema.ts';
import type { Shape } from '../shapes/shape.ts';
import type { ShapeCheck } from '../shapes/shape-check.ts';
import { type Encoding, encodeBody } from './body.ts';
import { headerTexts } from './headers.ts';
import { compileRequestPath } from './path.ts';

/** A text with placeholders that becomes the path of a request. */
export function RequestPath(documented: { readonly description: string; readonly default?: string }) {
  return Type.Unsafe<string>({ type: 'string', millrace: 'value', ...documented });
}

/** The option `method`, in either letter case; `method.toUpperCase()` is the method. */
export function MethodOption<M extends Method>(methods: readonly M[], byDefault: M, description: string) {
  const both = [...methods, ...methods.map((method) => method.toLowerCase())];
  return Type.Unsafe<M>({ type: 'string', enum: both, default: byDefault, description });
}

/** Options of a request that every component which sends one has. */
export const REQUEST_OPTIONS = {
  query: Type.Optional(Values({ description: 'The query string; null is left out' })),
  headers: Type.Optional(Values({ description: 'Headers beside those of the client; null is left out' })),
  body: Type.Optional(Value({ description: 'What is sent' })),
  encoding: Type.Unsafe<Encoding>({
    type: 'string',
    enum: ['json', 'form', 'text'],
    default: 'json',
    description: 'How the body is written',
  }),
};

/** Evaluates the options of a request on the shape of a record, for the checks. */
export function checkRequestShape(
  check: ShapeCheck,
  record: Shape = check.record,
  at: OptionPath = [],
): void {
  for (const name of ['path', 'query', 'headers', 'body']) check.value([...at, name], record);
}

export interface RequestTemplate {
  readonly path: string;
  readonly query?: Static<(typeof REQUEST_OPTIONS)['query']>;
  readonly headers?: Static<(typeof REQUEST_OPTIONS)['headers']>;
  readonly body?: Json;
  readonly encoding?: Encoding;
}

/** A request without its method and its signal. */
export type Prepared = Omit<HttpRequest, 'method' | 'signal'> & { readonly query: JsonObject };

/**
 * Compiles what options say of a request. The function that comes of it makes the request of one record; it throws `request.*`
 * errors, by which the record is rejected. A body that comes to null is none.
 */
export function compileRequest(
  template: RequestTemplate,
  compile: Compiler,
): (data: JsonObject, context: Context) => Prepared {
  const path = compileRequestPath(template.path, compile);
  const query = compile.object(template.query ?? {});
  const headers = compile.object(template.headers ?? {});
  const body = template.body === undefined ? undefined : compile.value(template.body);
  const { encoding = 'json' } = template;
  return (data, context) => {
    const sent = body?.(data, context) ?? null;
    const encoded = sent === null ? {} : encodeBody(sent, encoding);
    return {
      path: path(data, context),
      query: query(data, context) as JsonObject,
      ...encoded,
      headers: { ...encoded.headers, ...headerTexts(headers(data, context) as JsonObject) },
    };
  };
}
