/**
 * The last known totals of the clients this process has seen lately: all that admission reads. Kept fresh in the
 * background, by the answers to our own adds, by what other processes add, and by asking again when a bucket leaves.
 */

import { LRUCache } from 'lru-cache';
import { Flow } from './flow.ts';
import { KnownTotal } from './known-total.ts';
import type { Timing, Total, WindowAdd, WindowStore } from './port.ts';
import { bucketOf, type Usage } from './usage.ts';

export interface TotalsBoardOptions {
  readonly window: Pick<WindowStore, 'totals' | 'watch'>;
  readonly windowMsOf: (clientId: string) => number;
  readonly timing: Timing;
  /** Default 60. */
  readonly bucketSeconds?: number;
  /** Clients remembered; the one not seen for longest is forgotten first. Default 1,000,000: some 350 MB (measured). */
  readonly maxClients?: number;
  /** Time between questions to the store. Default 100. */
  readonly refreshMs?: number;
  /** How long a client's first request waits for the store, in milliseconds. Default 1,000; 0: not at all. */
  readonly firstWaitMs?: number;
  readonly onError?: (error: Error) => void;
}

/** For so long after a correction an answer from before it may still arrive. */
const CORRECTION_MS = 1_000;
/** Longest time between two looks whether a bucket has left, while nothing is asked: the clock may be corrected. */
const QUIET_MS = 5_000;
/** Clients per question to the store. */
const maxAsked = 1_000;
/** After a lost connection those seen within this time are asked for again. */
const recentMs = 10 * 60_000;
const FIRST_WAIT_MS = 1_000;

export class TotalsBoard {
  readonly #options: TotalsBoardOptions;
  readonly #bucketSeconds: number;
  readonly #known: LRUCache<string, KnownTotal>;
  /** The client of the last look-up: a request asks for its client several times in a row. */
  #latest: KnownTotal | null = null;
  /** Clients by the moment at which their oldest bucket leaves: only then does a total fall without our doing. */
  readonly #leaving = new Map<number, Set<KnownTotal>>();
  readonly #toAsk = new Set<KnownTotal>();
  readonly #flow: Flow;
  #lookedBucketMs = 0;
  #stopWatching: (() => Promise<void>) | undefined;
  /** The store is away or being rebuilt: totals are what this process knows. Set by the shipping. */
  degraded = false;
  /** The store does not answer: no request waits for it. Set by the shipping. */
  isUnreachable = false;
  /** Ends when the first requests of a client stop waiting. */
  readonly #waits = new Map<string, Promise<void>>();

