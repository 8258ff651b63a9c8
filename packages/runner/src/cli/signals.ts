import type { CommandIo } from './output.ts';

/** What a process does that is asked to stop: the first signal ends its work in order, a second one at once. */
export interface Signals {
  readonly signal: AbortSignal;
  readonly received: 'SIGINT' | 'SIGTERM' | undefined;
  stop(): void;
}

export function watchSignals(io: CommandIo): Signals {
  const controller = new AbortController();
  let received: 'SIGINT' | 'SIGTERM' | undefined;
  const listen = (name: 'SIGINT' | 'SIGTERM', exit: number) => () => {
    if (received) process.exit(exit);
    received = name;
    io.stderr.write(`\n${name}: finishing what is in hand; once more to leave at once\n`);
    controller.abort(new Error(name));
  };
  const onInt = listen('SIGINT', 130);
  const onTerm = listen('SIGTERM', 143);
  process.on('SIGINT', onInt);
  process.on('SIGTERM', onTerm);
  return {
    signal: controller.signal,
    get received() {
      return received;
    },
    stop: () => {
      process.off('SIGINT', onInt);
      process.off('SIGTERM', onTerm);
    },
  };
}
