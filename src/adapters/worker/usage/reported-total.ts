/** The total of one client as its object last reported it, and the wait of a request for its first report. */

import type { Total } from '../../../meter/port.ts';
import { bucketOf } from '../../../meter/usage.ts';
import type { ObjectTotal } from '../../edge/protocol.ts';
import { sleep, withTimeout } from '../timing.ts';

export interface ReportedTotalOptions {
  /** Asks the client's object for its total, on behalf of the current request. */
  readonly ask: (clientId: string, windowMs: number) => Promise<ObjectTotal>;
  /** How long a request waits for the answer to `ask`, in milliseconds; 0 is no wait. */
  readonly firstWaitMs: number;
  readonly windowMsOf: (clientId: string) => number;
  readonly bucketSeconds: number;
  readonly nowMs: () => number;
}

/** Interval of questions while the object reads the ledger. */
const ASK_EVERY_MS = 50;

export class ReportedTotal {
  readonly #clientId: string;
  readonly #options: ReportedTotalOptions;
  #reported: ObjectTotal | null = null;
  /** True if a request has waited for the total. */
  #hasWaited = false;

  constructor(clientId: string, options: ReportedTotalOptions) {
    this.#clientId = clientId;
    this.#options = options;
  }

  update(total: ObjectTotal): void {
    this.#reported = total;
  }

  /** Returns the reported total plus unconfirmed posts. Ignores the report once its oldest bucket has left the window. */
  total(unconfirmedPosts: number, nowMs: number): Total {
    const reported = this.#reported;
    // We do not know how much has left, so the client is not refused until the object answers.
    if (reported === null || this.#hasExpired(reported, nowMs)) {
      const asOfMs = bucketOf(nowMs, this.#options.bucketSeconds);
      return { clientId: this.#clientId, posts: unconfirmedPosts, asOfMs };
    }
    const { posts, oldestMs, asOfMs } = reported;
    return { clientId: this.#clientId, posts: posts + unconfirmedPosts, oldestMs, asOfMs };
  }

  /** True if the object has reported the total, including the ledger's posts, and nothing has left the window since. */
  isKnown(nowMs: number): boolean {
    return this.#reported?.isKnown === true && !this.#hasExpired(this.#reported, nowMs);
  }

  /**
   * The wait of a request for the total: of the first one in this isolate, and of one after posts have left the window.
   * Returns null if there is nothing to wait for. Each request makes its own call, because the runtime ties I/O to a
   * request. The promise never rejects.
   */
  whenKnown(nowMs: number): Promise<void> | null {
    const { firstWaitMs } = this.#options;
    if (firstWaitMs === 0 || this.isKnown(nowMs)) return null;
    // The object cannot reach the ledger. Only one request waits for that.
    if (this.#hasWaited && this.#reported?.isKnown === false) return null;
    this.#hasWaited = true;
    return this.#ask(nowMs + firstWaitMs);
  }

  async #ask(deadlineMs: number): Promise<void> {
    const { ask, windowMsOf, nowMs } = this.#options;
    try {
      for (;;) {
        const answer = ask(this.#clientId, windowMsOf(this.#clientId));
        const total = await withTimeout(Math.max(1, deadlineMs - nowMs()), answer, "the client's object");
        // The answer to usage that was sent in the meantime is newer.
        if (!this.isKnown(nowMs())) this.#reported = total;
        if (total.isKnown || nowMs() + ASK_EVERY_MS >= deadlineMs) return;
        await sleep(ASK_EVERY_MS);
      }
    } catch {
      // The total stays unknown, and the tariff's `whenUnknown` decides. Sending the usage reports the failure.
    }
  }

  /** True if posts have left the window since the report. */
  #hasExpired({ oldestMs }: ObjectTotal, nowMs: number): boolean {
    return oldestMs !== undefined && oldestMs + this.#options.windowMsOf(this.#clientId) <= nowMs;
  }
}
