import {
  type JsonObject,
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from '@millrace/haloitsm-simulator';
import { onTestFinished } from 'vitest';

/** A simulator that stops with the test. */
export async function simulate(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await startSimulator(options);
  onTestFinished(() => simulator.stop());
  return simulator;
}

/** How often each inventory number was created, of those that the test's routes make. */
export function delivered(simulator: Simulator): Map<string, number> {
  const counts = new Map<string, number>();
  for (const asset of simulator.records('Asset')) {
    const number = String(asset['inventory_number']);
    if (number.startsWith('T-')) counts.set(number, (counts.get(number) ?? 0) + 1);
  }
  return counts;
}

export function wanted(simulator: Simulator, filter: (ticket: JsonObject) => boolean = () => true): string[] {
  return simulator
    .records('Tickets')
    .filter(filter)
    .map((ticket) => `T-${String(ticket['id'])}`);
}