  constructor(options: TotalsBoardOptions) {
    this.#options = options;
    this.#bucketSeconds = options.bucketSeconds ?? 60;
    this.#known = new LRUCache<string, KnownTotal>({
      max: options.maxClients ?? 1_000_000,
      dispose: (known) => this.#forget(known),
    });
    this.#flow = new Flow({
      timing: options.timing,
      idleMs: options.refreshMs ?? 100,
      quietMs: () =>
        Math.min(QUIET_MS, this.#lookedBucketMs + this.#bucketSeconds * 1000 - options.timing.nowMs()),
      step: () => this.#refresh(),
      ...(options.onError && { onError: options.onError }),
    });
  }

  /** Clients remembered. */
  get size(): number {
    return this.#known.size;
  }

  /** Begins to listen to other processes and to ask the store. */
  start(): void {
    this.#flow.start();
  }

  async stop(): Promise<void> {
    await this.#flow.stop();
    await this.#stopWatching?.();
  }

  /**
   * The client's total as far as this process knows, without waiting. A client that is new to it has 0 and is asked
   * for in the background. The answer changes as posts come in: read it at once, do not keep it.
   */
  total(clientId: string, nowMs: number): Total {
    const known = this.#of(clientId, nowMs);
    known.seenMs = nowMs;
    if (this.degraded) known.estimate(nowMs);
    else if (known.estimated) {
      known.trust();
      this.#ask(known);
    }
    return known;
  }

  /** Whether the total is the store's own: the store has answered for this client, and answers now. */
  isKnown(clientId: string): boolean {
    return !this.degraded && this.#peek(clientId)?.heard === true;
  }

  /**
   * The wait of a client's first request in this process, and of those that come while it waits: until the store has
   * answered, at most `firstWaitMs`. Null for every other request, and while the store cannot be reached.
   */
  firstWait(clientId: string, nowMs: number): Promise<void> | null {
    const known = this.#of(clientId, nowMs);
    if (known.heard || this.isUnreachable) return null;
    if (known.hasWaited) return this.#waits.get(clientId) ?? null;
    known.hasWaited = true;
    const wait = this.#waitFor(known).finally(() => this.#waits.delete(clientId));
    this.#waits.set(clientId, wait);
    return wait;
  }

  async #waitFor(known: KnownTotal): Promise<void> {
    const timeout = new AbortController();
    this.#toAsk.add(known);
    this.#flow.wake();
    const { timing, firstWaitMs = FIRST_WAIT_MS } = this.#options;
    await Promise.race([known.firstAnswer(), timing.sleep(firstWaitMs, timeout.signal)]);
    timeout.abort();
  }

  /** Adds what this process has just written to its journal. */
  bump(usages: readonly Usage[]): void {
    for (const { clientId, bucketMs, posts } of usages) {
      if (posts === 0) continue;
      const known = this.#peek(clientId) ?? this.#of(clientId, this.#options.timing.nowMs());
      known.bump(posts, bucketMs);
    }
  }

  /** These adds are on their way to the store. */
  shipping(adds: readonly WindowAdd[]): void {
    for (const { clientId } of adds) {
      const known = this.#known.peek(clientId);
      if (known) known.shipping = true;
    }
  }

  /** The store has taken them: `fresh` is what of it was still counted as own, `totals` its answer. */
  shipped(fresh: readonly WindowAdd[], totals: readonly Total[]): void {
    for (const { clientId, posts } of fresh) {
      this.#known.peek(clientId)?.settle(posts.reduce((sum, bucket) => sum + bucket.posts, 0));
    }
    for (const total of totals) {
      const known = this.#known.peek(total.clientId);
      if (!known) continue;
      known.shipping = false;
      this.#hear(known, total);
    }
  }

  notShipped(adds: readonly WindowAdd[]): void {
    for (const { clientId } of adds) {
      const known = this.#known.peek(clientId);
      if (known) known.shipping = false;
    }
  }

  /** Asks the store again for those seen lately: what it held may have changed without our being told. */
  askRecent(): void {
    const sinceMs = this.#options.timing.nowMs() - recentMs;
    for (const known of this.#known.values()) {
      if (known.seenMs < sinceMs) break;
      this.#ask(known);
    }
    this.#flow.wake();
  }

  /** Posts of these clients were moved in the store: totals may have fallen within a bucket. */
  corrected(clientIds: readonly string[]): void {
    const untilMs = this.#options.timing.monotonicMs() + CORRECTION_MS;
    for (const clientId of clientIds) {
      const known = this.#known.peek(clientId);
      if (!known) continue;
      known.fallsUntilMs = untilMs;
      this.#toAsk.add(known);
    }
    this.#flow.wake();
  }

  /** Own posts are in the store, nobody can tell which: the next answers are the truth, until then it is too little. */
  forgetOwn(): void {
    for (const known of this.#known.values()) known.forgetOwn();
  }

  #peek(clientId: string): KnownTotal | undefined {
    return this.#latest?.clientId === clientId ? this.#latest : this.#known.peek(clientId);
  }

  #of(clientId: string, nowMs: number): KnownTotal {
    if (this.#latest?.clientId === clientId) return this.#latest;
    let known = this.#known.get(clientId);
    if (!known) {
      const { windowMsOf } = this.#options;
      known = new KnownTotal(clientId, windowMsOf(clientId), bucketOf(nowMs, this.#bucketSeconds), nowMs);
      this.#known.set(clientId, known);
      this.#ask(known);
    }
    this.#latest = known;
    return known;
  }

  #ask(known: KnownTotal): void {
    this.#toAsk.add(known);
    this.#flow.announce();
  }

  #hear(known: KnownTotal, total: Total): void {
    const mayFall = known.fallsUntilMs > 0 && this.#options.timing.monotonicMs() < known.fallsUntilMs;
    known.hear(total, mayFall);
    // The next answer may be the first that has the correction in it.
    if (mayFall) this.#ask(known);
    else known.fallsUntilMs = 0;
    known.windowMs = this.#options.windowMsOf(known.clientId);
    this.#expectLeaving(known);
  }

  /**
   * What others added. Of two words for one bucket the larger is the later. Of words for different buckets, and of one
   * that comes while our own add is under way, nobody can tell which has the other's posts in it: the store is asked.
   */
  #hearOthers(totals: readonly Total[]): void {
    for (const total of totals) {
      const known = this.#known.peek(total.clientId);
      if (!known) continue;
      if (known.shipping || total.asOfMs !== known.asOfMs) this.#ask(known);
      else this.#hear(known, total);
    }
  }

  #expectLeaving(known: KnownTotal): void {
    const leavesMs = known.oldestMs === undefined ? undefined : known.oldestMs + known.windowMs;
    if (leavesMs === known.leavesMs) return;
    this.#removeLeaving(known);
    known.leavesMs = leavesMs;
    if (leavesMs === undefined) return;
    const together = this.#leaving.get(leavesMs);
    if (together) together.add(known);
    else this.#leaving.set(leavesMs, new Set([known]));
  }

  #removeLeaving(known: KnownTotal): void {
    if (known.leavesMs === undefined) return;
    const together = this.#leaving.get(known.leavesMs);
    together?.delete(known);
    if (together?.size === 0) this.#leaving.delete(known.leavesMs);
  }

  #forget(known: KnownTotal): void {
    if (this.#latest === known) this.#latest = null;
    this.#toAsk.delete(known);
    this.#removeLeaving(known);
  }

  /** One question to the store; true where more are waiting. */
  async #refresh(): Promise<boolean> {
    this.#stopWatching ??= await this.#watch();
    this.#noteLeft();
    if (this.#toAsk.size === 0) return false;
    const asked = firstOf(this.#toAsk, maxAsked);
    const totals = await this.#options.window.totals(asked, this.#options.timing.nowMs());
    for (const known of asked) this.#toAsk.delete(known);
    for (const total of totals) {
      const known = this.#known.peek(total.clientId);
      if (known && !known.shipping) this.#hear(known, total);
      else if (known) this.#ask(known);
    }
    return this.#toAsk.size >= maxAsked || (this.#waits.size > 0 && this.#toAsk.size > 0);
  }

  #watch(): Promise<() => Promise<void>> {
    return this.#options.window.watch(
      (totals) => this.#hearOthers(totals),
      () => this.askRecent(),
    );
  }

  /** Once a bucket: asks again for those whose oldest bucket has left, and forgets those not seen since it began. */
  #noteLeft(): void {
    const nowBucketMs = bucketOf(this.#options.timing.nowMs(), this.#bucketSeconds);
    if (nowBucketMs === this.#lookedBucketMs) return;
    this.#lookedBucketMs = nowBucketMs;
    for (const [leavesMs, together] of this.#leaving) {
      if (leavesMs > nowBucketMs) continue;
      for (const known of together) {
        const goneSinceMs = leavesMs - known.windowMs + this.#bucketSeconds * 1000;
        if (known.seenMs < goneSinceMs) this.#known.delete(known.clientId);
        else this.#toAsk.add(known);
      }
    }
  }
}

function firstOf<T>(all: Iterable<T>, count: number): T[] {
  const first: T[] = [];
  for (const one of all) {
    if (first.push(one) === count) break;
  }
  return first;
}
