import type { Response } from 'got';

/**
 * Takes from an answer that was read, and from its request, what they refer to.
 *
 * V8 puts a function that is written where it is stored (`x.end = () => …`) among the old objects at once. got makes six
 * of them for each request and Node one for each stream: they hold on to the whole of a request, its answer included, until
 * old objects are next collected. What that costs: docs/decisions/020.
 */
export function letGo(answer: Response<unknown>): void {
  // What follows an answer, such as giving its connection back, happens before the next turn of the event loop.
  if (answers.push(answer) === 1) setImmediate(empty);
}

const answers: Response<unknown>[] = [];
const ignore = () => {};

function empty(): void {
  for (const answer of answers.splice(0)) {
    const { request } = answer;
    // But for the states of its streams, which may still be asked whether they ended.
    for (const name of Object.keys(request))
      if (!name.endsWith('State')) Reflect.set(request, name, undefined);
    for (const name of ['request', 'req', 'body', 'rawBody']) Reflect.set(answer, name, undefined);
    // Whatever still goes wrong with them is nobody's loss.
    request.on('error', ignore);
    answer.removeAllListeners().on('error', ignore);
  }
}
