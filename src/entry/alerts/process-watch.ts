/**
 * Watches the conditions of this process, such as an unreachable ledger, and reports those that last. While the ledger
 * is away the process tells the receivers that it read last by itself, and writes that down afterwards.
 */

import type { LedgerDb } from '../../adapters/postgres/connection/db.ts';
import { writeEvents } from '../../adapters/postgres/notify/write-events.ts';
import type { ReadinessCheck } from '../../admin/port.ts';
import {
  type ConditionState,
  observe,
  type ProcessCondition,
  processEvent,
  SOUND,
} from '../../notify/condition.ts';
import type { NewEvent, NotifyEvent } from '../../notify/event.ts';
import type { MadeAttempt, Outbox, Recipient } from '../../notify/port.ts';
import { wants } from '../../notify/receiver.ts';
import type { Sender } from '../../notify/sender.ts';

export interface ProcessWatchOptions {
  readonly db: LedgerDb;
  readonly outbox: Outbox;
  readonly sender: Sender;
  /** Each returns the reason while its condition holds. */
  readonly checks: Readonly<Partial<Record<ProcessCondition, ReadinessCheck>>>;
  /** How receivers know this process. */
  readonly processName: string;
  readonly nowMs: () => number;
  readonly newId: () => string;
}

const READ_EVERY_MS = 30_000;
/** Shortest time between two messages that the ledger is unreachable. */
const TELL_EVERY_MS = 15 * 60_000;
const MAX_UNWRITTEN = 100;

/** Writes an event later. */
type Unwritten = () => Promise<void>;

export class ProcessWatch {
  readonly #options: ProcessWatchOptions;
  readonly #states = new Map<ProcessCondition, ConditionState>();
  #recipients: readonly Recipient[] = [];
  #readAtMs = 0;
  #toldAtMs = Number.NEGATIVE_INFINITY;
  #unwritten: Unwritten[] = [];

  constructor(options: ProcessWatchOptions) {
    this.#options = options;
  }

  /** Rejects if the ledger is unreachable; what could not be written is written at a later look. */
  async look(): Promise<void> {
    const { checks, processName, nowMs } = this.#options;
    for (const [name, check] of Object.entries(checks) as [ProcessCondition, ReadinessCheck][]) {
      const reason = await check();
      const { state, change } = observe(this.#states.get(name) ?? SOUND, reason !== null, nowMs());
      this.#states.set(name, state);
      if (change === null) continue;
      const event = processEvent(name, processName, change === 'raised' ? reason : null, nowMs());
      if (event.type === 'ledger.away') await this.#tell(event);
      else this.#writeLater(() => this.#write(event));
    }
    if (this.#states.get('ledger')?.isRaised) return;
    await this.#writeAll();
    if (nowMs() - this.#readAtMs < READ_EVERY_MS) return;
    this.#recipients = await this.#options.outbox.recipients();
    this.#readAtMs = nowMs();
  }

  async #tell(event: NewEvent): Promise<void> {
    const { sender, outbox, newId, nowMs } = this.#options;
    const told: NotifyEvent = { ...event, id: newId() };
    const isDue = nowMs() - this.#toldAtMs >= TELL_EVERY_MS;
    if (isDue) this.#toldAtMs = nowMs();
    const wanted = this.#recipients.filter(
      (recipient) => isDue && sender.kinds.includes(recipient.kind) && wants(recipient, told),
    );
    const sent: { recipient: Recipient; made: MadeAttempt }[] = await Promise.all(
      wanted.map(async (recipient) => ({
        recipient,
        made: await sender.sendNow(recipient, { id: newId(), event: told, attempts: 0, tries: 0 }),
      })),
    );
    this.#writeLater(() => outbox.addSent(told, sent));
  }

  #write(event: NewEvent): Promise<void> {
    return this.#options.db.transaction((tx) => writeEvents(tx, [event]));
  }

  #writeLater(write: Unwritten): void {
    this.#unwritten = [...this.#unwritten, write].slice(-MAX_UNWRITTEN);
  }

  async #writeAll(): Promise<void> {
    for (let next = this.#unwritten[0]; next !== undefined; next = this.#unwritten[0]) {
      await next();
      this.#unwritten.shift();
    }
  }
}
