interface RouteBooks {
  readonly dropped: number;
  readonly failed: number;
  readonly passed: number;
  readonly made: number;
  readonly created: number;
  readonly unchanged: number;
}

/** A run as `run --json` and `runs show --json` print it. */
export interface PrintedRun {
  readonly id: string;
  readonly status: string;
  readonly announced: number | null;
  readonly read: number;
  readonly dropped: number;
  readonly failed: number;
  readonly passed: number;
  readonly entities: number;
  readonly tasks: Readonly<Record<string, RouteBooks>>;
  readonly error?: unknown;
}

/** What in the books of a finished run does not add up, in sentences. */
export function unbalanced(run: PrintedRun): string[] {
  const told: string[] = [];
  const check = (right: boolean, what: string) => {
    if (!right) told.push(`run ${run.id}: ${what}`);
  };
  check(run.status === 'finished', `is ${run.status} (${JSON.stringify(run.error)})`);
  check(run.read === run.dropped + run.failed + run.passed, `${run.read} read, not all accounted for`);
  check(run.failed === 0, `${run.failed} failed`);
  // What the desk changes between the lives of a run makes it announce more than before, never less.
  check(run.announced === null || run.read <= run.announced, `${run.read} read of ${run.announced}`);
  for (const [route, books] of Object.entries(run.tasks)) {
    const seen = books.dropped + books.failed + books.passed;
    check(seen === run.entities, `route ${route} saw ${seen} of ${run.entities}`);
    check(books.made === books.created + books.unchanged, `route ${route} made ${books.made} of others`);
  }
  return told;
}
