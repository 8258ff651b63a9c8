import { Instance } from './instance.ts';
import type { Simulator, SimulatorOptions } from './simulator.ts';

/** Starts a simulated HaloITSM instance. Rejects where the port is taken or the state file is none. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const instance = new Instance(options);
  await instance.listen();
  return instance;
}
