import { MillraceError, type RunContext } from '@millrace/core';
import type { CompiledProject } from '../compile/compile.ts';
import type { ClaimedTask, Settlement } from '../store/store.ts';
import { BatchProcessor, type ProcessedBatch } from './process-batch.ts';
import type { SecretMask } from './secrets.ts';
import type { Settler } from './settle.ts';
import type { StorageSession } from './storage-session.ts';

export interface ReplayServices {
  readonly storages: StorageSession;
  readonly mask: SecretMask;
  readonly settler: Settler;
}

/** Takes a record that failed before it was a task through the chains again, from the stage at which it failed. */
export async function replay(
  task: ClaimedTask,
  compiled: CompiledProject,
  run: RunContext,
  { storages, mask, settler }: ReplayServices,
): Promise<Settlement> {
  const incoming = [...compiled.incoming.values()].find((one) =>
    one.routes.some(({ id }) => id === task.route),
  );
  const route = incoming?.routes.find(({ id }) => id === task.route);
  if (!incoming || !route) {
    const error = new MillraceError('internal.bug', `route ${task.route} is worked, and has no incoming`);
    return settler.settle(task, { status: 'failed', error }, storages);
  }
  const processor = new BatchProcessor({ ...incoming, routes: [route] }, run, storages, mask);
  const batch: ProcessedBatch =
    task.stage === 'incoming'
      ? await processor.process([task.data])
      : await processor.resume(route, { data: task.data, entity: task.entity });
  const [failure] = batch.failures;
  if (failure) return settler.failedAgain(task, failure.status, failure.error);
  if (batch.tasks.length === 0) {
    // The chains of incomings and routes keep what they wrote also of a record that they drop.
    return { ...settler.settle(task, { status: 'skipped' }, storages), storageWrites: storages.take() };
  }
  return settler.replayed(task, batch.tasks, storages);
}
