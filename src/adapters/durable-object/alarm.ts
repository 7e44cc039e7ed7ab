/** The one alarm of a Durable Object, as far as this instance of the object knows. */

import type { DurableObjectStorage } from '@cloudflare/workers-types';

/** Cloudflare may run an alarm a minute late. A later one is lost. */
const MAX_DELAY_MS = 120_000;

export class Alarm {
  readonly #storage: Pick<DurableObjectStorage, 'getAlarm' | 'setAlarm'>;
  readonly #nowMs: () => number;
  /** Null if no alarm is known. An earlier instance may have set one. */
  #dueMs: number | null = null;

  /** @param nowMs the runtime's clock. */
  constructor(storage: Pick<DurableObjectStorage, 'getAlarm' | 'setAlarm'>, nowMs: () => number) {
    this.#storage = storage;
    this.#nowMs = nowMs;
  }

  /** True if the runtime has lost the alarm. */
  get isLost(): boolean {
    return this.#dueMs !== null && this.#dueMs + MAX_DELAY_MS < this.#nowMs();
  }

  /** The alarm has fired, or the runtime has given it up. */
  clear(): void {
    this.#dueMs = null;
  }

  /** Sets the alarm, whatever was set before. */
  async set(inMs: number): Promise<void> {
    this.#dueMs = this.#nowMs() + inMs;
    await this.#storage.setAlarm(this.#dueMs);
  }

  /** Sets the alarm, unless an earlier one is set. */
  async setWithin(inMs: number): Promise<void> {
    const isEarlier = this.#dueMs !== null && this.#dueMs <= this.#nowMs() + inMs;
    if (!isEarlier || this.isLost) await this.set(inMs);
  }

  /** Sets the alarm if none is set. Keeps that of an earlier instance, because each start would postpone it otherwise. */
  async ensure(inMs: number): Promise<void> {
    if (this.#dueMs !== null && !this.isLost) return;
    this.#dueMs = await this.#storage.getAlarm();
    if (this.#dueMs === null || this.isLost) await this.set(inMs);
  }
}
