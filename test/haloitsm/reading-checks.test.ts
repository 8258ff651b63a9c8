import { describe, expect, it } from 'vitest';
import { loadProject } from '../../packages/runner/src/config/load.ts';
import { makeProject } from '../support/project.ts';

/** What validate finds in a project with these options of the subscriber, as `code path`. */
async function found(subscriber: string, incoming = '', identifier = '[ticket_id, id]'): Promise<string[]> {
  const folder = await makeProject({
    'clients/halo.yaml':
      'haloitsm: { baseUri: "http://127.0.0.1:9", authentication: { usernamePassword: { clientId: a, username: b, password: "${PASSWORD}" } } }\n',
    'incoming/things.yaml': `subscriber: { haloitsm: { client: halo, ${subscriber} } }\nentity: { type: thing, identifier: ${identifier} }\n${incoming}`,
    'routes/out.yaml': 'incoming: things\noutgoing: out\n',
    'outgoing/out.yaml': 'publisher: { file: { path: out.ndjson } }\n',
    'storages/versions.yaml': '{}\n',
  });
  const env = { PASSWORD: 'secret' };
  const { findings } = await loadProject(folder, { environment: 'required', env, cwd: folder });
  return findings.map(({ code, path }) => `${code} ${path ?? ''}`.trim());
}

const ACTIONS = 'entity: Actions, parameters: { query: { ticket_id: "&{id}" } }';

describe('the checks of a read', () => {
  it('follow the records from list to list: what is kept of a parent is a field of its children', async () => {
    const forEach = 'forEach: { entity: Tickets, keep: { customer: "&{client_name}" } }';
    const steps = 'transformers: [{ set: { a: "&{customer}", b: "&{note}", c: "&{custmer}" } }]\n';
    expect(await found(`${ACTIONS}, ${forEach}`, steps)).toEqual([
      'config.unknown_field transformers[0].set.c',
    ]);
  });

  it('know the parents that parameters, rules and kept values are evaluated on', async () => {
    const forEach =
      'forEach: { entity: Tickets, when: { var: attachment_cuont }, keep: { x: "&{sumary}" }, incremental: { field: last_updat } }';
    const parameters = 'entity: Actions, parameters: { query: { ticket_id: "&{idd}" } }';
    expect((await found(`${parameters}, ${forEach}`)).sort()).toEqual([
      'config.unknown_field subscriber.haloitsm.forEach.incremental.field',
      'config.unknown_field subscriber.haloitsm.forEach.keep.x',
      'config.unknown_field subscriber.haloitsm.forEach.when.var',
      'config.unknown_field subscriber.haloitsm.parameters.query.ticket_id',
    ]);
  });

  it('know the fields of details, and the storages that remember versions', async () => {
    const steps = 'transformers: [{ set: { a: "&{customfields}", b: "&{sumary}" } }]\n';
    expect(await found('entity: Tickets, hydrate: { remember: versions }', steps, 'id')).toEqual([
      'config.unknown_field transformers[0].set.b',
    ]);
    expect(await found('entity: Tickets, hydrate: { remember: version }', '', 'id')).toEqual([
      'config.unknown_reference subscriber.haloitsm.hydrate.remember',
    ]);
  });

  it('warn of identifiers that several records share, and of none that a chain has made', async () => {
    expect(await found('entity: Actions', '', 'id')).toEqual([
      'config.ambiguous_identifier entity.identifier',
    ]);
    expect(await found('entity: Actions', '', '[id]')).toEqual([
      'config.ambiguous_identifier entity.identifier',
    ]);
    expect(await found('entity: Actions', '', '[id, ticket_id]')).toEqual([]);
    expect(await found('entity: Actions', '', 'guid')).toEqual([]);
    expect(await found('entity: Lookup', '', 'id')).toEqual([
      'config.ambiguous_identifier entity.identifier',
    ]);
    expect(await found('entity: Tickets', '', 'id')).toEqual([]);
  });
});
