import { Host } from './host.ts';
import type { Simulator, SimulatorOptions } from './simulator.ts';

/**
 * Starts a simulated HaloITSM host; returns its first tenant, by which the others are found. Rejects where a port is
 * taken or a state file is none.
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const host = new Host(options);
  await host.listen();
  const [first] = host.tenants;
  if (!first) throw new RangeError('a host has at least one tenant');
  return first;
}
