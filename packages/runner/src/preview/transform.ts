import type { JsonObject, Location, MillraceError } from '@millrace/core';
import type { Project } from '../config/project.ts';
import type { RecordedCall } from '../config/test-file.ts';
import type { StorageSource } from '../execution/storage-session.ts';
import { jsonDiff } from './json-diff.ts';
import { withoutNetwork } from './network-guard.ts';
import { RecordedHttp } from './recorded-http.ts';
import { Rehearsal, type Taken } from './rehearsal.ts';
import { type DescribedRequest, inWordsOf } from './request-match.ts';
import type { Watch } from './site-trace.ts';
import { locateSite, type Target } from './step-site.ts';

/** What one step did with one record. */
export interface StepResult extends Location {
  readonly name: string;
  /** Steps around it. */
  readonly depth: number;
  readonly status: 'changed' | 'unchanged' | 'split' | 'dropped' | 'failed';
  readonly input: JsonObject;
  readonly output: readonly JsonObject[];
  /** From the input to the only output: `-` gone, `+` new. */
  readonly diff: readonly string[];
  readonly error?: ReturnType<MillraceError['toRecord']>;
}

/** The way of one record through a target. */
export interface Transformed {
  readonly input: JsonObject;
  readonly steps: readonly StepResult[];
  readonly output: readonly JsonObject[];
  readonly error?: ReturnType<MillraceError['toRecord']>;
}

export interface TransformOptions {
  readonly project: Project;
  readonly target: Target;
  readonly storages: StorageSource;
  readonly http: readonly RecordedCall[];
  readonly parameters: JsonObject;
  /** Milliseconds since the epoch at which the clock stands. */
  readonly now?: number;
}

export interface TransformReport {
  readonly records: readonly Transformed[];
  /** What the publisher of an outgoing would send. */
  readonly requests: readonly DescribedRequest[];
}

/** Takes records through one target and tells what each step made of them. Calls no system and writes nothing. */
export async function transform(
  options: TransformOptions,
  inputs: readonly JsonObject[],
): Promise<TransformReport> {
  // Whatever reaches past the transports is stopped, and its step fails.
  return withoutNetwork({ stopped: () => {} }, () => rehearse(options, inputs));
}

async function rehearse(options: TransformOptions, inputs: readonly JsonObject[]): Promise<TransformReport> {
  const { project, target, http: calls } = options;
  const steps = new StepRecorder(project);
  let rehearsal: Rehearsal | undefined;
  const http = new RecordedHttp(calls, (signal) => rehearsal?.isPublishing(signal) ?? false);
  try {
    rehearsal = new Rehearsal({ ...options, transport: http.transport, watches: [steps.watch] });
    const records: Transformed[] = [];
    const taken: (Taken & { readonly index: number })[] = [];
    for (const [index, input] of inputs.entries()) {
      const result = await rehearsal.take(input);
      if (result.made.length > 0) taken.push({ ...result, index });
      const error = result.error && { error: result.error.toRecord() };
      records.push({ input, steps: steps.take(), output: result.made, ...error });
    }
    const component = project.outgoing.get(target.id)?.publisher.component ?? '';
    const sends = target.kind === 'outgoing' && project.registry.component('publisher', component)?.client;
    if (sends) await rehearsal.publish(taken).catch(() => {});
    return { records, requests: http.published.map((sent) => inWordsOf(undefined, sent)) };
  } finally {
    await rehearsal?.close();
  }
}

/** Writes down what steps are given and make, those inside of others behind them. */
class StepRecorder {
  readonly #project: Project;
  #steps: StepResult[] = [];

  constructor(project: Project) {
    this.#project = project;
  }

  /** What was written down since the last time. */
  take(): readonly StepResult[] {
    const steps = this.#steps;
    this.#steps = [];
    return steps;
  }

  readonly watch: Watch = (site, input, depth) => {
    const steps = this.#steps;
    const at = steps.length;
    const base = { ...locateSite(this.#project, site), name: site.name, depth, input };
    steps.push({ ...base, status: 'failed', output: [], diff: [] });
    return {
      made: (output) => {
        const [only] = output;
        const diff = output.length === 1 && only ? jsonDiff(input, only) : [];
        steps[at] = { ...base, status: statusOf(output, diff), output, diff };
      },
      failed: (error) => {
        const record = (error as MillraceError).toRecord?.();
        steps[at] = { ...base, status: 'failed', output: [], diff: [], ...(record && { error: record }) };
      },
    };
  };
}

function statusOf(output: readonly JsonObject[], diff: readonly string[]): StepResult['status'] {
  if (output.length === 0) return 'dropped';
  if (output.length > 1) return 'split';
  return diff.length === 0 ? 'unchanged' : 'changed';
}
