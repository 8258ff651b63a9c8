import type { Json, JsonObject, Location, LookupTable, OptionPath, Registry, Severity } from '@millrace/core';

/** Something that a check found in the files of a project. */
export interface Finding {
  readonly severity: Severity;
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  /** As the user can open it: relative to the working directory where it lies below it, else absolute. */
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** Path inside the file, such as `subscriber.haloitsm.entity`. */
  readonly path?: string;
}

/** What every file of a project has in common. */
export interface Resource {
  /** Path inside its folder without `.yaml`. */
  readonly id: string;
  /** The file as findings show it. */
  readonly file: string;
  readonly description?: string;
  readonly enabled: boolean;
  /** SHA-256 of the file's resolved content, less secrets: tells whether the file changed. */
  readonly hash: string;
  /** The place of an option in the file; of its nearest ancestor where it stands by default only. */
  locate(path: OptionPath): Location;
}

/** A slot of one component: its name and its options, checked and with defaults filled. */
export interface ComponentUse {
  readonly component: string;
  readonly options: JsonObject;
  /** Id of the client, for components that need one. */
  readonly client?: string;
}

export interface Schedule {
  readonly cron: string;
  readonly timezone?: string;
  readonly overlap: 'skip' | 'queue' | 'cancel';
  readonly catchUp: 'none' | 'last' | 'all';
}

/** JMESPath expressions whose values, joined with `:`, identify an entity. */
export interface EntityRule {
  readonly type: string;
  readonly identifier: readonly string[];
  /** JMESPath of what grows with each change of the record. */
  readonly version?: string;
}

export interface ClientResource extends Resource, ComponentUse {}

export interface IncomingResource extends Resource {
  readonly schedule?: Schedule;
  /** One of the two, or both. */
  readonly subscriber?: ComponentUse;
  readonly receiver?: ComponentUse;
  readonly entity: EntityRule;
  readonly transformers: readonly Json[];
}

export interface RouteResource extends Resource {
  readonly incoming: string;
  readonly outgoing: string;
  readonly entity?: EntityRule;
  readonly transformers: readonly Json[];
  readonly whileDisabled: 'keep' | 'drop';
  readonly tasks: {
    readonly unchanged: 'skip' | 'send';
    readonly ignore: readonly string[];
    readonly supersede: boolean;
    readonly backpressure: number;
    /** Tasks of a route with a higher one go first, among those of one outgoing. */
    readonly priority: number;
    /** Publish calls of this route in flight at most, over all processes; without: what the outgoing allows. */
    readonly concurrency?: number;
    readonly keep: { readonly days: number; readonly count: number };
  };
  readonly history: { readonly raw: 'failed' | 'always'; readonly exchange: 'failed' | 'always' };
}

export interface Retry {
  readonly attempts: number;
  readonly backoff: 'exponential' | 'constant';
  /** Durations as in the file: `5s`. */
  readonly initial: string;
  readonly max: string;
  readonly jitter: 'full' | 'none';
  /** `"1:5s;3:1m"`; where given, it replaces the backoff. */
  readonly pattern?: string;
}

export interface OutgoingResource extends Resource {
  readonly transformers: readonly Json[];
  readonly publisher: ComponentUse;
  readonly batch: { readonly size: number; readonly wait: string };
  readonly concurrency: number;
  readonly schedule?: Schedule;
  readonly retry: Retry;
  readonly onUnknown: 'retry' | 'hold';
  /** A duration: how long a delivered task waits for its confirmation before it fails. */
  readonly confirmWithin?: string;
}

export interface SavedTransformerResource extends Resource {
  readonly parameters: Readonly<Record<string, { readonly type: string; readonly default?: Json }>>;
  readonly transformers: readonly Json[];
}

export interface StorageResource extends Resource {
  readonly ttl?: string;
  readonly maxEntries?: number;
}

/** Tables of what stands for the names of a system: `FILE/TABLE`. */
export interface ReferenceResource extends Resource, ComponentUse {
  readonly client: string;
  /** Names of its tables. */
  readonly tables: readonly string[];
}

/** Whom to tell when something goes wrong. */
export interface NotifyRule {
  readonly on: readonly ('failed' | 'unbalanced' | 'stale')[];
  readonly webhook: string;
  /** A duration: how long it must last before somebody is told. */
  readonly after?: string;
}

/** `millrace.yaml`, every default filled. */
export interface Settings {
  readonly plugins: readonly string[];
  /** `sqlite:PATH`; a relative path is relative to the project. */
  readonly store: string;
  readonly log: { readonly level: string };
  readonly http: { readonly host: string; readonly port: number; readonly token?: string };
  /** Megabytes that must be free on the disk of the store; below, nothing more is read. */
  readonly minFreeDisk: number;
  readonly notify: readonly NotifyRule[];
}

/** A project that has passed every check: frozen, and complete. */
export interface Project {
  readonly directory: string;
  readonly settings: Settings;
  readonly registry: Registry;
  readonly clients: ReadonlyMap<string, ClientResource>;
  readonly incoming: ReadonlyMap<string, IncomingResource>;
  readonly routes: ReadonlyMap<string, RouteResource>;
  readonly outgoing: ReadonlyMap<string, OutgoingResource>;
  readonly transformers: ReadonlyMap<string, SavedTransformerResource>;
  readonly storages: ReadonlyMap<string, StorageResource>;
  readonly references: ReadonlyMap<string, ReferenceResource>;
  /** Of `lookups/`, and what is locked of `references/`. */
  readonly tables: ReadonlyMap<string, LookupTable>;
  /** Local plugins with the time of their last change: what they offer may be new. */
  readonly pluginVersions: readonly string[];
  /** Every value that came into a field marked `secret`: never to be printed or stored. */
  readonly secrets: ReadonlySet<string>;
}
