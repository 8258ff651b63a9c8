import { toMillraceError } from '@millrace/core';
import type { Loaded } from '../config/load.ts';
import type { Finding, Project } from '../config/project.ts';
import { readLock } from '../config/references/lock-file.ts';
import { placesOf, usedNames } from '../config/references/name-uses.ts';
import { type ReadTable, readReferences } from '../preview/read-references.ts';
import { newsOfName, newsOfTable, type TableNews } from '../preview/reference-news.ts';
import { errorFinding } from './output.ts';

const READ_MS = 60_000;
export const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** What became of the names that the project uses since they were locked: a finding for each place that uses one. */
export async function referenceFindings(project: Project, { recheck }: Loaded): Promise<readonly Finding[]> {
  if (project.references.size === 0) return [];
  const read = await readReferences(project, SILENT, AbortSignal.timeout(READ_MS));
  const lock = await readLock(project.directory);
  const used = usedNames(project.tables, recheck);
  return read.flatMap((one) => {
    const { id, resource, table } = one;
    const at = resource.locate([resource.component, 'tables', table]);
    if ('error' in one) return [errorFinding(toMillraceError(one.error, 'client.unreachable').at(at))];
    const locked = lock.get(id)?.get(one.system) ?? [];
    const names = [...(used.get(id) ?? [])].flatMap((name) => {
      const news = newsOfName(id, name, locked, one.records);
      if (!news) return [];
      return placesOf(id, name, project.tables, recheck).map((place) => ({ ...place, ...news }));
    });
    return [...names, ...outdated(one, newsOfTable(locked, one.records), at)];
  });
}

/** The rest of what changed, in one line: it hurts nobody. */
function outdated({ id }: ReadTable, news: TableNews, at: Partial<Finding>): readonly Finding[] {
  const told = describeNews(news);
  if (told === undefined) return [];
  return [
    {
      severity: 'info',
      code: 'reference.outdated',
      message: `"${id}" is not as it was locked: ${told}`,
      hint: 'Run `millrace lock` to use what is new.',
      ...at,
    },
  ];
}

/** `2 new, 1 gone, 1 renamed`; undefined where nothing is. */
export function describeNews({ added, removed, renamed }: TableNews): string | undefined {
  const parts = [
    ...(added.length > 0 ? [`${added.length} new`] : []),
    ...(removed.length > 0 ? [`${removed.length} gone`] : []),
    ...(renamed.length > 0 ? [`${renamed.length} renamed`] : []),
  ];
  return parts.length === 0 ? undefined : parts.join(', ');
}
