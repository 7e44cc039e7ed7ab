/**
 * The metering of an isolate: sends usage to the objects of clients, and answers totals from their reports. Usage that
 * cannot be sent is kept, and sent by later requests of any client.
 */

import { LRUCache } from 'lru-cache';
import type { ReleaseCallback } from '../../../meter/meter.ts';
import type { Total } from '../../../meter/port.ts';
import { bucketOf, type Usage } from '../../../meter/usage.ts';
import type { ObjectTotal } from '../../edge/protocol.ts';
import { areCallsShort } from '../invocation.ts';
import { ClientSender, type ClientSenderEvents, type ClientSenderOptions } from './client-sender.ts';
import { PendingResponse } from './pending-response.ts';
import { ReportedTotal, type ReportedTotalOptions } from './reported-total.ts';

export interface UsageSenderOptions extends ClientSenderOptions, ReportedTotalOptions {
  /** Returns a unique id. */
  readonly newProducerId: () => string;
  /** `strict`: a response waits until the client's object has its usage. */
  readonly durability: 'strict' | 'relaxed';
  /** The object of a client has taken usage. */
  readonly onTaken: (clientId: string) => void;
  /** Usage of a client could not be sent. Called for every failed call. */
  readonly onGiveUp: (clientId: string, responses: number, error: unknown) => void;
  /** Usage is lost, because the isolate holds more clients than it has room for. */
  readonly onForgotten: (clientId: string, posts: number) => void;
}

/** Time after a failed call until requests of other clients retry it. */
const RETRY_BY_OTHERS_AFTER_MS = 30_000;
/** Clients in memory, with totals and sequences: about 1 KB each, of 128 MB. */
const MAX_CLIENTS = 10_000;

interface Client {
  readonly sender: ClientSender;
  readonly total: ReportedTotal;
}

export class UsageSender implements ClientSenderEvents {
  readonly #options: UsageSenderOptions;
  readonly #clients: LRUCache<string, Client>;
  /** Clients whose last call failed, the oldest failure first. They may send no further request. */
  readonly #failing = new Set<ClientSender>();

  constructor(options: UsageSenderOptions) {
    this.#options = options;
    this.#clients = new LRUCache<string, Client>({
      max: MAX_CLIENTS,
      dispose: ({ sender }) => {
        this.#failing.delete(sender);
        if (!sender.isEmpty) options.onForgotten(sender.clientId, sender.unconfirmedPosts);
      },
    });
  }

  /** Takes the usage of a response. Calls `released` once, in the current request. */
  record(usage: Usage, released: ReleaseCallback): void {
    const { sender } = this.#of(usage.clientId);
    // Usage of a running stream has no request, which is counted at the end.
    if (usage.requests === 0) {
      sender.addPart(usage);
      released(true);
    } else if (this.#options.durability === 'strict') {
      sender.add(usage, new PendingResponse(released));
    } else {
      sender.add(usage, new PendingResponse(() => {}));
      released(true);
    }
  }

  total(clientId: string, nowMs: number): Total {
    const client = this.#clients.get(clientId);
    if (client !== undefined) return client.total.total(client.sender.unconfirmedPosts, nowMs);
    return { clientId, posts: 0, asOfMs: bucketOf(nowMs, this.#options.bucketSeconds) };
  }

  /** True if the client's object answers and has reported a total that is still valid. */
  isKnown(clientId: string, nowMs: number): boolean {
    const client = this.#clients.peek(clientId);
    return client !== undefined && !client.sender.isFailing && client.total.isKnown(nowMs);
  }

  /** The wait of a request for the client's total (`ReportedTotal.whenKnown`); null if the object does not answer. */
  firstTotal(clientId: string, nowMs: number): Promise<void> | null {
    const { sender, total } = this.#of(clientId);
    return sender.isFailing ? null : total.whenKnown(nowMs);
  }

  /** True if the client's usage could not be sent. */
  isFailing(clientId: string): boolean {
    return this.#clients.peek(clientId)?.sender.isFailing === true;
  }

  onTaken(sender: ClientSender, total: ObjectTotal): void {
    this.#clients.peek(sender.clientId)?.total.update(total);
    this.#failing.delete(sender);
    this.#options.onTaken(sender.clientId);
    const [oldest] = this.#failing;
    if (oldest !== undefined && !areCallsShort()) oldest.retry(RETRY_BY_OTHERS_AFTER_MS);
  }

  onGiveUp(sender: ClientSender, responses: number, error: unknown): void {
    this.#failing.delete(sender);
    this.#failing.add(sender);
    this.#options.onGiveUp(sender.clientId, responses, error);
  }

  #of(clientId: string): Client {
    let client = this.#clients.get(clientId);
    if (client === undefined) {
      const options = this.#options;
      client = {
        sender: new ClientSender(clientId, options.newProducerId(), options, this),
        total: new ReportedTotal(clientId, options),
      };
      this.#clients.set(clientId, client);
    }
    return client;
  }
}
