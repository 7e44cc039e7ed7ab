/**
 * The isolate's side of metering: gathers usage by client, has one request at a time take it to the client's object,
 * and lets all responses go whose usage the object has on its disk. What cannot be sent is kept, and goes with the
 * client's next usage under the same identity.
 */

import { LRUCache } from 'lru-cache';
import type { ReleaseCallback } from '../../../meter/meter.ts';
import type { Total } from '../../../meter/port.ts';
import { bucketOf, type Usage } from '../../../meter/usage.ts';
import type { ObjectTotal, SentUsage } from '../../edge/protocol.ts';
import { ageMs, areCallsShort, areCallsSpent } from '../invocation.ts';
import { Waiter } from '../waiter.ts';
import { within } from '../within.ts';
import { Gathering, type Parcel } from './gathering.ts';
import { lingerMs, MIN_GATHER_MS } from './stream-pace.ts';

export interface UsageSenderOptions {
  /** Calls the client's object. Of the request in whose course it is called. */
  readonly send: (sent: SentUsage) => Promise<ObjectTotal>;
  /** Asks the client's object for the total alone. */
  readonly ask: (clientId: string, windowMs: number) => Promise<ObjectTotal>;
  /** How long a request waits for the answer to `ask`, in milliseconds; 0: not at all. */
  readonly firstWaitMs: number;
  readonly windowMsOf: (clientId: string) => number;
  /** Under which this isolate counts. */
  readonly configuration: SentUsage['configuration'];
  /** Keeps the request that runs now alive until the promise is settled. */
  readonly keepAlive: (promise: Promise<unknown>) => void;
  /** Names nobody else has. */
  readonly newSender: () => string;
  /** `strict`: a response waits for the object's answer. */
  readonly durability: 'strict' | 'relaxed';
  /** What happens to responses whose usage cannot be sent. */
  readonly onFailure: 'serve' | 'refuse';
  /** Called each time the object of a client has taken usage. */
  readonly onTaken: (clientId: string) => void;
  /** Called for every client whose usage could not be sent, each time. */
  readonly onGiveUp: (clientId: string, responses: number, error: unknown) => void;
  /** A client was forgotten with usage that never arrived: more clients than this isolate can hold. */
  readonly onForgotten: (clientId: string, posts: number) => void;
  readonly bucketSeconds: number;
  readonly nowMs: () => number;
}

/** Rests between the attempts of one call, in milliseconds. */
const BACK_OFF_MS = [50, 200, 800];
/** A call that is not answered by then may have gone with the request that made it: another makes it once more. */
const PATIENCE_MS = 5_000;
/** A response waits no longer than this for its usage, whatever happens. */
const MAX_WAIT_MS = 15_000;
/** After a call that failed for good, usage gathers for so long before the object is tried again. */
const REST_MS = 1_000;
/** Usage that is stuck is not tried again before this time by requests of other clients. */
const STUCK_REST_MS = 30_000;
/** So often the request that gave up tries on behind its response: the runtime ends it 30 s after that. */
const TRIES_ON = 20;
/** Between two questions for a total while the object reads the ledger. */
const ASK_AGAIN_MS = 50;
/** Clients remembered, with totals and sequences: some 1 KB each, of 128 MB. */
const MAX_CLIENTS = 10_000;

interface Client {
  readonly id: string;
  readonly sender: string;
  readonly gathering: Gathering;
  /** Responses whose usage gathers, and those whose usage is under way. */
  gathered: Waiter[];
  underWay: Waiter[];
  answered: ObjectTotal | null;
  /** Some request is calling the object; NaN while none is. */
  callingSinceMs: number;
  /** NaN while the last call was answered. */
  failedMs: number;
  /** A request has waited for the total. */
  hasWaited: boolean;
  /** When usage of streams was last sent for its own sake, and when it will be; NaN for never. */
  partsSentMs: number;
  partsDueMs: number;
}

export class UsageSender {
  readonly #options: UsageSenderOptions;
  readonly #clients: LRUCache<string, Client>;
  /** Clients whose usage could not be sent, the oldest failure first. They may not come back. */
  readonly #stuck = new Set<Client>();

