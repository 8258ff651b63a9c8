import type { OptionPath } from '../findings.ts';
import { isObject, type Json } from '../json.ts';
import { FUNCTIONS } from './functions.ts';
import { ANY_MEMBER, ReadList, type Reads } from './reads.ts';

type Path = readonly string[];

/** What `var` reads from: places of the record; none for a value that is made by the rule itself. */
interface Data {
  readonly places: readonly Path[];
  /** False inside rules for the members of a list that no record has part in. */
  readonly ofRecord: boolean;
  /** In `reduce`: where `current` comes from; its other key, `accumulator`, comes from nowhere. */
  readonly current?: Data;
}

const RECORD: Data = { places: [[]], ofRecord: true };

const EACH = new Set(['map', 'filter', 'all', 'some', 'none']);

/** What a JSON Logic rule reads of the record. */
export function ruleReads(rule: Json): Reads {
  const walk = new Walk();
  walk.rule(rule, RECORD, []);
  return walk.reads.done();
}

class Walk {
  readonly reads = new ReadList();

  rule(rule: Json, data: Data, at: OptionPath): void {
    if (Array.isArray(rule)) {
      (rule as readonly Json[]).forEach((member, index) => void this.rule(member, data, [...at, index]));
      return;
    }
    const call = callOf(rule);
    if (!call) return;
    const { operator, args } = call;
    const place = (index: number): OptionPath => (call.single ? [...at, operator] : [...at, operator, index]);
    if (operator === 'var') this.#var(args, data, place);
    else if (operator === 'missing' || operator === 'missing_some')
      this.#missing(operator, args, data, place);
    else if (operator === 'context') this.reads.varies();
    else if (EACH.has(operator) || operator === 'reduce') this.#each(operator, args, data, place);
    else {
      if (Object.hasOwn(FUNCTIONS, operator) && FUNCTIONS[operator]?.varies) this.reads.varies();
      args.forEach((arg, index) => void this.rule(arg, data, place(index)));
    }
  }

  #var(args: readonly Json[], data: Data, place: (index: number) => OptionPath): void {
    const [path = null, otherwise] = args;
    if (otherwise !== undefined) this.rule(otherwise, data, place(1));
    if (typeof path === 'object' && path !== null) {
      this.rule(path, data, place(0));
      this.#read(data, [], place(0), true);
    } else this.#read(data, segments(path), place(0), otherwise !== undefined);
  }

  #read(data: Data, path: Path, at: OptionPath, optional: boolean): void {
    if (data.current) {
      const [first, ...rest] = path;
      if (first === 'accumulator') return;
      this.#read(data.current, first === 'current' ? rest : [], at, optional);
      return;
    }
    for (const place of data.places) this.reads.add([...place, ...path], at, optional);
    if (data.ofRecord) this.reads.varies();
  }

  #missing(operator: string, args: readonly Json[], data: Data, place: (index: number) => OptionPath): void {
    const first = operator === 'missing' ? 0 : 1;
    args.forEach((arg, index) => {
      const keys = Array.isArray(arg) ? (arg as readonly Json[]) : [arg];
      for (const key of index < first ? [] : keys) {
        if (typeof key === 'object' && key !== null) this.#read(data, [], place(index), true);
        else this.#read(data, segments(key), place(index), true);
      }
      this.rule(arg, data, place(index));
    });
  }

  #each(operator: string, args: readonly Json[], data: Data, place: (index: number) => OptionPath): void {
    const [list = null, inner = null, start = null] = args;
    const before = this.reads.done();
    this.rule(list, data, place(0));
    const source = placesOf(list, data);
    // Members of a list that reads nothing are constants themselves.
    const ofRecord = source.ofRecord || (before.constant && !this.reads.done().constant);
    const member = { places: source.places.map((path) => [...path, ANY_MEMBER]), ofRecord };
    if (operator === 'reduce') {
      this.rule(inner, { places: [], ofRecord, current: member }, place(1));
      this.rule(start, data, place(2));
    } else this.rule(inner, member, place(1));
  }
}

interface Call {
  readonly operator: string;
  readonly args: readonly Json[];
  /** The one argument stands there without a list around it. */
  readonly single: boolean;
}

function callOf(rule: Json): Call | undefined {
  if (!isObject(rule)) return undefined;
  const keys = Object.keys(rule);
  const [operator] = keys;
  if (keys.length !== 1 || operator === undefined) return undefined;
  const given = rule[operator] ?? null;
  return Array.isArray(given)
    ? { operator, args: given, single: false }
    : { operator, args: [given], single: true };
}

/** Where the list comes from that a rule answers, if that can be told. */
function placesOf(rule: Json, data: Data): { readonly places: readonly Path[]; readonly ofRecord: boolean } {
  const call = callOf(rule);
  if (call?.operator === 'filter') return placesOf(call.args[0] ?? null, data);
  if (call?.operator !== 'var') return { places: [], ofRecord: false };
  const [path = null] = call.args;
  if (typeof path === 'object' && path !== null) return { places: [], ofRecord: true };
  const keys = segments(path);
  if (!data.current)
    return { places: data.places.map((place) => [...place, ...keys]), ofRecord: data.ofRecord };
  const [first, ...rest] = keys;
  const { current } = data;
  if (first !== 'current') return { places: [], ofRecord: current.ofRecord };
  return { places: current.places.map((place) => [...place, ...rest]), ofRecord: current.ofRecord };
}

function segments(path: Json): Path {
  return path === null || path === '' ? [] : String(path).split('.');
}
