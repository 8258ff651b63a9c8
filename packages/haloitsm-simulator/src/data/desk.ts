import type { JsonObject } from './json.ts';
import { seedLookups } from './lookups.ts';
import { seedAgents, seedCustomers } from './people.ts';
import { Random } from './random.ts';
import { Records } from './records.ts';
import type { Later } from './table.ts';
import { seedArticles, seedAssets, seedReports } from './things.ts';
import { type People, seededActions, seededTicket } from './tickets.ts';

/** A service desk as its seed makes it: its lists, its people and their companies, and so many tickets. */
export class Desk {
  readonly seed: number;
  readonly tickets: number;
  /** All but the tickets and their actions. */
  readonly #base = new Records();
  readonly #people: People;

  constructor(seed: number, tickets: number) {
    this.seed = seed;
    this.tickets = tickets;
    const random = new Random(seed);
    seedLookups(this.#base, random);
    seedAgents(this.#base, random);
    seedCustomers(this.#base, random);
    seedAssets(this.#base, random);
    seedArticles(this.#base, random);
    seedReports(this.#base);
    this.#people = { users: this.#base.all('Users'), agents: this.#base.all('Agent').slice(1) };
  }

  fill(records: Records): void {
    for (const { name, rows } of this.#base.dump()) {
      for (const row of rows) records.put(name, row);
    }
    for (let id = 1; id <= this.tickets; id++) records.put('Tickets', this.#ticket(id));
    records.later('Actions', this.actions());
  }

  /**
   * The actions of each ticket. They are many, most runs ask for few, and they are made of the seed alone: they are the
   * same whenever somebody asks first.
   */
  actions(): Later {
    const isSeeded = (ticket: number) => ticket >= 1 && ticket <= this.tickets;
    return {
      groups: () => Array.from({ length: this.tickets }, (_, index) => String(index + 1)),
      rowsOf: (group) =>
        isSeeded(Number(group)) ? seededActions(this.seed, this.#ticket(Number(group))) : [],
    };
  }

  #ticket(id: number): JsonObject {
    return seededTicket(this.seed, id, this.tickets, this.#people);
  }
}
