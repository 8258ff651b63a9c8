import type { ErrorRecord } from '@millrace/core';
import { sortedJson } from '../preview/json-diff.ts';
import type { StepResult, Transformed, TransformReport } from '../preview/transform.ts';
import pc from './colours.ts';
import { renderDiff } from './diff.ts';

/** Each record, its steps with what they changed, and what came out. */
export function renderTransform({ records, requests }: TransformReport, summary: string): string {
  const blocks = records.map((record, index) =>
    renderRecord(record, records.length > 1 ? index + 1 : undefined),
  );
  if (requests.length > 0) {
    const sent = requests.map(({ method, path, query, body }) => {
      const parts = { ...(query && { query }), ...(body !== undefined && { body }) };
      return [
        `  ${pc.bold(`${method} ${path}`)}`,
        ...(Object.keys(parts).length > 0 ? indent(sortedJson(parts), '    ') : []),
      ].join('\n');
    });
    blocks.push([pc.bold('The publisher would send'), ...sent].join('\n'));
  }
  return [...blocks, summary].join('\n\n');
}

function renderRecord({ input, steps, output, error }: Transformed, number: number | undefined): string {
  const head = number === undefined ? pc.bold('In') : pc.bold(`Record ${number}`);
  const lines = [head, ...indent(sortedJson(input), '  ').map((line) => pc.dim(line))];
  for (const [index, step] of steps.entries()) lines.push(...renderStep(step, steps[index + 1]));
  // A record can fail without a step that fails: it has no identifier.
  if (error && !steps.some(({ status }) => status === 'failed')) lines.push(...failure(error, '  '));
  if (!error) lines.push(...outcome(output));
  return lines.join('\n');
}

function outcome(output: readonly object[]): readonly string[] {
  if (output.length === 0) return [pc.yellow('Nothing came out')];
  const made = output.length === 1 ? output[0] : output;
  return [
    pc.bold(output.length === 1 ? 'Out' : `Out: ${output.length} records`),
    ...indent(sortedJson(made as never), '  '),
  ];
}

const MARKS: Readonly<Record<StepResult['status'], () => string>> = {
  changed: () => pc.green('✓'),
  unchanged: () => pc.dim('='),
  split: () => pc.cyan('⋔'),
  dropped: () => pc.yellow('∅'),
  failed: () => pc.red('✗'),
};

function renderStep(step: StepResult, next: StepResult | undefined): readonly string[] {
  const { status, depth, file, line, path, diff, output, error } = step;
  const pad = '  '.repeat(depth + 1);
  const place = [file, line].filter((part) => part !== undefined).join(':');
  const lines = [
    `${pad}${MARKS[status]()} ${path ?? step.name}  ${pc.dim(place)}  ${status === 'changed' ? '' : told(step)}`.trimEnd(),
  ];
  // A step with others in it did what they did: they stand below.
  const inside = next !== undefined && next.depth > depth;
  if (status === 'failed' && error && !inside) lines.push(...failure(error, `${pad}  `));
  if (status === 'split' && !inside) {
    for (const [index, one] of output.entries())
      lines.push(...indent(`${index + 1}: ${sortedJson(one)}`, `${pad}  `));
  }
  if (!inside) lines.push(...renderDiff(diff).map((text) => `${pad}  ${text}`));
  return lines;
}

function told({ status, name, output }: StepResult): string {
  switch (status) {
    case 'dropped':
      return pc.yellow(name === 'filter' ? 'dropped: the rule is false for this record' : 'dropped');
    case 'split':
      return pc.cyan(`made ${output.length} records`);
    case 'failed':
      return pc.red('failed');
    default:
      return pc.dim(name === 'filter' ? 'passed' : 'changed nothing');
  }
}

function failure({ code, message, hint, file, line, column }: ErrorRecord, pad: string): readonly string[] {
  const place = [file, line, column].filter((part) => part !== undefined).join(':');
  const lines = [`${pad}${pc.red(code)}  ${place}`.trimEnd(), `${pad}${message}`];
  return hint === undefined ? lines : [...lines, `${pad}${pc.cyan('→')} ${hint}`];
}

function indent(text: string, pad: string): string[] {
  return text.split('\n').map((line) => `${pad}${line}`);
}
