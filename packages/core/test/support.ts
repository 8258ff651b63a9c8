import type { Context } from '../src/contracts.ts';
import type { Place, Scope } from '../src/expressions/scope.ts';
import { NO_SERVICES } from '../src/expressions/services.ts';
import type { OptionFinding } from '../src/findings.ts';

export const CONTEXT: Context = {
  run: { id: 'run-1', startedAt: '2026-01-02T03:04:05.000Z' },
  entity: { type: 'ticket', id: '7' },
  task: { id: 'task-1' },
  attempt: 2,
  parameters: { limit: 5, nested: { deep: true } },
};

/** A scope that keeps what is reported. */
export function scopeOf(findings: OptionFinding[], place: Place = 'outgoing'): Scope {
  const report = (finding: OptionFinding) => void findings.push(finding);
  return { place, services: NO_SERVICES, parameters: ['limit', 'nested'], at: [], report };
}
