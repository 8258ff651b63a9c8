import {
  type Compiler,
  Condition,
  checkRequestPath,
  compileAnswer,
  compileRequest,
  Expression,
  type JsonObject,
  type Message,
  Options,
  type Publisher,
  type Report,
  RequestPath,
  type RunContext,
  Values,
} from '@millrace/core';
import { type Static, Type } from 'typebox';
import type { HttpApi } from './client.ts';

export const VerifyOptions = Options(
  {
    path: RequestPath({ description: 'Path of a GET that shows whether the record arrived' }),
    query: Type.Optional(Values({ description: 'Its query string; null is left out' })),
    headers: Type.Optional(Values({ description: 'Its headers; null is left out' })),
    items: Type.Optional(
      Expression({ description: 'Where a list of what was found is in its body. Default: the body itself' }),
    ),
    found: Type.Optional(
      Condition({
        description:
          'A rule on {status, headers, body, record}: true where the answer shows the record. Default: 2xx, and at least one row where it is a list',
      }),
    ),
  },
  { description: 'Looks up what became of a task whose outcome is not known, before it is sent again' },
);

type VerifySettings = Static<typeof VerifyOptions>;

export function checkVerify(verify: VerifySettings, method: string, report: Report): void {
  checkRequestPath(verify.path, report, ['verify', 'path']);
  if (verify.found !== undefined || !/^(?:put|patch)$/i.test(method)) return;
  report({
    code: 'config.missing_option',
    message: `That a record is there does not say whether ${method.toUpperCase()} changed it`,
    hint: 'Add a rule that compares: found: { "==": [{ var: "body.name" }, { var: "record.name" }] }',
    path: ['verify'],
    atKey: true,
  });
}

/** Asks whether a record arrived: what was deleted must be gone, anything else must be there. */
export function compileVerify(
  settings: VerifySettings,
  method: string,
  api: HttpApi,
  compile: Compiler,
): NonNullable<Publisher['verify']> {
  const prepare = compileRequest(settings, compile);
  const rule = settings.found === undefined ? undefined : compile.condition(settings.found);
  const { items } = settings;
  const readRows = compileAnswer(items === undefined ? {} : { items }, compile);
  const deletes = method.toUpperCase() === 'DELETE';

  const isThere = async ({ data, entity, taskId, attempt }: Message, run: RunContext): Promise<boolean> => {
    const context = { ...run.context, entity, task: { id: taskId }, attempt };
    const prepared = prepare(data, context);
    const response = await api.request({
      ...prepared,
      method: 'GET',
      expect: [404, 410],
      signal: run.signal,
    });
    const { status, headers, body = null } = response;
    if (rule) return rule({ status, headers: headers as JsonObject, body, record: data }, context);
    return readRows(response).rows.length > 0;
  };
  return async (message, run) => ((await isThere(message, run)) === deletes ? 'absent' : 'delivered');
}
