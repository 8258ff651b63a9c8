import type { Json } from '../../json.ts';
import type { LanguageFunction } from './function.ts';

function isEmpty([value]: readonly Json[]): boolean {
  if (value === null || value === undefined || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function typeOf([value]: readonly Json[]): string {
  if (value === null || value === undefined) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

export const VALUE_FUNCTIONS: Readonly<Record<string, LanguageFunction>> = {
  coalesce: {
    description: 'The first argument that is neither null nor an empty text.',
    parameters: ['first', 'others'],
    required: 1,
    variadic: true,
    takesNull: true,
    examples: [
      [[null, '', 'Ann'], 'Ann'],
      [[null], null],
      [[0, 1], 0],
    ],
    call: (values) => values.find((value) => value !== null && value !== undefined && value !== '') ?? null,
  },
  not_null: {
    description: 'The first argument that is not null.',
    parameters: ['first', 'others'],
    required: 1,
    variadic: true,
    takesNull: true,
    jmespath: [['any'], ['any']],
    examples: [[[null, '', 'Ann'], '']],
    call: (values) => values.find((value) => value !== null && value !== undefined) ?? null,
  },
  is_empty: {
    description: 'True for null, an empty text, an empty list and an empty object.',
    parameters: ['value'],
    required: 1,
    takesNull: true,
    examples: [
      [[[]], true],
      [[null], true],
      [[0], false],
    ],
    call: isEmpty,
  },
  type_of: {
    description: '`null`, `boolean`, `number`, `string`, `array` or `object`.',
    parameters: ['value'],
    required: 1,
    takesNull: true,
    examples: [
      [[null], 'null'],
      [[[1]], 'array'],
    ],
    call: typeOf,
  },
  type: {
    description: 'Another name of `type_of`.',
    parameters: ['value'],
    required: 1,
    takesNull: true,
    jmespath: [['any']],
    examples: [[['a'], 'string']],
    call: typeOf,
  },
};
