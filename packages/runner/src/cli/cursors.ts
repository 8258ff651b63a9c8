import { type Json, MillraceError, parseJson } from '@millrace/core';
import Table from 'cli-table3';
import type { Command } from 'commander';
import type { Store } from '../store/store.ts';
import { type CommandIo, finish, type GlobalOptions, globalOptions } from './output.ts';
import { PLAIN_TABLE } from './plain-table.ts';
import { withStore } from './with-store.ts';

export function registerCursors(program: Command, io: CommandIo): void {
  const cursors = program.command('cursors').description('Where the next run of each incoming begins');
  cursors
    .command('show')
    .description('Show the cursors')
    .argument('[incoming]', 'of this incoming only')
    .action((id: string | undefined, _: unknown, command: Command) => show(id, globalOptions(command), io));
  cursors
    .command('set')
    .description('Let the next run begin elsewhere')
    .argument('<incoming>')
    .argument('<cursor>', 'JSON, or a text')
    .action((id: string, text: string, _: unknown, command: Command) =>
      change('cursors set', id, parse(text), globalOptions(command), io),
    );
  cursors
    .command('reset')
    .description('Let the next run read everything again; what is unchanged is not sent again')
    .argument('<incoming>')
    .action((id: string, _: unknown, command: Command) =>
      change('cursors reset', id, undefined, globalOptions(command), io),
    );
}

function parse(text: string): Json {
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}

/** A cursor of an incoming that never ran, and that nobody set, is a typo more often than not. */
async function mustBeKnown(store: Store, id: string): Promise<void> {
  if ((await store.runs({ incoming: id, limit: 1 })).length > 0 || (await store.cursor(id)) !== undefined)
    return;
  throw new MillraceError('call.unknown_id', `The store knows no run of an incoming "${id}"`, {
    hint: 'List what ran with millrace runs list.',
  });
}

async function show(id: string | undefined, options: GlobalOptions, io: CommandIo): Promise<void> {
  await withStore('cursors show', options, io, async (store) => {
    if (id !== undefined) await mustBeKnown(store, id);
    const cursors = (await store.cursors()).filter((one) => id === undefined || one.incoming === id);
    const head = ['incoming', 'cursor', 'since'];
    const table = new Table({ head, style: { head: [], border: [], compact: true }, chars: PLAIN_TABLE });
    for (const { incoming, cursor, updatedAt } of cursors)
      table.push([incoming, JSON.stringify(cursor), updatedAt]);
    const text = cursors.length === 0 ? 'No cursor: the next run reads everything.' : table.toString();
    finish(io, options, {
      command: 'cursors show',
      summary: `${cursors.length} cursors`,
      result: { cursors },
      text,
    });
  });
}

async function change(
  command: string,
  id: string,
  cursor: Json | undefined,
  options: GlobalOptions,
  io: CommandIo,
): Promise<void> {
  await withStore(command, options, io, async (store) => {
    await mustBeKnown(store, id);
    const before = (await store.cursor(id)) ?? null;
    await store.setCursor(id, cursor);
    const now =
      cursor === undefined ? 'is gone: the next run reads everything' : `is ${JSON.stringify(cursor)}`;
    finish(io, options, {
      command,
      summary: `The cursor of ${id} ${now} (it was ${JSON.stringify(before)})`,
      result: { incoming: id, cursor: cursor ?? null, before },
    });
  });
}
