/** What the figures of clients are computed from, as the ledger stores it. */

import type { CurrencyAmount } from '../../tariff/money.ts';
import type { PostsAt } from '../../tariff/posts.ts';

export interface UsageAsk {
  readonly clientId: string;
  /** Posts are read from here on, epoch milliseconds. */
  readonly fromMs: number;
  /** Requests and uncounted responses are summed from here on. Not before `fromMs`. */
  readonly windowFromMs: number;
}

export interface ServedClient {
  readonly clientId: string;
  /** In order of time, one non-empty entry per bucket. */
  readonly posts: readonly PostsAt[];
  readonly requests: number;
  readonly uncounted: number;
}

export interface LedgerStanding {
  readonly clientId: string;
  /** Start of the last bucket with usage, epoch milliseconds; null if there is none. */
  readonly lastSeenMs: number | null;
  /** Posts of the calendar month. */
  readonly monthPosts: number;
  /** Start of the stretch of the open breach; null if no breach is open. */
  readonly openStretchFromMs: number | null;
  /** True if a breach that is no longer open can still change. */
  readonly isSettling: boolean;
  /** True if a hold on this client or on all clients is in force. */
  readonly isOnHold: boolean;
  /** Drafts and approved invoices, by currency. */
  readonly drafts: readonly CurrencyAmount[];
  /** Invoices that are not rejected, of breaches that reach into the month and of the month's licence, by currency. */
  readonly month: readonly CurrencyAmount[];
}

/** Usage of all clients in one minute. */
export interface MinuteSum {
  readonly atMs: number;
  readonly posts: number;
  readonly requests: number;
}

/** Reads the figures of clients. Money never depends on them. */
export interface ClientFigures {
  /** Usage of these clients before `toMs`. Clients without usage are absent. Unordered. */
  served(asked: readonly UsageAsk[], toMs: number): Promise<readonly ServedClient[]>;
  /** One entry per id, unordered. The month is [monthFromMs, toMs). */
  standings(
    clientIds: readonly string[],
    monthFromMs: number,
    toMs: number,
  ): Promise<readonly LedgerStanding[]>;
  /** The `byShare` clients with the largest shares in the cache, and the `byPosts` with the most posts since `sinceMs`. */
  nearCandidates(byShare: number, byPosts: number, sinceMs: number): Promise<readonly string[]>;
  /** The number of clients whose share in the cache is over 1, and from `nearShare` to 1, without those of `except`. */
  cachedCounts(
    nearShare: number,
    except: readonly string[],
  ): Promise<{ readonly over: number; readonly near: number }>;
  /** Usage of all clients in [fromMs, toMs). Minutes without usage are absent. In order of time. */
  minuteSums(fromMs: number, toMs: number): Promise<readonly MinuteSum[]>;
  /** Drafts and approved invoices of all clients, by currency. */
  openDrafts(): Promise<readonly (CurrencyAmount & { readonly invoices: number })[]>;
  /** Clients whose billing is on hold by name, and whether that of all clients is. */
  holds(): Promise<{ readonly clients: number; readonly isForAll: boolean }>;
}
