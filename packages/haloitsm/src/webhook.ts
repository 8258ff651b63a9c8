import {
  checkHookAuthentication,
  compileHookAuthentication,
  Duration,
  defineReceiver,
  HookAuthentication,
  milliseconds,
  Options,
  readHookBody,
  shapes,
} from '@millrace/core';
import { type Static, Type } from 'typebox';
import { type Operation, resolveEntity } from './catalogue/index.ts';
import { checkOperation, operationOf } from './operation-request.ts';
import { rowShape } from './record-shapes.ts';
import { deliveryId, eventsIn, recordOf, type Wanted } from './webhook-payload.ts';

/** Tickets with their whole conversation and attachments inside are long. */
const MAX_BYTES = 16 * 1_048_576;

const WebhookOptions = Options({
  authentication: Type.Optional(HookAuthentication),
  entity: Type.String({
    minLength: 1,
    description: 'Whose records are taken, as the API names them: Tickets, Actions, Asset, Users',
  }),
  member: Type.Optional(
    Type.String({
      minLength: 1,
      description: 'Where the payload holds the record. Default: by the entity, such as ticket for Tickets',
    }),
  ),
  events: Type.Optional(
    Type.Array(Type.String({ minLength: 1 }), {
      minItems: 1,
      description:
        'Events that count, by their names in Halo, such as New Ticket Logged. Default: all but those that tell of a deleted record',
    }),
  ),
  eventAs: Type.Optional(
    Type.String({
      pattern: '^(?!(?:__proto__|constructor|prototype)$).+$',
      description:
        'Field of the record that gets what Halo says of the event (event, message, agent_id, timestamp); such a record differs from one that was polled',
    }),
  ),
  remember: Duration({
    default: '24h',
    description:
      'How long a delivery is remembered: one of the same id is answered, and nothing is made of it',
  }),
});

export const webhook = defineReceiver({
  description:
    'Takes what HaloITSM sends to `/hooks/INCOMING` by its outgoing webhooks, as the records that the API would give: whole objects, small ones, batches, ids alone, and payloads of your own design.',
  options: WebhookOptions,
  check({ authentication, entity }, report) {
    checkHookAuthentication(authentication, report);
    checkOperation('GET', { entity, strict: true, parameters: {} }, false, report);
  },
  shape({ entity }) {
    const operation = operationOf('GET', entity, true);
    return operation ? rowShape(operation) : shapes.UNKNOWN;
  },
  create(options) {
    const prove = compileHookAuthentication(options.authentication ?? {});
    const wanted = wantedOf(options);
    const rememberMs = milliseconds(options.remember);
    return {
      methods: ['POST', 'PUT'],
      maxBytes: MAX_BYTES,
      receive(request, { log }) {
        const proof = prove(request);
        const events = eventsIn(readHookBody(request));
        const entities = events.map((event) => recordOf(event, wanted)).filter((one) => one !== undefined);
        if (entities.length < events.length)
          log.debug({ events: events.map((event) => event['event'] ?? null) }, 'events that are not wanted');
        const id = deliveryId(events);
        const delivery = id === undefined ? proof.delivery : { id, rememberMs };
        return { entities, ...(delivery && { delivery }) };
      },
    };
  },
});

function wantedOf({ entity, member, events, eventAs }: Static<typeof WebhookOptions>): Wanted {
  const operation = resolveEntity('GET', entity);
  const members = member === undefined ? membersOf(operation?.path ?? entity) : [member];
  return {
    members,
    ...(events && { events: new Set(events.map((name) => name.toLowerCase())) }),
    ...(eventAs !== undefined && { eventAs }),
    // The object of an event that tells of an action is its ticket.
    byId: !members.includes('action'),
  };
}

/** The names that the objects of a resource have in payloads: `tickets` and `ticket`. */
function membersOf(path: Operation['path']): readonly string[] {
  const [resource = ''] = path.toLowerCase().split('/');
  return resource.endsWith('s') ? [resource.slice(0, -1), resource] : [resource];
}
