import { resolve } from 'node:path';
import { type Client, type ClientDefinition, toMillraceError } from '@millrace/core';
import type { Command } from 'commander';
import { arrange, type Loaded, loadProject } from '../config/load.ts';
import { findTests, loadTests } from '../config/load-tests.ts';
import type { ClientResource, Finding, Project } from '../config/project.ts';
import { ping } from '../execution/ping.ts';
import { SecretMask } from '../execution/secrets.ts';
import pc from './colours.ts';
import { type CommandIo, errorFinding, finish, type GlobalOptions, globalOptions } from './output.ts';
import { referenceFindings } from './reference-findings.ts';

interface ValidateOptions extends GlobalOptions {
  readonly online?: boolean;
}

export function registerValidate(program: Command, io: CommandIo): void {
  program
    .command('validate')
    .description('Check every file, plugin and reference of the project, all findings at once')
    .option(
      '--online',
      'also sign in to every system that a client names, and see what became of the names that are used',
    )
    .action(async (_: unknown, command: Command) => validate(globalOptions<ValidateOptions>(command), io));
}

async function validate(options: ValidateOptions, io: CommandIo): Promise<void> {
  const loaded = await loadProject(options.directory, { environment: 'required', env: io.env, cwd: io.cwd });
  const { project } = loaded;
  const directory = resolve(io.cwd, options.directory);
  const tests = await loadTests(directory, await findTests(directory), loaded, io.cwd);
  const findings = arrange([...loaded.findings, ...tests.findings]);
  const online = options.online && project ? await askAll(project, loaded) : [];
  const all = [...findings, ...online];
  const errors = all.filter((finding) => finding.severity === 'error').length;
  const warnings = all.filter((finding) => finding.severity === 'warning').length;
  const found =
    errors + warnings === 0 ? 'no findings' : `${plural(errors, 'error')}, ${plural(warnings, 'warning')}`;
  const summary = project ? `${describe(project)}: ${found}` : found;
  const mark = errors > 0 ? pc.red('✗') : pc.green('✓');
  finish(io, options, {
    command: 'validate',
    findings: all,
    summary,
    text: `${mark} ${summary}`,
    result: project ? counts(project) : null,
  });
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function counts(project: Project) {
  const { clients, incoming, routes, outgoing, transformers, storages } = project;
  return {
    clients: clients.size,
    incoming: incoming.size,
    routes: routes.size,
    outgoing: outgoing.size,
    transformers: transformers.size,
    storages: storages.size,
  };
}

function describe(project: Project): string {
  const { clients, incoming, routes, outgoing } = counts(project);
  return `${plural(clients, 'client')}, ${incoming} incoming, ${plural(routes, 'route')}, ${outgoing} outgoing`;
}

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

const PING_MS = 30_000;

/** Signs in everywhere; where that works, looks what became of the names. */
async function askAll(project: Project, loaded: Loaded): Promise<readonly Finding[]> {
  const unanswered = await pingAll(project);
  return unanswered.length > 0 ? unanswered : arrange(await referenceFindings(project, loaded));
}

async function pingAll(project: Project): Promise<Finding[]> {
  const mask = new SecretMask(project.secrets);
  const clients = [...project.clients.values()].filter((client) => client.enabled);
  const found = await Promise.all(clients.map((client) => pinged(project, client)));
  return found.flatMap((finding) => (finding ? [{ ...finding, message: mask.text(finding.message) }] : []));
}

async function pinged(project: Project, resource: ClientResource): Promise<Finding | undefined> {
  let client: Client | undefined;
  try {
    const definition = project.registry.component(
      'client',
      resource.component,
    ) as unknown as ClientDefinition;
    client = definition.create({ ...resource.options }, { log: quiet });
    await ping(client, PING_MS);
    return undefined;
  } catch (thrown) {
    return errorFinding(toMillraceError(thrown, 'client.unreachable').at(resource.locate([])));
  } finally {
    await client?.close?.();
  }
}
