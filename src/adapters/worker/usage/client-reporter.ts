/**
 * Reports to the directory object which clients' objects have taken usage. An object cannot report itself if its alarm is
 * lost, or if it cannot start.
 */

import { LRUCache } from 'lru-cache';
import { withTimeout } from '../timing.ts';
import { DeferredTask, type DeferredTaskOptions } from './deferred-task.ts';

export interface ClientReporterOptions extends Omit<DeferredTaskOptions, 'run'> {
  /** Calls the directory object, on behalf of the current request. */
  readonly report: (clientIds: readonly string[], checkInMs: number) => Promise<void>;
  /** The clients are reported again with the next usage of any client. */
  readonly onError: (error: unknown) => void;
}

/** Interval between two reports of a client. Each one costs a call of the client's object and four rows. */
const REPORT_EVERY_MS = 600_000;
/** Time from a report to the check. It is longer than the interval, so the check covers all usage until the next report. */
const CHECK_AFTER_MS = 900_000;
const TIMEOUT_MS = 10_000;
/** As many as the isolate remembers at all. */
const MAX_CLIENTS = 10_000;

export class ClientReporter {
  readonly #options: ClientReporterOptions;
  readonly #task: DeferredTask;
  readonly #reportedMs = new LRUCache<string, number>({ max: MAX_CLIENTS });
  readonly #unreported = new Set<string>();

  constructor(options: ClientReporterOptions) {
    this.#options = options;
    this.#task = new DeferredTask({ ...options, run: () => this.#report() });
  }

  /** The client's object has taken usage. */
  onTaken(clientId: string): void {
    const nowMs = this.#options.nowMs();
    if (nowMs - (this.#reportedMs.get(clientId) ?? Number.NEGATIVE_INFINITY) >= REPORT_EVERY_MS) {
      this.#reportedMs.set(clientId, nowMs);
      this.#unreported.add(clientId);
    }
    if (this.#unreported.size > 0) this.#task.schedule();
  }

  async #report(): Promise<void> {
    const clients = [...this.#unreported];
    this.#unreported.clear();
    try {
      await withTimeout(TIMEOUT_MS, this.#options.report(clients, CHECK_AFTER_MS), 'the directory object');
    } catch (error) {
      for (const clientId of clients) this.#unreported.add(clientId);
      throw error;
    }
  }
}
