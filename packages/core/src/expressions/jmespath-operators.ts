import type { Json } from '../json.ts';
import { nameOf } from './functions/arguments.ts';
import { combined, isFalse, type Part } from './jmespath-parts.ts';
import type { Node } from './jmespath-syntax.ts';
import { jsonEqual } from './json-equal.ts';

type Comparator = Extract<Node, { type: 'Comparator' }>['name'];

/** Values are equal where their data are; only numbers have an order, and comparing anything else comes to null. */
export function comparisonPart(name: Comparator, left: Part, right: Part): Part {
  const parts = [left, right];
  const a = left.run;
  const b = right.run;
  switch (name) {
    case 'EQ':
      return combined((value, frame) => jsonEqual(a(value, frame), b(value, frame)), parts);
    case 'NE':
      return combined((value, frame) => !jsonEqual(a(value, frame), b(value, frame)), parts);
    default: {
      const compare = ORDERS[name];
      return combined((value, frame) => {
        const first = a(value, frame);
        const second = b(value, frame);
        return typeof first === 'number' && typeof second === 'number' ? compare(first, second) : null;
      }, parts);
    }
  }
}

const ORDERS: Readonly<Record<Exclude<Comparator, 'EQ' | 'NE'>, (a: number, b: number) => boolean>> = {
  LT: (a, b) => a < b,
  LTE: (a, b) => a <= b,
  GT: (a, b) => a > b,
  GTE: (a, b) => a >= b,
};

export function orPart(left: Part, right: Part): Part {
  const a = left.run;
  const b = right.run;
  if (left.known) return isFalse(left.known.value) ? right : left;
  return {
    run: (value, frame) => {
      const first = a(value, frame);
      return isFalse(first) ? b(value, frame) : first;
    },
  };
}

export function andPart(left: Part, right: Part): Part {
  const a = left.run;
  const b = right.run;
  if (left.known) return isFalse(left.known.value) ? left : right;
  return {
    run: (value, frame) => {
      const first = a(value, frame);
      return isFalse(first) ? first : b(value, frame);
    },
  };
}

export function notPart(child: Part): Part {
  return combined((value, frame) => isFalse(child.run(value, frame)), [child]);
}

export function ternaryPart(condition: Part, yes: Part, no: Part): Part {
  if (condition.known) return isFalse(condition.known.value) ? no : yes;
  return {
    run: (value, frame) => (isFalse(condition.run(value, frame)) ? no : yes).run(value, frame),
  };
}

function operand(value: Json): number {
  if (typeof value === 'number') return value;
  throw new TypeError(`only numbers can be calculated with, not ${nameOf(value)}`);
}

function divisor(value: number): number {
  if (value === 0) throw new RangeError('division by zero');
  return value;
}

const CALCULATIONS: Readonly<Record<string, (a: number, b: number) => number>> = {
  Plus: (a, b) => a + b,
  Minus: (a, b) => a - b,
  Multiply: (a, b) => a * b,
  Star: (a, b) => a * b,
  Divide: (a, b) => a / divisor(b),
  Div: (a, b) => Math.floor(a / divisor(b)),
  Modulo: (a, b) => a % divisor(b),
};

export function arithmeticPart(operator: string, left: Part, right: Part): Part {
  const calculate = CALCULATIONS[operator];
  if (!calculate) throw new RangeError(`there is no operator ${operator}`);
  return combined(
    (value, frame) => {
      const result = calculate(operand(left.run(value, frame)), operand(right.run(value, frame)));
      if (!Number.isFinite(result)) throw new RangeError('the result is out of range');
      return result;
    },
    [left, right],
  );
}

export function signPart(operator: 'Plus' | 'Minus', child: Part): Part {
  const sign = operator === 'Minus' ? -1 : 1;
  return combined((value, frame) => sign * operand(child.run(value, frame)), [child]);
}
