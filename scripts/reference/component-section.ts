import type { Component } from '@millrace/core';

/** As much of an option's schema as a reference page shows. */
interface OptionSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly millrace?: string;
  readonly secret?: boolean;
  readonly properties?: Readonly<Record<string, OptionSchema>>;
  readonly required?: readonly string[];
  readonly items?: OptionSchema;
  readonly else?: OptionSchema;
}

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** What is taken in either letter case, such as a method, is shown once. */
function withoutTwins(values: readonly unknown[]): readonly unknown[] {
  const upper = (value: unknown) => String(value).toUpperCase();
  return values.filter((value) => value === upper(value) || !values.includes(upper(value)));
}

function typeOf(option: OptionSchema): string {
  if (option.enum) return withoutTwins(option.enum).join(', ');
  const type = option.millrace ?? [option.type ?? 'any'].flat().join(' or ');
  return option.secret ? 'secret' : type;
}

function optionRows(schema: OptionSchema, prefix = ''): string[] {
  const { properties = schema.else?.properties ?? {}, required = schema.else?.required ?? [] } = schema;
  return Object.entries(properties).flatMap(([name, option]) => {
    const must = required.includes(name) && option.default === undefined;
    const fallback =
      option.default === undefined ? (must ? 'required' : '') : `\`${JSON.stringify(option.default)}\``;
    const row = `| \`${prefix}${name}\` | ${cell(typeOf(option))} | ${cell(fallback)} | ${cell(option.description ?? '')} |`;
    const members = option.items ? optionRows(option.items, `${prefix}${name}[].`) : [];
    return [row, ...optionRows(option, `${prefix}${name}.`), ...members];
  });
}

/** What the options of a component are: a sentence where they are one thing, a table of those that have names. */
export function optionLines(component: Component): readonly string[] {
  const options = component.options as OptionSchema;
  const client = component.client ? ['| `client` | text | required | Id of the file in `clients/` |'] : [];
  const rows = [...client, ...optionRows(options)];
  const table = rows.length > 0 ? ['', '| option | type | default | |', '|---|---|---|---|', ...rows] : [];
  const members = options.items?.description === undefined ? '' : `A list. ${options.items.description}`;
  const whole = options.description ?? members;
  return [...(whole === '' ? [] : ['', `Options: ${whole.replace(/\.$/, '')}.`]), ...table];
}

export function componentSection(name: string, component: Component): string {
  const head = [`## ${component.kind} \`${name}\``, '', component.description];
  return [...head, ...optionLines(component), ''].join('\n');
}
