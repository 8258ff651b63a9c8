// A plugin in one file: it is loaded because it stands in plugins/. See the options of it with
// `millrace plugins starter`; run its tests with `npx vitest run starter`.
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

// The connection, shared by all that use it. A file clients/NAME.yaml holds its options:
//   starter: { url: "${STARTER_URL}", token: "${STARTER_TOKEN}", limit: 100/1m }
export const client = defineClient({
  description: 'Token access to one account of Starter.',
  requests: true,
  options: Options({
    url: Type.String({ description: 'Address of its API, such as https://api.starter.example' }),
    token: Secret({ description: 'API token; put it in the environment, not in the file' }),
    limit: Type.Optional(
      Type.String({
        pattern: '^[1-9]\\d*/\\d+(ms|s|m|h|d)$',
        description: 'Requests that are allowed in a time, such as 100/1m',
      }),
    ),
  }),
  create({ url, token, limit }, { traffic, transport }) {
    // Pacing, retries, time-outs and typed errors come with it.
    const http = createHttp({
      baseUrl: url,
      headers: { authorization: `Bearer ${token}` },
      ...(limit !== undefined && { limit }),
      // A limit holds for all processes; a test or a plan sends nothing.
      ...(traffic && { traffic }),
      ...(transport && { transport }),
    });
    return {
      // The cheapest call that proves address and token.
      ping: async (signal: AbortSignal) => void (await http.request({ method: 'GET', path: 'me', signal })),
      request: (request: Parameters<typeof http.request>[0]) => http.request(request),
      close: async () => http.close(),
    };
  },
});

export const subscriber = defineSubscriber({
  client,
  description: 'Every item of the account, in the order of their ids.',
  options: Options({
    pageSize: Type.Integer({ minimum: 1, default: 100, description: 'Items in a request' }),
  }),
  create: ({ pageSize }, { client: api }) => ({
    async *read({ position }, { signal }) {
      // Where a run that died goes on: behind the last item that was stored.
      for (let after: Json = position ?? 0; ; ) {
        const query = { after, size: pageSize };
        const { body } = await api.request({ method: 'GET', path: 'items', query, signal });
        const { items, total } = body as { items?: JsonObject[]; total?: number };
        if (!items || total === undefined)
          throw new MillraceError('client.protocol', 'GET items did not answer with items and their total');
        if (items.length === 0) return undefined;
        after = items.at(-1)?.['id'] ?? null;
        // The total is compared with what was read: nothing gets lost unseen.
        yield { entities: items, position: after, total };
      }
    },
  }),
});

export const publisher = definePublisher({
  client,
  description: 'Posts each record as an item.',
  options: Options({
    path: Type.String({ minLength: 1, default: 'items', description: 'Where items are posted' }),
  }),
  create: ({ path }, { client: api }) =>
    // One request a record; what the answer means for its task is decided by its status.
    publishEach('POST', ({ data }, { signal }) => api.request({ method: 'POST', path, json: data, signal })),
});

export default definePlugin({ name: 'starter', components: { client, subscriber, publisher } });
