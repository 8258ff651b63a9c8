import { basename, dirname, join } from 'node:path';
import { type Json, type JsonObject, MillraceError } from '@millrace/core';
import type { Project, RouteResource } from '../config/project.ts';
import type { RecordedCall } from '../config/test-file.ts';
import { withoutNetwork } from '../preview/network-guard.ts';
import { RecordedHttp } from '../preview/recorded-http.ts';
import { Rehearsal, type Taken } from '../preview/rehearsal.ts';
import { type DescribedRequest, inWordsOf } from '../preview/request-match.ts';
import type { Target } from '../preview/step-site.ts';
import { memoryStorages } from '../preview/storage-copy.ts';
import { ReadStorages, type Recorded } from './recording.ts';
import type { Redactor } from './redactor.ts';
import { renderTest, type WrittenCase } from './test-text.ts';
import { comparable } from './verdict.ts';

export interface RecordedFiles {
  /** Texts by path, relative to the project folder. */
  readonly files: ReadonlyMap<string, string>;
  /** What was left out, in sentences. */
  readonly notes: readonly string[];
}

/**
 * Makes first tests of a route, its incoming and its outgoing of what a live run saw, once all that must not be seen is
 * replaced. What they expect is what comes of the replaced records, so that they pass.
 */
export async function recordedTests(
  project: Project,
  route: RouteResource,
  recording: Recorded,
  redactor: Redactor,
  now: number,
): Promise<RecordedFiles> {
  const { rows, calls, seeds } = redacted(recording, redactor);
  const recorder = new Recorder(project, calls, seeds, now);
  const entities = await recorder.stage({ kind: 'incoming', id: route.incoming }, rows);
  const messages = await recorder.stage({ kind: 'routes', id: route.id }, entities);
  await recorder.stage({ kind: 'outgoing', id: route.outgoing }, messages);
  return recorder;
}

function redacted({ rows, calls, seeds }: Recorded, redactor: Redactor) {
  redactor.learn({ rows, calls: calls as unknown as Json, seeds });
  const call = ({ request, response }: RecordedCall): RecordedCall => ({
    request: {
      ...redactor.redact(request as unknown as JsonObject),
      path: redactor.text(request.path),
    } as RecordedCall['request'],
    response: redactor.redact(response as unknown as JsonObject) as unknown as RecordedCall['response'],
  });
  const storages = Object.entries(redactor.redact(seeds)).map(([name, entries]) => {
    const named = Object.entries(entries).map(([key, value]) => [redactor.text(key), value]);
    return [name, Object.fromEntries(named)];
  });
  return {
    rows: redactor.redact(rows),
    calls: calls.map(call),
    seeds: Object.fromEntries(storages) as Record<string, JsonObject>,
  };
}

interface Group {
  readonly given: JsonObject[];
  /** The code with which all of them failed. */
  readonly code?: string;
}

class Recorder implements RecordedFiles {
  readonly files = new Map<string, string>();
  readonly notes: string[] = [];
  readonly #project: Project;
  readonly #calls: readonly RecordedCall[];
  readonly #seeds: Readonly<Record<string, JsonObject>>;
  readonly #now: number;

  constructor(
    project: Project,
    calls: readonly RecordedCall[],
    seeds: Readonly<Record<string, JsonObject>>,
    now: number,
  ) {
    this.#project = project;
    this.#calls = calls;
    this.#seeds = seeds;
    this.#now = now;
  }

