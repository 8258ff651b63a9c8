import { definePublisher, MillraceError } from '@millrace/core';
import { client, type HaloClient } from './client.ts';
import { operationOf } from './operation-request.ts';
import { checkSent } from './sent-shapes.ts';
import { checkWriting, METHODS, searchedBy } from './writing/check.ts';
import { compileDrafts } from './writing/draft.ts';
import { FileSource } from './writing/file-source.ts';
import { Links } from './writing/links.ts';
import { Matcher } from './writing/match.ts';
import { PublisherOptions } from './writing/options.ts';
import { Writer } from './writing/writer.ts';

export const publisher = definePublisher({
  client,
  description:
    'Sends records to any POST or DELETE operation of the HaloITSM API; creates, updates or deletes by id, by a natural key, or by what was linked before.',
  options: PublisherOptions,
  check: checkWriting,
  shape({ method, entity, strict, payload, match, link, file }, check) {
    const operation = operationOf(METHODS[method], entity, strict);
    if (operation) checkSent(operation, { strict, payload, identified: Boolean(match || link) }, check);
    if (match) check.value(['match', 'query']);
    if (link) check.value(['link', 'id']);
    for (const name of ['path', 'attachment'] as const)
      if (file?.[name] !== undefined) check.value(['file', name]);
  },
  create(options, { client: halo, compile, clientOf, resolvePath }) {
    const { method, entity, strict, match, link, file, timezone } = options;
    const operation = operationOf(METHODS[method], entity, strict);
    if (!operation)
      throw new MillraceError('config.unknown_operation', `HaloITSM has no ${method} operation "${entity}"`);
    const searched = match && searchedBy(operation, match, strict);
    const source = file?.client === undefined ? halo : (clientOf(file.client) as HaloClient);
    const writer = new Writer({
      halo,
      operation,
      timezone,
      draft: compileDrafts(options, compile),
      matcher: match && searched && new Matcher(match, searched, halo, compile),
      links: link && new Links(link, compile),
      files: file && new FileSource(file, { compile, resolvePath, source }),
    });
    return writer.publisher;
  },
});
