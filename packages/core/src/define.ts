import type { Static, TObject, TSchema } from 'typebox';
import type {
  Client,
  Context,
  Logger,
  MaybePromise,
  Publisher,
  RunContext,
  Subscriber,
  Traffic,
  Transformer,
} from './contracts.ts';
import type { TransformerExample } from './example.ts';
import type { LookupTable } from './expressions/services.ts';
import type { OptionPath, Report } from './findings.ts';
import type { Json, JsonObject } from './json.ts';
import type { Receiver } from './receiver.ts';
import type { Reference } from './reference.ts';
import type { Shape } from './shapes/shape.ts';
import type { ShapeCheck } from './shapes/shape-check.ts';
import type { Transport } from './transport.ts';

export type Kind = 'client' | 'subscriber' | 'receiver' | 'publisher' | 'transformer' | 'reference';

/** A compiled value: what the option comes to for one record. `undefined`: the key or member is left out. */
export type Evaluate = (data: JsonObject, context: Context) => Json | undefined;
/** A compiled JSON Logic condition. */
export type Predicate = (data: JsonObject, context: Context) => boolean;
/** A compiled chain of transformers. Rejects with the error of the step that failed. */
export type Chain = (data: JsonObject, run: RunContext) => MaybePromise<readonly JsonObject[]>;

/** Compiles what stands in options, once per route. Every method throws a `config.*` error on a bad source. */
export interface Compiler {
  value(source: Json): Evaluate;
  /** An object whose keys are the user's own and whose members are values. */
  object(members: Readonly<Record<string, Json>>): Evaluate;
  condition(rule: Json): Predicate;
  /**
   * `steps` as they stand in the file: a list of single-key objects. `label` names the option that holds them, so
   * that an error can say `transformers[2].if.then[0].map`; a path where it stands deeper: `['cases', 0, 'then']`.
   */
  chain(steps: readonly Json[], label?: string | OptionPath): Chain;
  /** A lookup table by its id. Throws `config.unknown_reference`. */
  table(id: string): LookupTable;
  /** Milliseconds since the epoch; a test may freeze it. */
  now(): number;
  /** A saved transformer by its id; its parameters are read by `@{parameters.NAME}`. */
  saved(id: string): SavedChain;
}

export interface SavedChain {
  readonly chain: Chain;
  readonly parameters: Parameters;
}

/** The parameters that a saved transformer declares, by name. */
export type Parameters = Readonly<Record<string, Parameter>>;

export interface Parameter {
  /** `string`, `number`, `boolean`, `object`, `array`, or `any`, which it is where absent. */
  readonly type?: string;
  readonly default?: Json;
}

/** Files of the project, and only those. */
export interface ProjectFiles {
  /** The absolute path of a file of the project. Throws `config.outside_project` for one outside. */
  readonly resolvePath: (path: string) => string;
  /** The text of a file of the project. Throws `config.unreadable` and `config.outside_project`. */
  readonly readFile: (path: string) => string;
}

/** What `create` is given beside the options: this is the injection of a plugin. */
export interface Dependencies extends ProjectFiles {
  readonly compile: Compiler;
  readonly log: Logger;
  /** Any client of the project by its id, for options made with `ClientName`. Throws `config.unknown_reference`. */
  readonly clientOf: (id: string) => Client;
  /** For clients: hand it to `createHttp`, so that a limit holds for all processes together. */
  readonly traffic?: Traffic;
  /** For clients: hand it to `createHttp` as well. A test or a preview answers through it what must not be sent. */
  readonly transport?: Transport;
}

interface Definition<K extends Kind, Options extends TSchema> {
  readonly kind: K;
  /** One or two sentences for the reference page and the editor. */
  readonly description: string;
  /** JSON Schema written with TypeBox: the one source of type, check, defaults, completion and reference. */
  readonly options: Options;
  /** What the schema cannot say; every finding at once, with its path inside the options. Calls no system. */
  readonly check?: (options: Static<Options>, report: Report, files?: ProjectFiles) => void;
}

export interface ClientDefinition<Options extends TObject = TObject, C extends Client = Client>
  extends Definition<'client', Options> {
  /** True where its clients have `request`, so that the transformer `request` can use them. */
  readonly requests?: boolean;
  /**
   * Which system a client leads to: host and tenant, nothing secret. What stands for a name in one stands for another one
   * elsewhere. Without it, a client leads to one system for ever.
   */
  system?(options: Static<Options>): string;
  create(options: Static<Options>, dependencies: Pick<Dependencies, 'log' | 'traffic' | 'transport'>): C;
}

/** The options of a component with a client have one more key, `client`: the id of a file in `clients/`. */
type WithClient<C extends Client> = Dependencies & { readonly client: C };

export interface SubscriberDefinition<Options extends TObject = TObject, C extends Client = Client>
  extends Definition<'subscriber', Options> {
  readonly client?: ClientDefinition<TObject, C>;
  /**
   * The fields that together tell one record from another, where `id` alone does not: `["ticket_id", "id"]`. An
   * incoming whose identifier is less than that gets a warning. Undefined: nothing is known.
   */
  identity?(options: Static<Options>): readonly string[] | undefined;
  /** The shape of the records that it reads, for the checks; without it nothing is known of them. */
  shape?(options: Static<Options>, check: ShapeCheck): Shape;
  create(options: Static<Options>, dependencies: WithClient<C>): Subscriber;
}