  /** Writes the test of one target for these records. Returns what came out of them. */
  async stage(target: Target, records: readonly JsonObject[]): Promise<readonly JsonObject[]> {
    if (records.length === 0) {
      this.notes.push(`No record got to ${target.kind}/${target.id}: it has no test`);
      return [];
    }
    const groups = await this.#sort(target, records);
    const cases: WrittenCase[] = [];
    const made: JsonObject[] = [];
    for (const group of groups) {
      const file = fixturePath(target, group.code);
      const run = await this.#rehearse(target, group.given);
      made.push(...run.made);
      this.files.set(file, `${JSON.stringify(group.given, null, 2)}\n`);
      cases.push(written(group, `fixtures/${basename(file)}`, run));
    }
    if (cases.length > 0)
      this.files.set(`${target.kind}/${target.id}.recorded.test.yaml`, renderTest(target, this.#now, cases));
    return made;
  }

  /** Those that come through, those that fail with one error, and so on; what cannot be repeated is left out. */
  async #sort(target: Target, records: readonly JsonObject[]): Promise<readonly Group[]> {
    const through: Group = { given: [] };
    const failed = new Map<string, Group>();
    let lost = 0;
    for (const record of records) {
      const { taken, unrecorded } = await this.#rehearse(target, [record]);
      const code = taken[0]?.error?.code;
      if (unrecorded) lost++;
      else if (code === undefined) through.given.push(record);
      else {
        const group = failed.get(code) ?? { given: [], code };
        failed.set(code, group);
        group.given.push(record);
      }
    }
    if (lost > 0)
      this.notes.push(
        `${lost} of ${records.length} records of ${target.kind}/${target.id} are left out: with what was replaced in them, they ask for something that was not recorded`,
      );
    return [through, ...failed.values()].filter(({ given }) => given.length > 0);
  }

  async #rehearse(target: Target, records: readonly JsonObject[]): Promise<Rehearsed> {
    return withoutNetwork({ stopped: () => {} }, async () => {
      const reads = new ReadStorages();
      let rehearsal: Rehearsal | undefined;
      const http = new RecordedHttp(this.#calls, (signal) => rehearsal?.isPublishing(signal) ?? false);
      rehearsal = new Rehearsal({
        project: this.#project,
        target,
        now: this.#now,
        storages: reads.wrap(memoryStorages(this.#seeds)),
        transport: http.transport,
      });
      try {
        const taken: (Taken & { readonly index: number })[] = [];
        for (const [index, record] of records.entries())
          taken.push({ ...(await rehearsal.take(record)), index });
        const sends = this.#sends(target);
        if (sends) await rehearsal.publish(taken.filter(({ made }) => made.length > 0)).catch(() => {});
        const sent = comparable([], http.published).map((one) => inWordsOf(undefined, one));
        return {
          taken,
          made: taken.flatMap(({ made }) => made),
          calls: this.#calls.filter((call) => !http.unused.includes(call)),
          seeds: reads.seeds,
          unrecorded: http.unrecorded.length > 0,
          ...(sends && { requests: sent }),
        };
      } finally {
        await rehearsal.close();
      }
    });
  }

  #sends({ kind, id }: Target): boolean {
    const component = kind === 'outgoing' ? this.#project.outgoing.get(id)?.publisher.component : undefined;
    return (
      component !== undefined &&
      this.#project.registry.component('publisher', component)?.client !== undefined
    );
  }
}

interface Rehearsed {
  readonly taken: readonly Taken[];
  readonly made: readonly JsonObject[];
  readonly calls: readonly RecordedCall[];
  readonly seeds: Readonly<Record<string, JsonObject>>;
  readonly unrecorded: boolean;
  /** What the publisher sent, where it is one that sends. */
  readonly requests?: readonly DescribedRequest[];
}

function written({ code }: Group, file: string, { made, calls, seeds, requests }: Rehearsed): WrittenCase {
  const expected =
    code !== undefined ? { expectError: code } : requests ? { expectRequests: requests } : { expect: made };
  return {
    name: code === undefined ? 'records as they were read come to this' : `these fail with ${code}`,
    ...(Object.keys(seeds).length > 0 && { storages: seeds }),
    ...(calls.length > 0 && { http: calls }),
    given: { file },
    ...expected,
  };
}

function fixturePath({ kind, id }: Target, code: string | undefined): string {
  const suffix = code === undefined ? '' : `.${code.replaceAll('.', '-')}`;
  return join(kind, dirname(id), 'fixtures', `${basename(id)}.recorded${suffix}.json`);
}

/** Throws where nothing was read at all. */
export function demandRows({ rows }: Recorded, route: string): void {
  if (rows.length > 0) return;
  throw new MillraceError(
    'call.invalid_option',
    `The incoming of route "${route}" gave no record to make a test of`,
    {
      hint: 'Begin further back: --from CURSOR.',
    },
  );
}
