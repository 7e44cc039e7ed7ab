/** The object of one client: takes usage once, answers the client's total, and hands its journal on by its alarm. */

import { DurableObject } from 'cloudflare:workers';
import type { AlarmInvocationInfo } from '@cloudflare/workers-types';
import { type BackOff, backOffMs } from '../../meter/back-off.ts';
import type { MovedPosts } from '../../meter/port.ts';
import { edgeLog } from '../edge/log.ts';
import type { ClientLedger, ClientObjectMethods, ObjectTotal, SentUsage } from '../edge/protocol.ts';
import { DIRECTORY_OBJECT, type EdgeBindings, ledgerObjectOf } from './bindings.ts';
import { ClientBooks } from './client-books.ts';
import { ClientShipment } from './client-shipment.ts';
import { LATEST_ALARM_MS } from './latest-alarm.ts';
import { objectSettings } from './settings.ts';

/**
 * Usage gathers for so long before it is handed on: each time is a batch in the ledger, which keeps it for good, and a
 * request to a ledger object.
 */
const SHIP_AFTER_MS = 5_000;
/** Between attempts while the ledger is away. */
const BACK_OFF: BackOff = { firstMs: 1_000, maxMs: 60_000 };
/** Between questions whether the ledger still has what it had: as long as it has been quiet, within these. */
const MIN_QUIET_MS = 60_000;
const MAX_QUIET_MS = 3_600_000;

export class ClientObject extends DurableObject<EdgeBindings> implements ClientObjectMethods {
  readonly #log = edgeLog(this.env);
  #opened: ClientBooks | null = null;
  #shipment: ClientShipment | null = null;
  /** When the alarm goes, as far as this life of the object knows. */
  #alarmMs = Number.POSITIVE_INFINITY;
  #failures = 0;
  /** By `nowMs`; in this life of the object. */
  #askedMs = Number.NEGATIVE_INFINITY;

  async record(sent: SentUsage): Promise<ObjectTotal> {
    this.#askedMs = this.nowMs();
    const total = this.#books.take(sent);
    await this.#shipWithin(total.isKnown ? SHIP_AFTER_MS : 0);
    return total;
  }

  async total(clientId: string, windowMs: number): Promise<ObjectTotal> {
    this.#askedMs = this.nowMs();
    const total = this.#books.look(clientId, windowMs);
    if (!total.isKnown) await this.#shipWithin(0);
    return total;
  }

  /** Throws before the object has its posts from the ledger; the caller tries again. */
  async correct(sequence: number, posts: MovedPosts['posts']): Promise<void> {
    if (this.#books.correct(sequence, posts)) return;
    await this.#shipWithin(0);
    throw new Error('the window of the client is not filled yet');
  }

  async wake(): Promise<boolean> {
    const { confirmed, lastSequence } = this.#books.journal;
    const hasAll = confirmed >= lastSequence;
    // An object with nothing to ship needs an alarm too, because it deletes old rows.
    if (hasAll && (await this.ctx.storage.getAlarm()) !== null) return true;
    this.#alarmMs = Number.POSITIVE_INFINITY;
    await this.#setAlarm(0);
    return hasAll;
  }

  /**
   * What fails is tried again later and later: a configuration that is wrong may be in force for long. It throws only if
   * no alarm can be set (SQLite may lack memory). The runtime gives such an alarm up after six retries of its own, within
   * two minutes, so that with the first of them the directory object is asked to look after this object.
   */
  override async alarm(info?: Pick<AlarmInvocationInfo, 'isRetry'>): Promise<void> {
    if (info?.isRetry === true) await this.#askToBeWoken();
    this.#alarmMs = Number.POSITIVE_INFINITY;
    let isPruned = true;
    try {
      const { clientId } = this.#books;
      if (clientId === null) return;
      this.#books.settle();
      this.#shipment ??= new ClientShipment(this.#books, this.#ledgerOf(clientId), this.#log);
      await this.#shipment.run();
      this.#failures = 0;
      isPruned = !this.#books.prune();
    } catch (error) {
      this.#failures += 1;
      const failed = { err: error, client: this.#opened?.clientId, failures: this.#failures };
      this.#log.warn(failed, 'usage cannot be handed on, and waits in the journal of the client');
    }
    await this.#goOn(isPruned);
  }

  /** Epoch milliseconds UTC. */
  protected nowMs(): number {
    return Date.now();
  }

  async #goOn(isPruned: boolean): Promise<void> {
    if (this.#failures > 0) return this.#setAlarm(this.#backOffMs());
    if (this.#shipment?.isUnderWay || !isPruned) return this.#setAlarm(SHIP_AFTER_MS);
    const isAsked = this.nowMs() - this.#askedMs < MIN_QUIET_MS;
    if (isAsked || !this.#books.isSpent) return this.#setAlarm(this.#quietMs());
    // A client that comes again begins anew: the ledger has everything, and no window holds any of it.
    this.#shipment = null;
    this.#opened = null;
    await this.ctx.storage.deleteAll();
  }

  /** Without the storage, which may be what fails. */
  async #askToBeWoken(): Promise<void> {
    try {
      await this.env.DIRECTORY.getByName(DIRECTORY_OBJECT).lookAfter([this.ctx.id.toString()], 0);
    } catch (error) {
      this.#log.error(
        { err: error },
        'the alarm of a client failed, and the directory object cannot be informed',
      );
    }
  }

  #backOffMs(): number {
    return Math.max(BACK_OFF.firstMs, backOffMs(this.#failures, BACK_OFF, Math.random()));
  }

  #quietMs(): number {
    const quietMs = this.nowMs() - this.#books.journal.confirmedMs;
    return Math.min(MAX_QUIET_MS, Math.max(MIN_QUIET_MS, quietMs));
  }

  async #shipWithin(ms: number): Promise<void> {
    if (this.#alarmMs + LATEST_ALARM_MS < Date.now()) this.#alarmMs = Number.POSITIVE_INFINITY;
    // While the ledger is away its back-off holds.
    else if (this.#failures > 0) return;
    await this.#setAlarm(ms);
  }

  /** By the runtime's clock. */
  async #setAlarm(inMs: number): Promise<void> {
    const atMs = Date.now() + inMs;
    if (atMs >= this.#alarmMs) return;
    this.#alarmMs = atMs;
    await this.ctx.storage.setAlarm(atMs);
  }

  get #books(): ClientBooks {
    this.#opened ??= new ClientBooks(this.ctx.storage, objectSettings(this.env.POSTMETER_CONFIG), () =>
      this.nowMs(),
    );
    return this.#opened;
  }

  /** A stub is of no use any more once its object has failed, so each call takes a new one. */
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
