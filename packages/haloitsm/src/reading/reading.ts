import type { RunContext } from '@millrace/core';
import type { HaloClient } from '../client.ts';
import type { DetailLevel, Level } from './level.ts';
import type { Outermost } from './outermost.ts';

/** What is read, and with what. */
export interface Reading {
  readonly halo: HaloClient;
  readonly levels: readonly Level[];
  readonly details: DetailLevel | undefined;
  readonly outermost: Outermost | undefined;
  readonly run: RunContext;
}
