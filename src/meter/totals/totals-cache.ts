/**
 * The last known totals of recently seen clients, all that admission reads. They are updated in the background by
 * the results of our own adds, by the adds of other processes, and by queries when a bucket leaves.
 */

import { LRUCache } from 'lru-cache';
import { gatherMs } from '../batching/gathering.ts';
import { BackgroundLoop } from '../poll-loop.ts';
import type { Timing, Total, WindowAdd, WindowStore } from '../port.ts';
import { bucketOf, type Usage } from '../usage.ts';
import { CachedTotal } from './cached-total.ts';

export interface TotalsCacheOptions {
  readonly window: Pick<WindowStore, 'totals' | 'watch'>;
  readonly windowMsOf: (clientId: string) => number;
  /** Posts at which a client is refused; Infinity if it never is. Left out: none is. */
  readonly limitOf?: (clientId: string) => number;
  readonly timing: Timing;
  /** Default 60. */
  readonly bucketSeconds?: number;
  /** Clients remembered. The least recently seen is forgotten first. Default 1,000,000: some 350 MB (measured). */
  readonly maxClients?: number;
  /** Time between queries to the store. Default 100. */
  readonly refreshMs?: number;
  /** How long a client's first request waits for the store, in milliseconds. Default 1,000; 0: no wait. */
  readonly firstWaitMs?: number;
  readonly onError?: (error: Error) => void;
}

/** For this long after a correction, a result from before it may still arrive. */
const CORRECTION_MS = 1_000;
/** For this long after a new life of the store began, a result of the old one may still arrive. */
const NEW_LIFE_MS = 300;
/** Longest time between two checks for buckets that have left, without queries; the clock may be corrected. */
const QUIET_MS = 5_000;
/** Clients per query to the store. */
const MAX_ASKED = 1_000;
/** After a lost connection, clients seen within this time are queried again. */
const RECENT_MS = 10 * 60_000;
const FIRST_WAIT_MS = 1_000;

export class TotalsCache {
  readonly #options: TotalsCacheOptions;
  readonly #bucketSeconds: number;
  readonly #known: LRUCache<string, CachedTotal>;
  /** The client of the last look-up; a request looks up its client several times in a row. */
  #latest: CachedTotal | null = null;
  /** Clients by the time at which their oldest bucket leaves. Only then does a total fall without our own change. */
  readonly #leaving = new Map<number, Set<CachedTotal>>();
  readonly #toAsk = new Set<CachedTotal>();
  /** Clients with posts that the store lacks and that must not gather. */
  readonly #urgent = new Set<CachedTotal>();
  readonly #flow: BackgroundLoop;
  #lookedBucketMs = 0;
  #stopWatching: (() => Promise<void>) | undefined;
  /** The store is unreachable or being rebuilt, so totals are those of this process. Set by the shipping. */
  degraded = false;
  /** The store does not respond, so no request waits for it. Set by the shipping. */
  isUnreachable = false;
  /** Pending waits of clients' first requests. */
  readonly #waits = new Map<string, Promise<void>>();

