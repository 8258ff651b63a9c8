import type { HttpResponse } from '../exchange.ts';
import type { Json, JsonObject } from '../json.ts';

/** A page as the server sent it, before anything was done with its rows. */
export interface PageAnswer {
  readonly rows: readonly Json[];
  readonly body: Json | undefined;
  readonly headers: HttpResponse['headers'];
  /** The address that was asked for: relative links begin there. */
  readonly url: string;
  /** How many rows the server says there are in all. */
  readonly total?: number;
}

/** The page to ask for next, and what is known of those before. JSON: a read can go on with it after a crash. */
export interface Page extends JsonObject {
  /** Its number, its offset, its cursor or its link; null where the first request needs none. */
  readonly at: Json;
  /** Pages and rows before it. */
  readonly pages: number;
  readonly received: number;
  /** Fingerprint of the rows of the page before. */
  readonly rows?: string;
  /** What a page before was told by; which one, moves on where their count is a power of two. */
  readonly mark?: string;
}

/** What the request of a page has beside what is configured. */
export interface PageRequest {
  readonly query?: JsonObject;
  /** Set in the body, at a path. */
  readonly body?: { readonly path: string; readonly value: Json };
  /** Asked for instead of path and query. */
  readonly link?: string;
}

/** A way through the pages of a list. Pure: the same page and answer always lead to the same next page. */
export interface Paginator {
  readonly first: Page;
  ask(page: Page): PageRequest;
  /** The page after the one that was answered; undefined after the last. Throws `source.no_progress`. */
  next(page: Page, answer: PageAnswer): Page | undefined;
}

/** One of the ways in which servers page. */
export interface Way {
  readonly first: Json;
  /** What leads to the next page is the server's own word and must be new each time; else pages are told by their rows. */
  readonly worded: boolean;
  ask(at: Json): PageRequest;
  /** What leads to the next page; undefined where the server names nothing. */
  after(at: Json, answer: PageAnswer): Json | undefined;
  /** Whether this was the last page, where no expression says so. */
  isLast(answer: PageAnswer, received: number): boolean;
}
