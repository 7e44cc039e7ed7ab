/**
 * Reports to the directory object which clients' objects have taken usage. An object whose alarm is lost, or that cannot
 * start for its alarm, does not report itself.
 */

import { LRUCache } from 'lru-cache';
import { within } from '../within.ts';

export interface UpkeepOptions {
  /** Calls the directory object. Of the request in whose course it is called. */
  readonly lookAfter: (clientIds: readonly string[], inMs: number) => Promise<void>;
  /** Keeps the request that runs now alive until the promise is settled. */
  readonly keepAlive: (promise: Promise<unknown>) => void;
  readonly nowMs: () => number;
  /** The clients are reported again with the next usage of any client. */
  readonly onError: (error: unknown) => void;
}

/** A client with more usage is reported again after this time. Each report costs a call of its object and four rows. */
const REPORT_AGAIN_MS = 600_000;
/** The object is checked after this time, so that the check covers all usage until the next report. */
const CHECK_AFTER_MS = 900_000;
/** Clients are collected for this time. */
const REPORT_AFTER_MS = 5_000;
const ANSWER_WITHIN_MS = 10_000;
/** The runtime ends a request 30 s after its response, so a request that was to report is over by then. */
const GIVEN_UP_MS = 60_000;
/** As many as the isolate remembers at all. */
const MAX_CLIENTS = 10_000;

export class Upkeep {
  readonly #options: UpkeepOptions;
  readonly #reportedMs = new LRUCache<string, number>({ max: MAX_CLIENTS });
  readonly #unreported = new Set<string>();
  #reportingSinceMs = Number.NEGATIVE_INFINITY;

  constructor(options: UpkeepOptions) {
    this.#options = options;
  }

  /** The client's object has taken usage. */
  took(clientId: string): void {
    const { nowMs, keepAlive } = this.#options;
    const now = nowMs();
    if (now - (this.#reportedMs.get(clientId) ?? Number.NEGATIVE_INFINITY) >= REPORT_AGAIN_MS) {
      this.#reportedMs.set(clientId, now);
      this.#unreported.add(clientId);
    }
    if (this.#unreported.size === 0 || now - this.#reportingSinceMs < GIVEN_UP_MS) return;
    this.#reportingSinceMs = now;
    keepAlive(this.#reportSoon());
  }

  async #reportSoon(): Promise<void> {
    const { lookAfter, onError } = this.#options;
    await new Promise((resolve) => setTimeout(resolve, REPORT_AFTER_MS));
    this.#reportingSinceMs = Number.NEGATIVE_INFINITY;
    const clients = [...this.#unreported];
    this.#unreported.clear();
    try {
      await within(ANSWER_WITHIN_MS, lookAfter(clients, CHECK_AFTER_MS), 'the directory object');
    } catch (error) {
      for (const clientId of clients) this.#unreported.add(clientId);
      onError(error);
    }
  }
}
