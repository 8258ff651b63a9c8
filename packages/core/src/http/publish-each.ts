import type { Message, Outcome, Publisher, RunContext } from '../contracts.ts';
import { cap, failedOutcome } from './failure.ts';
import { exchangeOf } from './http-client.ts';
import type { HttpResponse, Method } from './request.ts';

/** A publisher that sends one request a message: the answer becomes the task's response, a failure its outcome. */
export function publishEach(
  method: Method,
  send: (message: Message, run: RunContext) => Promise<HttpResponse>,
): Publisher {
  const publish = async (message: Message, run: RunContext): Promise<Outcome> => {
    try {
      const { body, exchange } = await send(message, run);
      return { status: 'delivered', exchange, ...(body !== undefined && { response: cap(body) }) };
    } catch (error) {
      return failedOutcome(error, method, exchangeOf(error));
    }
  };
  return { publish: (messages, run) => Promise.all(messages.map((message) => publish(message, run))) };
}
