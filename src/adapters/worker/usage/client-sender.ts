/**
 * Sends the usage of one client from this isolate to the client's object, one batch at a time, and releases the responses
 * whose usage the object has on disk. A batch that cannot be sent is kept and sent again under the same sequence.
 */

import { MIN_STREAM_LINGER_MS, streamLingerMs } from '../../../meter/batching/stream-linger.ts';
import { type ClientBatch, UsageBatcher } from '../../../meter/batching/usage-batcher.ts';
import type { DecidedUnder } from '../../../meter/chain/epochs.ts';
import type { Usage } from '../../../meter/usage.ts';
import type { ObjectTotal, SentUsage } from '../../edge/protocol.ts';
import { ageMs, areCallsShort, areCallsSpent } from '../invocation.ts';
import { sleep, withTimeout } from '../timing.ts';
import type { PendingResponse } from './pending-response.ts';

export interface ClientSenderOptions {
  /** Calls the client's object, on behalf of the current request. */
  readonly send: (sent: SentUsage) => Promise<ObjectTotal>;
  readonly windowMsOf: (clientId: string) => number;
  /** The configuration under which this isolate counts. */
  readonly configuration: SentUsage['configuration'];
  /** By which policy and registry this isolate decides now; null before the first policy. */
  readonly decidedUnder: () => DecidedUnder | null;
  /** Keeps the current request alive until the promise is settled. */
  readonly keepAlive: (promise: Promise<unknown>) => void;
  /** What happens to responses whose usage cannot be sent. */
  readonly onFailure: 'serve' | 'refuse';
  readonly nowMs: () => number;
}

/** Events of a `ClientSender`. */
export interface ClientSenderEvents {
  /** The object has taken usage. */
  onTaken(sender: ClientSender, total: ObjectTotal): void;
  /** Usage could not be sent. `responses` is the number of responses that waited for it. */
  onGiveUp(sender: ClientSender, responses: number, error: unknown): void;
}

/** Delays between the attempts of one call, in milliseconds. */
const RETRY_DELAYS_MS = [50, 200, 800];
/** A call that takes longer may have ended with the request that made it. Another request repeats it. */
const CALL_TIMEOUT_MS = 5_000;
/** A response never waits longer for its usage. */
const MAX_WAIT_MS = 15_000;
/** Time after a failed call until the object is called again. */
const RETRY_AFTER_MS = 1_000;
/** Retries of a request after its response, within the 30 s that the runtime allows. */
const MAX_LATE_RETRIES = 20;

export class ClientSender {
  readonly clientId: string;
  readonly #options: ClientSenderOptions;
  readonly #events: ClientSenderEvents;
  readonly #producerId: string;
  readonly #batcher = new UsageBatcher();
  /** Responses whose usage is not in a batch yet, and those of the batch in flight. */
  #collected: PendingResponse[] = [];
  #inFlight: PendingResponse[] = [];
  /** When a request started the current call; NaN if there is no call. */
  #callStartedMs = Number.NaN;
  /** When the last call failed; NaN if it succeeded. */
  #failedMs = Number.NaN;
  /** When usage of streams was last sent, and when it is due; NaN for never. */
  #partsSentMs = Number.NaN;
  #partsDueMs = Number.NaN;

  /** @param producerId unique: sequences start at 1 again when an isolate forgets a client. */
  constructor(
    clientId: string,
    producerId: string,
    options: ClientSenderOptions,
    events: ClientSenderEvents,
  ) {
    this.clientId = clientId;
    this.#producerId = producerId;
    this.#options = options;
    this.#events = events;
  }

  /** Posts that the object has not confirmed yet. */
  get unconfirmedPosts(): number {
    return this.#batcher.unconfirmedPosts;
  }

  /** True if the object has all usage. */
  get isEmpty(): boolean {
    return this.#batcher.isEmpty;
  }

