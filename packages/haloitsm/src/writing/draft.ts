import {
  type Compiler,
  type Json,
  type JsonObject,
  type Message,
  MillraceError,
  type Outcome,
  type RunContext,
} from '@millrace/core';
import { asObject } from '../operation-request.ts';
import type { PublisherSettings } from './options.ts';

/** What a message asks for, before it is known which record of Halo it means. */
export interface Draft {
  readonly message: Message;
  /** With the context of the task. */
  readonly run: RunContext;
  readonly path: JsonObject;
  readonly query: JsonObject;
  readonly payload: Json;
}

/** Undefined where the request transformers drop it: nothing is to be sent. Rejects with the error of the record. */
export type MakeDraft = (message: Message, run: RunContext) => Promise<Draft | undefined>;

export function compileDrafts(
  { parameters = {}, payload, request }: PublisherSettings,
  compile: Compiler,
): MakeDraft {
  const path = compile.object(parameters.path ?? {});
  const query = compile.object(parameters.query ?? {});
  const body = compile.value(payload);
  const chain = compile.chain(request, 'request');
  return async (message, around) => {
    const { data, entity, taskId, attempt } = message;
    const context = { ...around.context, entity, task: { id: taskId }, attempt };
    const run = { ...around, context };
    const given = {
      path: { ...asObject(path(data, context)), ...asObject(data['path']) },
      query: { ...asObject(query(data, context)), ...asObject(data['query']) },
      payload: body(data, context) ?? null,
    };
    const [made, ...more] = await chain(given, run);
    if (more.length > 0) {
      throw new MillraceError(
        'outgoing.many_messages',
        `The request transformers made ${more.length + 1} requests of one task`,
      );
    }
    return (
      made && {
        message,
        run,
        path: asObject(made['path']),
        query: asObject(made['query']),
        payload: made['payload'] ?? null,
      }
    );
  };
}

/** What an error comes to before anything was sent. */
export function unsent(error: MillraceError, signal: AbortSignal): Outcome {
  if (error.code.startsWith('request.') || error.code === 'file.too_large')
    return { status: 'rejected', error };
  return { status: error.retried || signal.aborted ? 'retry' : 'failed', error };
}
