import {
  defineClient,
  definePlugin,
  definePublisher,
  defineSubscriber,
  type Json,
  type JsonObject,
  MillraceError,
  Options,
  Secret,
} from '@millrace/core';
import { createHttp, publishEach } from '@millrace/core/http';
import { Type } from 'typebox';

export const client = defineClient({
  description: 'Token access to one Desk account.',
  options: Options({
    url: Type.String({ description: 'Address of the account, such as https://acme.desk.example/api' }),
    token: Secret({ description: 'API token; put it in the environment, not in the file' }),
  }),
  create({ url, token }, { traffic, transport }) {
    const http = createHttp({
      baseUrl: url,
      headers: { authorization: `Bearer ${token}` },
      // A limit that all processes share, and tests that send nothing.
      ...(traffic && { traffic }),
      ...(transport && { transport }),
    });
    const ping = async (signal: AbortSignal) =>
      void (await http.request({ method: 'GET', path: 'me', signal }));
    return { http, ping, close: async () => http.close() };
  },
});

export const subscriber = defineSubscriber({
  client,
  description: 'Every ticket of the account, in the order of their ids.',
  options: Options({
    pageSize: Type.Integer({ minimum: 1, default: 50, description: 'Tickets per request' }),
  }),
  create: ({ pageSize: size }, { client: { http } }) => ({
    async *read({ position }, { signal }) {
      for (let after: Json = position ?? 0; ; ) {
        const query = { after, size };
        const { body } = await http.request({ method: 'GET', path: 'tickets', query, signal });
        const { rows, total } = body as { rows?: JsonObject[]; total?: number };
        if (!rows || total === undefined)
          throw new MillraceError('client.protocol', 'GET tickets has no rows');
        if (rows.length === 0) return undefined;
        after = rows.at(-1)?.['id'] ?? null;
        // Stored with the tickets: a run that dies goes on behind the last one.
        yield { entities: rows, position: after, total };
      }
    },
  }),
});

export const publisher = definePublisher({
  client,
  description: 'Adds a comment to a ticket for each record {ticket, text}.',
  options: Options({}),
  create: (_, { client: { http } }) =>
    publishEach('POST', ({ data }, { signal }) =>
      http.request({ method: 'POST', path: 'comments', json: data, signal }),
    ),
});

export default definePlugin({ name: 'desk', components: { client, subscriber, publisher } });
