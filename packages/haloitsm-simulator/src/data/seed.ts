import { seedLookups } from './lookups.ts';
import { seedAgents, seedCustomers } from './people.ts';
import { Random } from './random.ts';
import type { Records } from './records.ts';
import { seedArticles, seedAssets, seedReports } from './things.ts';
import { seedActions, seedTickets } from './tickets.ts';

/** Fills the records with a service desk: its lists, its people and their companies, then so many tickets. */
export function seed(records: Records, tickets: number, seedNumber: number): void {
  const random = new Random(seedNumber);
  seedLookups(records, random);
  seedAgents(records, random);
  seedCustomers(records, random);
  seedAssets(records, random);
  seedArticles(records, random);
  seedReports(records);
  seedTickets(records, random, tickets);
  // Some fifty thousand records that most runs never ask for.
  records.later('Actions', () => seedActions(records, seedNumber, tickets));
}
