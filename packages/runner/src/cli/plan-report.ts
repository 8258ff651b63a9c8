import type { ErrorRecord } from '@millrace/core';
import type { CallCost } from '../preview/call-cost.ts';
import { sortedJson } from '../preview/json-diff.ts';
import type { PlannedEntity, PlanReport } from '../preview/plan-report.ts';
import type { PlannedRequest } from '../preview/plan-transport.ts';
import pc from './colours.ts';
import { renderDiff } from './diff.ts';

const STATUSES = ['created', 'changed', 'unchanged', 'held', 'dropped', 'failed', 'rejected'] as const;

/** One sentence. */
export function summarizePlan({ route, counts, read }: PlanReport): string {
  const told = STATUSES.filter((status) => counts[status] > 0 || status === 'created').map(
    (status) => `${counts[status]} ${status}`,
  );
  return `routes/${route}: ${read} read, ${told.join(', ')}`;
}

/** What would happen, record by record as far as `show`, then in numbers. */
export function renderPlan(report: PlanReport, show: number): string {
  const { route, incoming, outgoing, from, read, announced, limited } = report;
  const begin = from === null ? 'from the beginning' : `from ${JSON.stringify(from)}`;
  const of = limited ? ` of ${announced ?? 'more'}` : '';
  const lines = [
    `${pc.bold(`routes/${route}`)}  ${incoming} → ${outgoing}`,
    pc.dim(`read ${read}${of} ${begin}; nothing was sent, nothing was stored`),
    '',
  ];
  const telling = report.entities.filter(({ status }) => status !== 'unchanged');
  for (const entity of telling.slice(0, show)) lines.push(...renderEntity(entity), '');
  const more = telling.length - show;
  if (more > 0)
    lines.push(pc.dim(`… and ${more} more (--show ${telling.length}, or --json, has them all)`), '');
  lines.push(...report.notes.map((note) => `${pc.blue('·')} ${note}`));
  lines.push(...report.costs.map(renderCost));
  lines.push(`${pc.green('✓')} ${summarizePlan(report)}`);
  return lines.join('\n');
}

const MARKS: Readonly<Record<PlannedEntity['status'], () => string>> = {
  created: () => pc.green('+'),
  changed: () => pc.yellow('~'),
  unchanged: () => pc.dim('='),
  held: () => pc.yellow('‖'),
  failed: () => pc.red('✗'),
  rejected: () => pc.red('✗'),
};

function renderEntity(entity: PlannedEntity): readonly string[] {
  const {
    type,
    identifier,
    status,
    before,
    diff = [],
    error,
    outcome,
    requests = [],
    message,
    together,
  } = entity;
  const compared = before ? pc.dim(`  compared with task ${before.task} (${before.status})`) : '';
  const lines = [`${MARKS[status]()} ${pc.bold(`${type} ${identifier}`)}  ${status}${compared}`];
  lines.push(...renderDiff(diff).map((line) => `    ${line}`));
  if (outcome === 'skipped') lines.push(pc.dim('    the outgoing skips it: nothing is sent'));
  if (outcome === 'failed' || outcome === 'rejected') lines.push(`    ${pc.red(`it would be ${outcome}`)}`);
  if (error) lines.push(...renderError(error));
  if (together !== undefined) lines.push(pc.dim(`    in one call with ${together - 1} more`));
  for (const request of requests) lines.push(...renderRequest(request));
  if (message) lines.push(...indent(sortedJson(message)));
  return lines;
}

function renderRequest({ method, url, body }: PlannedRequest): readonly string[] {
  const head = `    ${pc.cyan(`${method} ${url}`)}`;
  return body === undefined ? [head] : [head, ...indent(sortedJson(body))];
}

function renderError({ code, message, hint, file, line }: ErrorRecord): readonly string[] {
  const place = [file, line].filter((part) => part !== undefined).join(':');
  const lines = [`    ${pc.red(code)}  ${place}`.trimEnd(), `    ${message}`];
  return hint === undefined ? lines : [...lines, `    ${pc.cyan('→')} ${hint}`];
}

function renderCost({
  client,
  perRun,
  scaled,
  publishing,
  runsPerHour,
  perHour,
  allowedPerHour,
}: CallCost): string {
  const parts = [`${scaled ? 'about ' : ''}${perRun} calls a run to read`];
  if (runsPerHour !== null) parts.push(`${round(runsPerHour)} runs an hour: ${perHour} calls an hour`);
  else parts.push('no schedule');
  if (publishing > 0) parts.push(`${publishing} calls to send this plan`);
  const over = perHour !== null && allowedPerHour !== null && perHour > allowedPerHour;
  const allowed =
    allowedPerHour === null ? 'no limit is configured' : `${allowedPerHour} an hour are allowed`;
  return `${over ? pc.yellow('!') : pc.blue('·')} client ${client}: ${[...parts, allowed].join('; ')}`;
}

function round(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function indent(text: string): string[] {
  return text.split('\n').map((line) => `      ${line}`);
}
