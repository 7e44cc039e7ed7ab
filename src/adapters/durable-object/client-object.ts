/** The Durable Object of one client. It takes usage once, returns the client's total, and ships its journal by its alarm. */

import { DurableObject } from 'cloudflare:workers';
import type { AlarmInvocationInfo } from '@cloudflare/workers-types';
import { type BackOff, backOffMs } from '../../meter/back-off.ts';
import type { MovedPosts } from '../../meter/port.ts';
import { edgeLog } from '../edge/log.ts';
import type { ClientLedger, ClientObjectMethods, ObjectTotal, SentUsage } from '../edge/protocol.ts';
import { Alarm } from './alarm.ts';
import { DIRECTORY_OBJECT, type EdgeBindings, ledgerObjectOf } from './bindings.ts';
import { ClientShipment } from './client-shipment.ts';
import { ClientState } from './client-state.ts';
import { objectSettings } from './settings.ts';

/**
 * Usage is collected for this time before it is shipped. Each shipment is a batch, which the ledger keeps for good, and a
 * call of a ledger object.
 */
const SHIP_AFTER_MS = 5_000;
/** Between attempts while the ledger is unreachable. */
const BACK_OFF: BackOff = { firstMs: 1_000, maxMs: 60_000 };
/**
 * Bounds of the interval at which an idle object asks the ledger whether it still has everything. The interval equals the
 * time since the last confirmation.
 */
const MIN_IDLE_MS = 60_000;
const MAX_IDLE_MS = 3_600_000;

export class ClientObject extends DurableObject<EdgeBindings> implements ClientObjectMethods {
  readonly #log = edgeLog(this.env);
  readonly #alarm = new Alarm(this.ctx.storage, Date.now);
  #opened: ClientState | null = null;
  #shipment: ClientShipment | null = null;
  /** Consecutive failures of the alarm. */
  #failures = 0;
  /** Time of the last call of an isolate in this instance, by `nowMs`. */
  #calledMs = Number.NEGATIVE_INFINITY;

  async record(sent: SentUsage): Promise<ObjectTotal> {
    this.#calledMs = this.nowMs();
    const total = this.#state.take(sent);
    await this.#shipWithin(total.isKnown ? SHIP_AFTER_MS : 0);
    return total;
  }

  async total(clientId: string, windowMs: number): Promise<ObjectTotal> {
    this.#calledMs = this.nowMs();
    const total = this.#state.total(clientId, windowMs);
    if (!total.isKnown) await this.#shipWithin(0);
    return total;
  }

  /** Throws until the window has the ledger's posts; the caller retries. */
  async correct(sequence: number, posts: MovedPosts['posts']): Promise<void> {
    if (this.#state.addMoved(sequence, posts)) return;
    await this.#shipWithin(0);
    throw new Error('the window of the client does not have the posts of the ledger yet');
  }

  async wake(): Promise<boolean> {
    const { confirmed, lastSequence } = this.#state.journal;
    const hasAll = confirmed >= lastSequence;
    // An object with nothing to ship needs an alarm too, because it deletes old rows.
    if (hasAll && (await this.ctx.storage.getAlarm()) !== null) return true;
    await this.#alarm.set(0);
    return hasAll;
  }

  /**
   * Retries failures with increasing delays, because an invalid configuration may stay in force for long. It throws only
   * if no alarm can be set (SQLite may lack memory). The runtime retries such an alarm six times within two minutes and
   * then gives it up. At its first retry the object therefore asks the directory object to check it.
   */
  override async alarm(info?: Pick<AlarmInvocationInfo, 'isRetry'>): Promise<void> {
    if (info?.isRetry === true) await this.#requestCheck();
    this.#alarm.clear();
    let isPruned = true;
    try {
      const { clientId } = this.#state;
      if (clientId === null) return;
      this.#state.flush();
      this.#shipment ??= new ClientShipment(this.#state, this.#ledgerOf(clientId), this.#log);
      await this.#shipment.run();
      this.#failures = 0;
      isPruned = !this.#state.prune();
    } catch (error) {
      this.#failures += 1;
      const failed = { err: error, client: this.#opened?.clientId, failures: this.#failures };
      this.#log.warn(failed, 'usage cannot be shipped and stays in the journal of the client');
    }
    await this.#setNextAlarm(isPruned);
  }

  /** Epoch milliseconds UTC. */
  protected nowMs(): number {
    return Date.now();
  }

  async #setNextAlarm(isPruned: boolean): Promise<void> {
    if (this.#failures > 0) return this.#alarm.setWithin(this.#backOffMs());
    if (this.#shipment?.hasMore || !isPruned) return this.#alarm.setWithin(SHIP_AFTER_MS);
    const isInUse = this.nowMs() - this.#calledMs < MIN_IDLE_MS;
    if (isInUse || !this.#state.isDrained) return this.#alarm.setWithin(this.#idleMs());
    // The ledger has everything, and no window includes any of it. A client that returns starts without state.
    this.#shipment = null;
    this.#opened = null;
    await this.ctx.storage.deleteAll();
  }

  /** Uses no storage, because storage may be what fails. */
  async #requestCheck(): Promise<void> {
    try {
      await this.env.DIRECTORY.getByName(DIRECTORY_OBJECT).lookAfter([this.ctx.id.toString()], 0);
    } catch (error) {
      this.#log.error(
        { err: error },
        'the alarm of a client failed, and the directory object cannot be asked to check the client',
      );
    }
  }

  #backOffMs(): number {
    return Math.max(BACK_OFF.firstMs, backOffMs(this.#failures, BACK_OFF, Math.random()));
  }

  #idleMs(): number {
    const idleMs = this.nowMs() - this.#state.journal.confirmedMs;
    return Math.min(MAX_IDLE_MS, Math.max(MIN_IDLE_MS, idleMs));
  }

  async #shipWithin(ms: number): Promise<void> {
    // While the ledger is unreachable, the back-off applies.
    if (this.#failures === 0 || this.#alarm.isLost) await this.#alarm.setWithin(ms);
  }

  get #state(): ClientState {
    this.#opened ??= new ClientState(this.ctx.storage, objectSettings(this.env.POSTMETER_CONFIG), () =>
      this.nowMs(),
    );
    return this.#opened;
  }

  /** Each call takes a new stub, because a stub is unusable after its object has failed. */
  #ledgerOf(clientId: string): ClientLedger {
    const object = () => this.env.LEDGER.getByName(ledgerObjectOf(clientId));
    return {
      take: (batch) => object().take(batch),
      lastSequence: (journalId) => object().lastSequence(journalId),
      taken: (journalId, afterSequence, limit) => object().taken(journalId, afterSequence, limit),
      skipLost: (journalId, first, last, reason) => object().skipLost(journalId, first, last, reason),
      holdClients: (holds) => object().holdClients(holds),
      clockMs: () => object().clockMs(),
      postsOf: (clientId, fromMs) => object().postsOf(clientId, fromMs),
    };
  }
}