  constructor(options: UsageSenderOptions) {
    this.#options = options;
    this.#clients = new LRUCache<string, Client>({
      max: MAX_CLIENTS,
      dispose: (client) => {
        const { id, gathering } = client;
        this.#stuck.delete(client);
        if (!gathering.isEmpty) options.onForgotten(id, gathering.unanswered);
      },
    });
  }

  /** Takes the usage of one response; `released` is called once, in the course of the request that runs now. */
  record(usage: Usage, released: ReleaseCallback): void {
    const { durability, keepAlive, nowMs } = this.#options;
    const client = this.#of(usage.clientId);
    // A stream that runs on: the response is counted at its end.
    if (usage.requests === 0) {
      client.gathering.addPart(usage);
      this.#sendPartsInTime(client);
      released(true);
      return;
    }
    client.gathering.add(usage, nowMs());
    let waiter: Waiter;
    if (durability === 'strict') waiter = new Waiter(released);
    else {
      waiter = new Waiter(() => {});
      released(true);
    }
    client.gathered.push(waiter);
    keepAlive(this.#seeThrough(client, waiter));
  }

  #sendPartsInTime(client: Client): void {
    const { keepAlive, nowMs } = this.#options;
    const now = nowMs();
    const inMs = lingerMs(ageMs(now), client.gathering.gatheredPosts);
    const dueMs = Number.isNaN(client.partsSentMs) ? now : Math.max(now, client.partsSentMs + inMs);
    // Some stream of the client waits for that moment; one that is late may have gone with its invocation.
    if (dueMs >= client.partsDueMs && now < client.partsDueMs + PATIENCE_MS) return;
    client.partsDueMs = dueMs;
    keepAlive(this.#sendParts(client));
  }

  /** Until all has gone, or another waits for its moment. */
  async #sendParts(client: Client): Promise<void> {
    const { nowMs } = this.#options;
    for (;;) {
      const dueMs = client.partsDueMs;
      if (dueMs > nowMs()) await rest(dueMs - nowMs());
      if (client.partsDueMs !== dueMs) return;
      if (client.gathering.isEmpty || areCallsShort()) break;
      if (!(nowMs() - client.callingSinceMs < PATIENCE_MS)) {
        client.partsSentMs = nowMs();
        await this.#call(client);
      }
      if (client.gathering.isEmpty) break;
      client.partsDueMs = nowMs() + MIN_GATHER_MS;
    }
    client.partsDueMs = Number.NaN;
  }

  /** As the object last answered, with what it has not answered for yet; nothing of it once its oldest bucket left. */
  total(clientId: string, nowMs: number): Total {
    const client = this.#clients.get(clientId);
    const asOfMs = bucketOf(nowMs, this.#options.bucketSeconds);
    if (client === undefined) return { clientId, posts: 0, asOfMs };
    const { answered, gathering } = client;
    const posts = gathering.unanswered;
    if (answered === null) return { clientId, posts, asOfMs };
    // The posts that have left are not known until the object answers; until then the client is not refused.
    if (this.#hasLeft(answered, clientId, nowMs)) return { clientId, posts, asOfMs };
    return {
      clientId,
      posts: answered.posts + posts,
      oldestMs: answered.oldestMs,
      asOfMs: answered.asOfMs,
    };
  }

  /** True if the client's object answers, knows what the ledger had, and nothing has left the window since its answer. */
  isKnown(clientId: string, nowMs: number): boolean {
    const client = this.#clients.peek(clientId);
    if (client === undefined || this.#isFailing(client) || !client.answered?.isKnown) return false;
    return !this.#hasLeft(client.answered, clientId, nowMs);
  }

  /**
   * The wait of a request for the client's total: of the first in this isolate, and of one that comes after posts have
   * left the window. Null if the total is known, or the object does not answer. Each request makes its own call, because
   * the runtime ties I/O to the request that began it.
   */
  firstTotal(clientId: string, nowMs: number): Promise<void> | null {
    const client = this.#of(clientId);
    if (this.#isFailing(client) || this.#options.firstWaitMs === 0) return null;
    if (this.isKnown(clientId, nowMs)) return null;
    // An object that cannot reach the ledger is not waited for again.
    if (client.hasWaited && client.answered?.isKnown === false) return null;
    client.hasWaited = true;
    return this.#askTotal(client, nowMs + this.#options.firstWaitMs);
  }

  async #askTotal(client: Client, lastMs: number): Promise<void> {
    const { ask, windowMsOf, nowMs } = this.#options;
    try {
      for (;;) {
        const asked = ask(client.id, windowMsOf(client.id));
        const total = await within(Math.max(1, lastMs - nowMs()), asked, "the client's object");
        // An answer to usage that was sent meanwhile has more in it.
        if (!this.isKnown(client.id, nowMs())) client.answered = total;
        if (total.isKnown || nowMs() + ASK_AGAIN_MS >= lastMs) return;
        await rest(ASK_AGAIN_MS);
      }
    } catch {
      // The total stays unknown, and the tariff's `whenUnknown` decides; sending the usage reports the failure.
    }
  }

  /** An empty window has nothing that could leave it. */
  #hasLeft({ oldestMs }: ObjectTotal, clientId: string, nowMs: number): boolean {
    return oldestMs !== undefined && oldestMs + this.#options.windowMsOf(clientId) <= nowMs;
  }

  isFailing(clientId: string): boolean {
    const client = this.#clients.peek(clientId);
    return client !== undefined && this.#isFailing(client);
  }

  #isFailing(client: Client): boolean {
    return !Number.isNaN(client.failedMs);
  }

  #of(clientId: string): Client {
    let client = this.#clients.get(clientId);
    if (client === undefined) {
      client = {
        id: clientId,
        // Of this memory of the client: once it is forgotten, sequences begin anew.
        sender: this.#options.newSender(),
        gathering: new Gathering(),
        gathered: [],
        underWay: [],
        answered: null,
        callingSinceMs: Number.NaN,
        failedMs: Number.NaN,
        hasWaited: false,
        partsSentMs: Number.NaN,
        partsDueMs: Number.NaN,
      };
      this.#clients.set(clientId, client);
    }
    return client;
  }

  /** Until this response's usage has arrived or was given up, by this request's call or by another's. */
  async #seeThrough(client: Client, waiter: Waiter): Promise<void> {
    const { nowMs } = this.#options;
    const lastMs = nowMs() + MAX_WAIT_MS;
    while (!waiter.isReleased) {
      const waitMs = this.#waitMs(client);
      if (waiter.isReleased) break;
      if (nowMs() >= lastMs) this.#giveUp([waiter]);
      else if (waitMs === 0) await this.#call(client);
      else await waiter.turn(waitMs);
    }
    waiter.finish();
    // Whoever gave up: the others may be of invocations that end before.
    if (this.#isFailing(client)) await this.#tryOn(client);
  }

  async #tryOn(client: Client): Promise<void> {
    for (let tried = 0; tried < TRIES_ON && !client.gathering.isEmpty && !areCallsSpent(); tried++) {
      if (this.#isFailing(client)) await rest(REST_MS);
      if (Number.isNaN(client.callingSinceMs)) await this.#call(client);
      else return;
    }
  }

  /** 0 where this request is to call now; else how long it waits for a word of others at most. */
  #waitMs(client: Client): number {
    const { nowMs } = this.#options;
    const now = nowMs();
    if (!Number.isNaN(client.callingSinceMs)) {
      return Math.max(0, client.callingSinceMs + PATIENCE_MS - now);
    }
    if (this.#isFailing(client)) {
      if (now - client.failedMs >= REST_MS) return 0;
      this.#giveUp(client.gathered.splice(0));
      return REST_MS;
    }
    const step = client.gathering.next(now);
    if (step.kind === 'gather') return Math.max(1, step.untilMs - now);
    return 0;
  }

  async #call(client: Client): Promise<void> {
    const { gathering } = client;
    if (gathering.isEmpty) return;
    const parcel = gathering.underWay ?? this.#take(client);
    client.callingSinceMs = this.#options.nowMs();
    const outcome = await this.#attempts(client, parcel);
    if ('total' in outcome) {
      if (!gathering.arrived(parcel)) return;
      client.callingSinceMs = Number.NaN;
      client.failedMs = Number.NaN;
      client.answered = outcome.total;
      this.#stuck.delete(client);
      this.#options.onTaken(client.id);
      this.#helpStuck();
      releaseAll(client.underWay, true);
      client.underWay = [];
      // What gathered meanwhile is taken on by one of its own requests: this one may be over.
      client.gathered[0]?.wake();
      return;
    }
    if (gathering.underWay !== parcel) return;
    client.callingSinceMs = Number.NaN;
    client.failedMs = this.#options.nowMs();
    this.#stuck.delete(client);
    this.#stuck.add(client);
    const waiting = [...client.underWay.splice(0), ...client.gathered.splice(0)];
    this.#options.onGiveUp(client.id, waiting.length, outcome.error);
    this.#giveUp(waiting);
  }

  /** The request of one client sends the usage of another one that is stuck. */
  #helpStuck(): void {
    const [client] = this.#stuck;
    if (client === undefined || areCallsShort() || !Number.isNaN(client.callingSinceMs)) return;
    if (this.#options.nowMs() - client.failedMs < STUCK_REST_MS) return;
    this.#options.keepAlive(this.#call(client));
  }

  #take(client: Client): Parcel {
    client.underWay = client.gathered;
    client.gathered = [];
    return client.gathering.take();
  }

  async #attempts(client: Client, parcel: Parcel): Promise<{ total: ObjectTotal } | { error: unknown }> {
    const { send, windowMsOf, configuration } = this.#options;
    const sent: SentUsage = {
      clientId: client.id,
      sender: client.sender,
      sequence: parcel.sequence,
      usage: parcel.usage,
      windowMs: windowMsOf(client.id),
      configuration,
    };
    for (let attempt = 0; ; attempt++) {
      try {
        return { total: await within(PATIENCE_MS, send(sent), "the client's object") };
      } catch (error) {
        const restMs = BACK_OFF_MS[attempt];
        if (restMs === undefined || client.gathering.underWay !== parcel) return { error };
        await rest(restMs);
      }
    }
  }

  /** Their usage stays here and goes later. */
  #giveUp(waiting: readonly Waiter[]): void {
    releaseAll(waiting, this.#options.onFailure === 'serve');
  }
}

function releaseAll(waiters: readonly Waiter[], deliver: boolean): void {
  for (const waiter of waiters) waiter.release(deliver);
}

function rest(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}
