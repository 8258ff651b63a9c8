import type { Received } from '../receiver.ts';

/** What a proof says beside that it holds. */
export interface HookProof {
  /** Unique to this call, where the proof is made over a time: a second call with the same one is a repeated one. */
  readonly delivery?: Received['delivery'];
}
