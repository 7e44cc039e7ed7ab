/**
 * Publishes totals between processes: one message per flush on one channel, so that all processes have them within
 * a second.
 */

import { randomUUID } from 'node:crypto';
import type { Total } from '../../meter/port.ts';
import { disconnectRedis, type RedisConnection } from './connect.ts';

/** Client, total, oldest bucket (ms, 0: none), bucket of the total (ms). */
type TotalValues = [string, number, number, number];
type Message = [from: string, totals: TotalValues[]];

/** About 300 KB per message. */
const MAX_TOTALS = 5_000;
/**
 * A connection that only listens never notices a network that drops everything. It therefore resubscribes at this
 * interval, which Redis confirms and which changes nothing. Without a confirmation it reconnects.
 */
const CHECK_INTERVAL_MS = 5_000;
const CONFIRMATION_TIMEOUT_MS = 2_000;

export class TotalsChannel {
  readonly #publisher: RedisConnection;
  readonly #channel: string;
  readonly #connect: () => RedisConnection;
  /** Marks our own messages, which are ignored. */
  readonly #self = randomUUID();
  readonly #ownStart = JSON.stringify([this.#self]).slice(0, -1);
  #subscriber: RedisConnection | undefined;
  #checking: NodeJS.Timeout | undefined;
  readonly #listeners = new Set<{ heard: (totals: readonly Total[]) => void; missed: () => void }>();

  constructor(publisher: RedisConnection, channel: string, connect: () => RedisConnection) {
    this.#publisher = publisher;
    this.#channel = channel;
    this.#connect = connect;
  }

  async tell(totals: readonly Total[]): Promise<void> {
    for (let at = 0; at < totals.length; at += MAX_TOTALS) {
      const values = totals
        .slice(at, at + MAX_TOTALS)
        .map((total): TotalValues => [total.clientId, total.posts, total.oldestMs ?? 0, total.asOfMs]);
      const message: Message = [this.#self, values];
      await this.#publisher.publish(this.#channel, JSON.stringify(message));
    }
  }

  /** Listens on its own connection. Returns a stop function. */
  watch(heard: (totals: readonly Total[]) => void, missed: () => void): () => Promise<void> {
    const listener = { heard, missed };
    this.#listeners.add(listener);
    this.#subscriber ??= this.#subscribe();
    return async () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) await this.close();
    };
  }

  async close(): Promise<void> {
    const subscriber = this.#subscriber;
    this.#subscriber = undefined;
    clearInterval(this.#checking);
    if (subscriber) await disconnectRedis(subscriber);
  }

  #subscribe(): RedisConnection {
    const subscriber = this.#connect();
    // On every new connection: messages sent while there was none have been missed. In a Cluster the subscription
    // has its own connection, announced by '+subscriber'.
    for (const event of ['ready', '+subscriber']) subscriber.on(event, () => this.#listen(subscriber));
    subscriber.on('message', (_channel: string, text: string) => this.#hear(text));
    if (subscriber.status === 'ready') this.#listen(subscriber);
    this.#checking = setInterval(() => this.#check(subscriber), CHECK_INTERVAL_MS);
    return subscriber;
  }

  #check(subscriber: RedisConnection): void {
    if (subscriber.status !== 'ready') return;
    const reconnect = () => {
      if (subscriber.status === 'ready') subscriber.disconnect(true);
    };
    const overdue = setTimeout(reconnect, CONFIRMATION_TIMEOUT_MS);
    subscriber
      .subscribe(this.#channel)
      .catch(reconnect)
      .finally(() => clearTimeout(overdue));
  }

  #listen(subscriber: RedisConnection): void {
    subscriber.subscribe(this.#channel).then(
      () => {
        for (const { missed } of this.#listeners) missed();
      },
      // The connection broke again. Its error has been reported, and 'ready' follows.
      () => {},
    );
  }

  #hear(text: string): void {
    // Redis sends each process its own messages too.
    if (text.startsWith(this.#ownStart)) return;
    const [, values] = JSON.parse(text) as Message;
    const totals = values.map(([clientId, posts, oldestMs, asOfMs]) => ({
      clientId,
      posts,
      oldestMs: oldestMs === 0 ? undefined : oldestMs,
      asOfMs,
    }));
    for (const { heard } of this.#listeners) heard(totals);
  }
}
