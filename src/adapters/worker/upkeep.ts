/**
 * Tells the directory object which clients' objects have taken usage: an object whose alarm is lost, or that cannot start
 * for it, says nothing of itself.
 */

import { LRUCache } from 'lru-cache';
import { within } from './within.ts';

export interface UpkeepOptions {
  /** Calls the directory object. Of the request in whose course it is called. */
  readonly lookAfter: (clientIds: readonly string[], inMs: number) => Promise<void>;
  /** Keeps the request that runs now alive until the promise is settled. */
  readonly keepAlive: (promise: Promise<unknown>) => void;
  readonly nowMs: () => number;
  /** They are told again with the next usage of any client. */
  readonly onError: (error: unknown) => void;
}

/** A client is told again after so long, if there is more usage of it: each time costs a call and four rows. */
const TELL_AGAIN_MS = 600_000;
/** Its object is looked at after it has taken all the usage before the next time. */
const LOOK_AFTER_MS = 900_000;
/** Clients gather for so long. */
const TELL_AFTER_MS = 5_000;
const ANSWER_WITHIN_MS = 10_000;
/** The runtime ends a request 30 s after its response: one that was to tell is over by then. */
const GIVEN_UP_MS = 60_000;
/** As many as the isolate remembers at all. */
const MAX_CLIENTS = 10_000;

export class Upkeep {
  readonly #options: UpkeepOptions;
  readonly #toldMs = new LRUCache<string, number>({ max: MAX_CLIENTS });
  readonly #untold = new Set<string>();
  #tellingSinceMs = Number.NEGATIVE_INFINITY;

  constructor(options: UpkeepOptions) {
    this.#options = options;
  }

  /** The client's object has taken usage. */
  took(clientId: string): void {
    const { nowMs, keepAlive } = this.#options;
    const now = nowMs();
    if (now - (this.#toldMs.get(clientId) ?? Number.NEGATIVE_INFINITY) >= TELL_AGAIN_MS) {
      this.#toldMs.set(clientId, now);
      this.#untold.add(clientId);
    }
    if (this.#untold.size === 0 || now - this.#tellingSinceMs < GIVEN_UP_MS) return;
    this.#tellingSinceMs = now;
    keepAlive(this.#tellSoon());
  }

  async #tellSoon(): Promise<void> {
    const { lookAfter, onError } = this.#options;
    await new Promise((resolve) => setTimeout(resolve, TELL_AFTER_MS));
    this.#tellingSinceMs = Number.NEGATIVE_INFINITY;
    const clients = [...this.#untold];
    this.#untold.clear();
    try {
      await within(ANSWER_WITHIN_MS, lookAfter(clients, LOOK_AFTER_MS), 'the directory object');
    } catch (error) {
      for (const clientId of clients) this.#untold.add(clientId);
      onError(error);
    }
  }
}
