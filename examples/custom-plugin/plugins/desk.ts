import {
  defineClient,
  definePlugin,
  definePublisher,
  defineSubscriber,
  type Json,
  Options,
  Secret,
} from '@millrace/core';
import { createHttp, publishEach } from '@millrace/core/http';
import { Type } from 'typebox';

const client = defineClient({
  description: 'Token access to one Desk account.',
  options: Options({
    url: Type.String({ description: 'Address of the account, such as https://acme.desk.example/api' }),
    token: Secret({ description: 'API token; put it in the environment, not in the file' }),
  }),
  create({ url, token }) {
    const http = createHttp({ baseUrl: url, headers: { authorization: `Bearer ${token}` } });
    const ping = async (signal: AbortSignal) =>
      void (await http.request({ method: 'GET', path: 'me', signal }));
    return { http, ping, close: async () => http.close() };
  },
});

const subscriber = defineSubscriber({
  client,
  description: 'Every ticket of the account, oldest first.',
  options: Options({
    pageSize: Type.Integer({ minimum: 1, default: 50, description: 'Tickets per request' }),
  }),
  create: ({ pageSize }, { client: { http } }) => ({
    async *read({ position }, { signal }) {
      for (let page = Number(position ?? 1); ; page++) {
        const answer = await http.request({
          method: 'GET',
          path: 'tickets',
          query: { page, size: pageSize },
          signal,
        });
        const { rows, total } = answer.body as unknown as { rows: { [key: string]: Json }[]; total: number };
        yield { entities: rows, position: page + 1, total };
        if (page * pageSize >= total) return undefined;
      }
    },
  }),
});

const publisher = definePublisher({
  client,
  description: 'Creates one ticket for each record.',
  options: Options({}),
  create: (_, { client: { http } }) =>
    publishEach('POST', ({ data }, { signal }) =>
      http.request({ method: 'POST', path: 'tickets', json: data, signal }),
    ),
});

export default definePlugin({ name: 'desk', components: { client, subscriber, publisher } });