export interface ReceiverDefinition<Options extends TObject = TObject, C extends Client = Client>
  extends Definition<'receiver', Options> {
  readonly client?: ClientDefinition<TObject, C>;
  /** The shape of the records that come, for the checks; without it they are taken to be as those that are read. */
  shape?(options: Static<Options>, check: ShapeCheck): Shape;
  create(options: Static<Options>, dependencies: WithClient<C>): Receiver;
}

export interface ReferenceDefinition<Options extends TObject = TObject, C extends Client = Client>
  extends Definition<'reference', Options> {
  readonly client: ClientDefinition<TObject, C>;
  /** Names of its tables: lower case, digits, `-`. */
  tables(options: Static<Options>): readonly string[];
  create(options: Static<Options>, dependencies: WithClient<C>): Reference;
}

export interface PublisherDefinition<Options extends TObject = TObject, C extends Client = Client>
  extends Definition<'publisher', Options> {
  readonly client?: ClientDefinition<TObject, C>;
  /** Holds what it makes of messages of a shape (`check.record`) against what the system takes, for the checks. */
  shape?(options: Static<Options>, check: ShapeCheck): void;
  create(options: Static<Options>, dependencies: WithClient<C>): Publisher;
}

export interface TransformerDefinition<Options extends TSchema = TSchema>
  extends Definition<'transformer', Options> {
  /** True where one record can become several, so that identifiers must be given anew. */
  readonly splits?: boolean;
  /** For the reference page; executed in the tests. */
  readonly examples?: readonly TransformerExample[];
  /**
   * What it makes of records of a shape (`check.record`), for the checks; without it nothing is known of what comes out.
   * `nothing(…)` where it lets no record through.
   */
  shape?(options: Static<Options>, check: ShapeCheck): Shape;
  create(options: Static<Options>, dependencies: Dependencies): Transformer;
}

// The registry holds components of every option type; `never` in the parameters lets each of them fit.
interface AnyDefinition {
  readonly kind: Kind;
  readonly description: string;
  readonly options: TSchema;
  readonly splits?: boolean;
  readonly examples?: readonly TransformerExample[];
  readonly requests?: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: method parameters of the concrete definitions vary
  readonly client?: ClientDefinition<any, any>;
  readonly identity?: (options: never) => readonly string[] | undefined;
  readonly check?: (options: never, report: Report, files?: ProjectFiles) => void;
  // biome-ignore lint/suspicious/noConfusingVoidType: publishers answer nothing
  readonly shape?: (options: never, check: ShapeCheck) => Shape | void;
  readonly system?: (options: never) => string;
  readonly tables?: (options: never) => readonly string[];
  readonly create: (
    options: never,
    dependencies: never,
  ) => Client | Subscriber | Receiver | Publisher | Transformer | Reference;
}
export type Component = AnyDefinition;

type Spec<D extends { readonly kind: Kind }> = Omit<D, 'kind'>;

/** Defines a connection to one system. */
export function defineClient<const Options extends TObject, C extends Client>(
  spec: Spec<ClientDefinition<Options, C>>,
): ClientDefinition<Options, C> {
  return { kind: 'client', ...spec };
}

/** Defines what reads records from a system. */
export function defineSubscriber<const Options extends TObject, C extends Client>(
  spec: Spec<SubscriberDefinition<Options, C>>,
): SubscriberDefinition<Options, C> {
  return { kind: 'subscriber', ...spec };
}

/** Defines what takes records that a system sends by itself. */
export function defineReceiver<const Options extends TObject, C extends Client = Client>(
  spec: Spec<ReceiverDefinition<Options, C>>,
): ReceiverDefinition<Options, C> {
  return { kind: 'receiver', ...spec };
}

/** Defines what tells which ids stand for the names of a system. */
export function defineReference<const Options extends TObject, C extends Client>(
  spec: Spec<ReferenceDefinition<Options, C>>,
): ReferenceDefinition<Options, C> {
  return { kind: 'reference', ...spec };
}

/** Defines what sends records to a system. */
export function definePublisher<const Options extends TObject, C extends Client>(
  spec: Spec<PublisherDefinition<Options, C>>,
): PublisherDefinition<Options, C> {
  return { kind: 'publisher', ...spec };
}

/** Defines what turns one record into none, one or several. */
export function defineTransformer<const Options extends TSchema>(
  spec: Spec<TransformerDefinition<Options>>,
): TransformerDefinition<Options> {
  return { kind: 'transformer', ...spec };
}

/** A named set of components. Default export of an npm package or of a file in `plugins/`. */
export interface Plugin {
  /** Lower case; the name of its only component of a kind, and the prefix of further ones. */
  readonly name: string;
  /** By name: the plugin's own name for the first of a kind, else the part behind `plugin.`, or the whole name. */
  readonly components: Readonly<Record<string, Component>>;
  /** Operations of the remote system whose name or parameters hold a text, a line each; for `millrace plugins`. */
  readonly search?: (text: string) => readonly string[];
}

/** Defines a plugin. A plugin's only component of a kind is used by the plugin's name, others as `plugin.key`. */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin;
}
