import { Type } from 'typebox';
import type { Client, Message, Outcome, Publisher, RunContext, Subscriber } from '../../src/contracts.ts';
import { type Component, defineClient, definePublisher, defineSubscriber } from '../../src/define.ts';
import { createHttp, type HttpClient, publishEach } from '../../src/http/index.ts';
import type { Json, JsonObject } from '../../src/json.ts';
import { Options, Secret } from '../../src/schema.ts';

/** What a test may do to a right component to make it wrong. */
export type Mutation<T> = (right: T, options: JsonObject & { readonly http: HttpClient }) => T;

const ClientOptions = Options({
  url: Type.String({ description: 'Address' }),
  token: Secret({ description: 'Token' }),
});

/** A client that is right, or one that a mutation makes wrong. */
export function notesClient(mutate: Mutation<Client> = (right) => right, passes = true) {
  return defineClient({
    description: 'Token access to a notes system.',
    options: ClientOptions,
    create({ url, token }, { transport }) {
      const headers = { authorization: `Bearer ${token}` };
      const passed = passes && transport ? { transport } : {};
      const http = createHttp({ baseUrl: url, headers, retry: { attempts: 1 }, ...passed });
      const right: Client = {
        ping: async (signal) => void (await http.request({ method: 'GET', path: 'me', signal })),
        close: async () => http.close(),
      };
      return { ...mutate(right, { url, token, http } as never), http, token };
    },
  });
}

/** Reads notes after an id, so many at a time; the position and the cursor are the last id. */
function readNotes(http: HttpClient, size: number): Subscriber {
  return {
    async *read({ position, cursor }, { signal }) {
      let after = Number(position ?? cursor ?? 0);
      for (;;) {
        const query = { after, size };
        const { body } = await http.request({ method: 'GET', path: 'notes', query, signal });
        const { rows, total } = body as unknown as { rows: JsonObject[]; total: number };
        if (rows.length === 0) return after;
        after = Number(rows.at(-1)?.['id']);
        yield { entities: rows, position: after, ...(cursor === undefined && { total }) };
        signal.throwIfAborted();
      }
    },
  };
}

/** A subscriber that is right, or one that a mutation makes wrong. */
export function notesSubscriber(mutate: Mutation<Subscriber> = (right) => right): Component {
  return defineSubscriber({
    client: notesClient(),
    description: 'Notes in the order of their ids.',
    options: Options({ size: Type.Integer({ default: 2, description: 'Notes at a time' }) }),
    create: ({ size }, { client: { http, token } }) =>
      mutate(readNotes(http, size), { size, http, token } as never),
  });
}

/** A publisher that is right, or one that a mutation makes wrong. */
export function notesPublisher(mutate: Mutation<Publisher> = (right) => right): Component {
  return definePublisher({
    client: notesClient(),
    description: 'Creates a note for each record.',
    options: Options({}),
    create(_, { client: { http, token } }) {
      const sent = new Map<string, Outcome>();
      const right = publishEach('POST', ({ data }, { signal }) => post(http, data, signal));
      const publish = async (messages: readonly Message[], run: RunContext) => {
        const outcomes = await right.publish(messages, run);
        for (const [index, { taskId }] of messages.entries()) {
          const outcome = outcomes[index];
          if (outcome) sent.set(taskId, outcome);
        }
        return outcomes;
      };
      const verify: Publisher['verify'] = async ({ taskId }) => {
        const status = sent.get(taskId)?.status;
        return status === 'delivered' ? 'delivered' : status === 'unknown' ? 'unknown' : 'absent';
      };
      return mutate({ publish, verify }, { http, token } as never);
    },
  });
}

export function post(http: HttpClient, json: Json, signal: AbortSignal) {
  return http.request({ method: 'POST', path: 'notes', json, signal });
}
