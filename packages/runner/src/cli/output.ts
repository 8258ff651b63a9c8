import { ERROR_CODES, type ErrorCode, type MillraceError } from '@millrace/core';
import type { Command } from 'commander';
import type { Finding, Project } from '../config/project.ts';
import pc from './colours.ts';

interface OutputStream extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
}

/** What a command sees of the process it runs in. */
export interface CommandIo {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  setExitCode(code: number): void;
}

/** Options that every command takes. */
export interface GlobalOptions {
  /** The project folder. */
  readonly directory: string;
  /** A store URL, relative to the working directory. */
  readonly store?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly logLevel?: string;
}

/** A command's own options together with the global ones. */
export function globalOptions<T extends GlobalOptions>(command: Command): T {
  const { config, ...rest } = command.optsWithGlobals();
  return { ...rest, directory: config } as T;
}

/** Logs are for machines: on a terminal, where bars are drawn, only what asks for attention. */
export function logLevel(options: GlobalOptions, project: Project, terminal: boolean): string {
  if (options.logLevel !== undefined) return options.logLevel;
  if (options.quiet) return 'error';
  return terminal ? 'error' : project.settings.log.level;
}

export interface CommandResult {
  readonly command: string;
  readonly findings?: readonly Finding[];
  /** One sentence. */
  readonly summary: string;
  /** For `--json`. */
  readonly result?: unknown;
  /** For people; the summary where it is absent. */
  readonly text?: string;
  readonly exitCode?: number;
  readonly signal?: string;
}

/** Prints the result of a command, for people or as one JSON object, and sets the exit code. */
export function finish(io: CommandIo, options: GlobalOptions, result: CommandResult): void {
  const { findings = [], exitCode = exitCodeOf(findings) } = result;
  io.setExitCode(exitCode);
  if (options.json) {
    const { command, summary } = result;
    const envelope = { command, ok: exitCode === 0, summary, result: result.result ?? null, findings };
    io.stdout.write(`${JSON.stringify(envelope)}\n`);
    return;
  }
  const shown = options.quiet ? findings.filter((finding) => finding.severity === 'error') : findings;
  for (const finding of shown) io.stderr.write(`${renderFinding(finding)}\n`);
  const text = result.text ?? result.summary;
  if (text !== '') io.stdout.write(`${text}\n`);
}

const MARKS = { error: () => pc.red('✗'), warning: () => pc.yellow('!'), info: () => pc.blue('·') } as const;

/** Mark, code, place and path in one line; the message and what to do about it below. */
export function renderFinding(finding: Finding): string {
  const { severity, code, message, hint, file, line, column, path } = finding;
  const place = file === undefined ? '' : [file, line, column].filter((part) => part !== undefined).join(':');
  const head = [`${MARKS[severity]()} ${pc.bold(code)}`, place, path === undefined ? '' : pc.dim(path)];
  const lines = [head.filter(Boolean).join('  '), `  ${message}`];
  if (hint !== undefined) lines.push(`  ${pc.cyan('→')} ${hint}`);
  return lines.join('\n');
}

/** An error that ended a command, in the form of all findings. */
export function errorFinding(error: MillraceError): Finding {
  const { code, message, hint, file, line, column, path } = error.toRecord();
  return {
    severity: 'error',
    code,
    message,
    ...(hint !== undefined && { hint }),
    ...(file !== undefined && { file }),
    ...(line !== undefined && { line }),
    ...(column !== undefined && { column }),
    ...(path !== undefined && { path }),
  };
}

/** The order in which exit codes win: a wrong call or configuration, a bug, books, a remote system. */
const PRECEDENCE = [2, 1, 4, 3] as const;

function exitCodeOf(findings: readonly Finding[]): number {
  const codes = findings
    .filter((finding) => finding.severity === 'error')
    .map((finding): number =>
      Object.hasOwn(ERROR_CODES, finding.code) ? ERROR_CODES[finding.code as ErrorCode].exit : 1,
    );
  return PRECEDENCE.find((code) => codes.includes(code)) ?? 0;
}
