/** What an error is about: a file to edit, a remote system, one record, or a bug of ours. */
export type ErrorKind = 'config' | 'client' | 'entity' | 'internal';

interface CodeEntry {
  readonly kind: ErrorKind;
  /** How the process exits when this error ends a command. */
  readonly exit: 1 | 2 | 3 | 4;
  /** Whether the same call may succeed later. */
  readonly retry: boolean;
  readonly summary: string;
}

const config = (summary: string): CodeEntry => ({ kind: 'config', exit: 2, retry: false, summary });
const client = (summary: string, retry = false): CodeEntry => ({ kind: 'client', exit: 3, retry, summary });
const entity = (summary: string): CodeEntry => ({ kind: 'entity', exit: 3, retry: false, summary });

/** Every error code. The reference page is generated from this table. */
export const CODES = {
  'config.syntax': config('A file is not valid YAML'),
  'config.unreadable': config('A file or folder cannot be read'),
  'config.unknown_option': config('An option does not exist'),
  'config.missing_option': config('A required option is missing'),
  'config.wrong_type': config('An option has a value of the wrong type'),
  'config.invalid_value': config('An option has a value that is not allowed'),
  'config.unknown_component': config('No plugin offers a component of that name'),
  'config.unknown_transformer': config('No transformer has that name'),
  'config.unknown_reference': config('An id names nothing in the project'),
  'config.wrong_client': config('A client of another type than the component needs'),
  'config.duplicate_key': config('A key stands twice in a file'),
  'config.invalid_schema': config('A JSON Schema is not valid'),
  'config.duplicate_id': config('Two files have the same id'),
  'config.invalid_id': config('A file name is not a valid id'),
  'config.missing_variable': config('An environment variable is not set'),
  'config.invalid_variable': config('The value of an environment variable does not fit the option'),
  'config.invalid_cron': config('A cron expression cannot be parsed'),
  'config.invalid_rule': config('A JSON Logic rule is not valid'),
  'config.invalid_expression': config('A JMESPath expression is not valid'),
  'config.invalid_placeholder': config('A placeholder is not valid'),
  'config.invalid_path': config('A path or pattern is not valid'),
  'config.unknown_function': config('A function does not exist'),
  'config.wrong_arity': config('A function has the wrong number of arguments'),
  'config.invalid_argument': config('An argument of a function can never work'),
  'config.unknown_context': config('A context value does not exist at this place'),
  'config.branch_in_outgoing': config('An outgoing cannot branch'),
  'config.branch_without_identifier': config('A route with branch has no entity of its own'),
  'config.ambiguous_identifier': config('An identifier that several records of the source share'),
  'config.recursive_transformer': config('Saved transformers use each other in a circle'),
  'config.unknown_operation': config('The system has no operation of that name'),
  'config.unknown_field': config('A field that the record, or the payload, cannot have'),
  'config.constant_condition': config('A condition that is the same for every record'),
  'config.constant_identifier': config('An identifier that is the same for every record'),
  'config.unreachable_step': config('A step or a branch that no record reaches'),
  'config.unknown_parameter': config('The operation has no parameter of that name'),
  'config.missing_parameter': config('A path parameter of the operation is not given'),
  'config.unused_client': config('A client that nothing uses'),
  'config.unused_table': config('A lookup table that nothing uses'),
  'config.incoming_without_route': config('An incoming that no route takes up'),
  'config.outgoing_without_route': config('An outgoing that no route leads to'),
  'config.literal_secret': config('A secret stands in the file itself'),
  'config.plugin_not_found': config('A plugin cannot be found'),
  'config.plugin_invalid': config('A plugin cannot be loaded'),
  'config.over_limit': config("A schedule costs more calls than the client's limit allows"),
  'config.outside_project': config('A path leads out of the project'),
  'call.unknown_id': config('Nothing has that id'),
  'call.invalid_option': config('An option of the command is not valid'),
  'call.file_exists': config('A file that would be written exists already'),
  'call.busy': config('The incoming is being run by another process'),
  'test.no_assertion': config('A case of a test asserts nothing'),
  'store.newer': config('The store was written by a newer Millrace'),
  'store.unavailable': config('The store cannot be opened'),
  'store.busy': client('Another process holds the store', true),
  'store.full': client('The store cannot be written', true),
  'client.parked': client('The system was down several times in a row, and is left alone for a while', true),
  'client.unreachable': client('The system cannot be reached', true),
  'client.timeout': client('The system did not answer in time', true),
  'client.interrupted': client('The connection broke in the middle', true),
  'client.unauthorized': client('The system refused the credentials'),
  'client.forbidden': client('The system refuses this call to these credentials'),
  'client.not_found': client('The system knows no such resource'),
  'client.rate_limited': client('The system asks to slow down', true),
  'client.unavailable': client('The system is temporarily unavailable', true),
  'client.server_error': client('The system failed', true),
  'client.refused': client('The system refused the request'),
  'client.unreadable': client('The answer cannot be read', true),
  'client.too_large': client('The answer is larger than allowed'),
  'client.foreign_link': client("A request would lead away from the client's address"),
  'client.protocol': client('The answer has another shape than the system promises'),
  'client.withheld': client('A request was not sent, because a test or a preview sends nothing'),
  'client.unrecorded': client('A test has no recorded answer for an HTTP call'),
  'source.no_progress': client('Paging does not get on'),
  'source.incomplete': {
    kind: 'client',
    exit: 4,
    retry: false,
    summary: 'The source gave fewer records than it announced',
  },
  'run.unbalanced': { kind: 'client', exit: 4, retry: false, summary: 'The books of a run do not balance' },
  'run.cancelled': { kind: 'client', exit: 3, retry: true, summary: 'A run was cancelled' },
  'entity.invalid': entity('The record is not valid'),
  'entity.rejected': entity('The system says that the record is not valid'),
  'entity.no_identifier': entity('The record has no identifier'),
  'entity.ambiguous': entity('Two records of one identifier with different data came from one row'),
  'entity.failed': entity('A transformer failed on the record'),
  'value.missing': entity('A placeholder in a text has no value'),
  'value.failed': entity('An expression cannot be evaluated on the record'),
  'value.wrong_type': entity('A parameter of a saved transformer has a value of the wrong type'),
  'path.conflict': entity('A path cannot be set in the record'),
  'lookup.missing': entity('A lookup finds nothing for the key of the record'),
  'storage.no_key': entity('The record gives no key for an entry of a storage'),
  'parse.failed': entity('A text of the record cannot be parsed'),
  'serialize.failed': entity('A value of the record cannot be written in the format'),
  'node.many_records': entity('Steps that must leave one record made several'),
  'request.missing_parameter': entity('A path parameter of the request is not given'),
  'request.invalid': entity('A part of the request cannot be sent as it is'),
  'request.missing_payload': entity('A request that needs a payload has none'),
  'outgoing.many_messages': entity('The chain of an outgoing made more than one message'),
  'publisher.outcomes': entity('A publisher gave a wrong number of outcomes'),
  'task.unknown_outcome': {
    kind: 'entity',
    exit: 3,
    retry: true,
    summary: 'It is not known what the attempt did',
  },
  'task.wrong_state': config('The task is in a state in which that cannot be done'),
  'task.outdated': config('A newer task of the same entity exists'),
  'task.unconfirmed': entity('The delivery was not confirmed'),
  'internal.bug': { kind: 'internal', exit: 1, retry: false, summary: 'A bug of Millrace' },
} as const satisfies Record<string, CodeEntry>;

export type ErrorCode = keyof typeof CODES;

/** All codes with their entries, for reference pages and tests. */
export const ERROR_CODES: Readonly<Record<ErrorCode, CodeEntry>> = CODES;