  /** True if the last call failed. */
  get isFailing(): boolean {
    return !Number.isNaN(this.#failedMs);
  }

  /** Adds the usage of a finished response. The current request sends it, or waits until another has. */
  add(usage: Usage, response: PendingResponse): void {
    this.#batcher.add(usage, this.#options.nowMs());
    this.#collected.push(response);
    this.#options.keepAlive(this.#complete(response));
  }

  /** Adds usage of a running stream, which is sent later. */
  addPart(usage: Usage): void {
    this.#batcher.addPart(usage);
    const nowMs = this.#options.nowMs();
    const lingerMs = streamLingerMs(ageMs(nowMs), this.#batcher.collectedPosts);
    const dueMs = Number.isNaN(this.#partsSentMs) ? nowMs : Math.max(nowMs, this.#partsSentMs + lingerMs);
    // Another request of the client waits for that time already. If it is late, its invocation may have ended.
    if (dueMs >= this.#partsDueMs && nowMs < this.#partsDueMs + CALL_TIMEOUT_MS) return;
    this.#partsDueMs = dueMs;
    this.#options.keepAlive(this.#sendParts());
  }

  /** Sends usage whose last call failed, on behalf of a request of another client, unless a call is in flight. */
  retry(minAgeMs: number): void {
    if (!Number.isNaN(this.#callStartedMs)) return;
    if (this.#options.nowMs() - this.#failedMs < minAgeMs) return;
    this.#options.keepAlive(this.#call());
  }

  /** Sends until everything is sent, or another request has taken over. */
  async #sendParts(): Promise<void> {
    const { nowMs } = this.#options;
    for (;;) {
      const dueMs = this.#partsDueMs;
      if (dueMs > nowMs()) await sleep(dueMs - nowMs());
      if (this.#partsDueMs !== dueMs) return;
      if (this.isEmpty || areCallsShort()) break;
      if (!(nowMs() - this.#callStartedMs < CALL_TIMEOUT_MS)) {
        this.#partsSentMs = nowMs();
        await this.#call();
      }
      if (this.isEmpty) break;
      this.#partsDueMs = nowMs() + MIN_STREAM_LINGER_MS;
    }
    this.#partsDueMs = Number.NaN;
  }

  /** Runs until the response's usage is sent or given up, by a call of this request or another. */
  async #complete(response: PendingResponse): Promise<void> {
    const { nowMs } = this.#options;
    const deadlineMs = nowMs() + MAX_WAIT_MS;
    while (!response.isReleased) {
      const waitMs = this.#waitMs();
      if (response.isReleased) break;
      if (nowMs() >= deadlineMs) this.#giveUp([response]);
      else if (waitMs === 0) await this.#call();
      else await response.wait(waitMs);
    }
    response.finish();
    // Every request retries, because the invocations of the others may end earlier.
    if (this.isFailing) await this.#retryLate();
  }

  async #retryLate(): Promise<void> {
    for (let tries = 0; tries < MAX_LATE_RETRIES && !this.isEmpty && !areCallsSpent(); tries++) {
      if (this.isFailing) await sleep(RETRY_AFTER_MS);
      if (!Number.isNaN(this.#callStartedMs)) return;
      await this.#call();
    }
  }

  /** Returns 0 if this request must call now, else how long it waits for another request at most. */
  #waitMs(): number {
    const nowMs = this.#options.nowMs();
    if (!Number.isNaN(this.#callStartedMs)) {
      return Math.max(0, this.#callStartedMs + CALL_TIMEOUT_MS - nowMs);
    }
    if (this.isFailing) {
      if (nowMs - this.#failedMs >= RETRY_AFTER_MS) return 0;
      this.#giveUp(this.#collected.splice(0));
      return RETRY_AFTER_MS;
    }
    const step = this.#batcher.nextStep(nowMs);
    return step.kind === 'linger' ? Math.max(1, step.untilMs - nowMs) : 0;
  }

  async #call(): Promise<void> {
    if (this.isEmpty) return;
    const batch = this.#batcher.inFlight ?? this.#take();
    this.#callStartedMs = this.#options.nowMs();
    const outcome = await this.#attempts(batch);
    if ('total' in outcome) {
      if (!this.#batcher.confirm(batch)) return;
      this.#callStartedMs = Number.NaN;
      this.#failedMs = Number.NaN;
      this.#events.onTaken(this, outcome.total);
      releaseAll(this.#inFlight, true);
      this.#inFlight = [];
      // A request of the next batch sends it, because this one may end.
      this.#collected[0]?.wake();
      return;
    }
    if (this.#batcher.inFlight !== batch) return;
    this.#callStartedMs = Number.NaN;
    this.#failedMs = this.#options.nowMs();
    const waiting = [...this.#inFlight.splice(0), ...this.#collected.splice(0)];
    this.#events.onGiveUp(this, waiting.length, outcome.error);
    this.#giveUp(waiting);
  }

  #take(): ClientBatch {
    this.#inFlight = this.#collected;
    this.#collected = [];
    return this.#batcher.take();
  }

  async #attempts(batch: ClientBatch): Promise<{ total: ObjectTotal } | { error: unknown }> {
    const { send, windowMsOf, configuration } = this.#options;
    const decidedUnder = this.#options.decidedUnder();
    const sent: SentUsage = {
      clientId: this.clientId,
      sender: this.#producerId,
      sequence: batch.sequence,
      usage: batch.usage,
      windowMs: windowMsOf(this.clientId),
      configuration,
      ...(decidedUnder && { decidedUnder }),
    };
    for (let attempt = 0; ; attempt++) {
      try {
        return { total: await withTimeout(CALL_TIMEOUT_MS, send(sent), "the client's object") };
      } catch (error) {
        const delayMs = RETRY_DELAYS_MS[attempt];
        if (delayMs === undefined || this.#batcher.inFlight !== batch) return { error };
        await sleep(delayMs);
      }
    }
  }

  /** Releases the responses without their usage, which is sent later. */
  #giveUp(responses: readonly PendingResponse[]): void {
    releaseAll(responses, this.#options.onFailure === 'serve');
  }
}

function releaseAll(responses: readonly PendingResponse[], deliver: boolean): void {
  for (const response of responses) response.release(deliver);
}