  constructor(options: TotalsCacheOptions) {
    this.#options = options;
    this.#bucketSeconds = options.bucketSeconds ?? 60;
    this.#known = new LRUCache<string, CachedTotal>({
      // With `max` it would take 28 MB at once.
      maxSize: options.maxClients ?? 1_000_000,
      sizeCalculation: () => 1,
      dispose: (known) => this.#forget(known),
    });
    this.#flow = new BackgroundLoop({
      timing: options.timing,
      idleMs: options.refreshMs ?? 100,
      quietMs: () =>
        Math.min(QUIET_MS, this.#lookedBucketMs + this.#bucketSeconds * 1000 - options.timing.nowMs()),
      step: () => this.#refresh(),
      ...(options.onError && { onError: options.onError }),
    });
  }

  /** Number of clients remembered. */
  get size(): number {
    return this.#known.size;
  }

  /** Starts to listen to other processes and to query the store. */
  start(): void {
    this.#flow.start();
  }

  async stop(): Promise<void> {
    await this.#flow.stop();
    await this.#stopWatching?.();
  }

  /**
   * The client's total as known to this process, without waiting. A new client has 0 and is queried in the
   * background. The result changes as posts arrive: read it immediately and do not keep it.
   */
  total(clientId: string, nowMs: number): Total {
    const known = this.#of(clientId, nowMs);
    known.seenMs = nowMs;
    if (this.degraded) known.estimate(nowMs);
    else if (known.estimated) {
      known.markExact();
      this.#ask(known);
    }
    return known;
  }

  /** True if the total is the store's own: the store has responded for this client, and is reachable now. */
  isKnown(clientId: string): boolean {
    return !this.degraded && this.#peek(clientId)?.heard === true;
  }

  /**
   * The wait of a client's first request in this process, and of those that arrive meanwhile: until the store has
   * responded, at most `firstWaitMs`. Null for every other request, and while the store is unreachable.
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

  async #waitFor(known: CachedTotal): Promise<void> {
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
      if (known.unshipped === 0) known.limit = this.#options.limitOf?.(clientId) ?? Number.POSITIVE_INFINITY;
      known.bump(posts, bucketMs);
      if (gatherMs(known) === 0) this.#urgent.add(known);
    }
  }

  /** The store lacks posts of a client that must not gather. */
  get isUrgent(): boolean {
    return this.#urgent.size > 0;
  }

  /** Marks the clients of adds that are in flight to the store. */
  shipping(adds: readonly WindowAdd[]): void {
    for (const { clientId } of adds) {
      const known = this.#known.peek(clientId);
      if (known) known.shipping = true;
    }
  }

  /** The store has taken the adds. `fresh` is the part still counted as own, `totals` the store's result. */
  shipped(fresh: readonly WindowAdd[], totals: readonly Total[]): void {
    for (const { clientId, posts } of fresh) {
      const known = this.#known.peek(clientId);
      if (!known) continue;
      known.confirm(posts.reduce((sum, bucket) => sum + bucket.posts, 0));
      if (known.unshipped === 0) this.#urgent.delete(known);
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

  /**
   * Queries recently seen clients again, because the store's content may have changed without notice.
   * @param isNewLife the store was rebuilt. What was moved meanwhile is in it, so a total may be lower than before.
   */
  askRecent(isNewLife = false): void {
    const { timing } = this.#options;
    const sinceMs = timing.nowMs() - RECENT_MS;
    for (const known of this.#known.values()) {
      if (known.seenMs < sinceMs) break;
      if (isNewLife) known.fallsUntilMs = Math.max(known.fallsUntilMs, timing.monotonicMs() + NEW_LIFE_MS);
      this.#ask(known);
    }
    this.#flow.wake();
  }

  /** Posts of these clients were moved in the store, so totals may have fallen within a bucket. */
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

  /** Own posts are in the store, but it is unknown which. Until the next results the totals are too small. */
  forgetOwn(): void {
    for (const known of this.#known.values()) known.forgetOwn();
    this.#urgent.clear();
  }

  #peek(clientId: string): CachedTotal | undefined {
    return this.#latest?.clientId === clientId ? this.#latest : this.#known.peek(clientId);
  }

  #of(clientId: string, nowMs: number): CachedTotal {
    if (this.#latest?.clientId === clientId) return this.#latest;
    let known = this.#known.get(clientId);
    if (!known) {
      const { windowMsOf } = this.#options;
      known = new CachedTotal(clientId, windowMsOf(clientId), bucketOf(nowMs, this.#bucketSeconds), nowMs);
      this.#known.set(clientId, known);
      this.#ask(known);
    }
    this.#latest = known;
    return known;
  }

  #ask(known: CachedTotal): void {
    this.#toAsk.add(known);
    this.#flow.announce();
  }

  #hear(known: CachedTotal, total: Total): void {
    const mayFall = known.fallsUntilMs > 0 && this.#options.timing.monotonicMs() < known.fallsUntilMs;
    known.update(total, mayFall);
    // The next result may be the first that includes the correction.
    if (mayFall) this.#ask(known);
    else known.fallsUntilMs = 0;
    known.windowMs = this.#options.windowMsOf(known.clientId);
    this.#expectLeaving(known);
  }

  /**
   * Takes adds of other processes. Of two results for one bucket the larger is the later. Results for different
   * buckets, or one that arrives while our own add is in flight, may each lack the other's posts, so the store is
   * queried.
   */
  #hearOthers(totals: readonly Total[]): void {
    for (const total of totals) {
      const known = this.#known.peek(total.clientId);
      if (!known) continue;
      if (known.shipping || total.asOfMs !== known.asOfMs) this.#ask(known);
      else this.#hear(known, total);
    }
  }

  #expectLeaving(known: CachedTotal): void {
    const leavesMs = known.oldestMs === undefined ? undefined : known.oldestMs + known.windowMs;
    if (leavesMs === known.leavesMs) return;
    this.#removeLeaving(known);
    known.leavesMs = leavesMs;
    if (leavesMs === undefined) return;
    const together = this.#leaving.get(leavesMs);
    if (together) together.add(known);
    else this.#leaving.set(leavesMs, new Set([known]));
  }

  #removeLeaving(known: CachedTotal): void {
    if (known.leavesMs === undefined) return;
    const together = this.#leaving.get(known.leavesMs);
    together?.delete(known);
    if (together?.size === 0) this.#leaving.delete(known.leavesMs);
  }

  #forget(known: CachedTotal): void {
    if (this.#latest === known) this.#latest = null;
    this.#toAsk.delete(known);
    this.#urgent.delete(known);
    this.#removeLeaving(known);
  }

  /** Sends one query to the store. Returns true if more clients are waiting. */
  async #refresh(): Promise<boolean> {
    this.#stopWatching ??= await this.#watch();
    this.#noteLeft();
    if (this.#toAsk.size === 0) return false;
    const asked = firstOf(this.#toAsk, MAX_ASKED);
    const totals = await this.#options.window.totals(asked, this.#options.timing.nowMs());
    for (const known of asked) this.#toAsk.delete(known);
    for (const total of totals) {
      const known = this.#known.peek(total.clientId);
      if (known && !known.shipping) this.#hear(known, total);
      else if (known) this.#ask(known);
    }
    return this.#toAsk.size >= MAX_ASKED || (this.#waits.size > 0 && this.#toAsk.size > 0);
  }

  #watch(): Promise<() => Promise<void>> {
    return this.#options.window.watch(
      (totals) => this.#hearOthers(totals),
      () => this.askRecent(),
    );
  }

  /** Once per bucket: queries clients whose oldest bucket has left, and forgets those not seen since it began. */
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
