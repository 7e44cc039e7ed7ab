/**
 * Ships the journal in the background to the window store and the ledger, each at its own pace and from its own
 * cursor, and releases what both have. Nothing is lost, because it stays in the journal. Nothing is added twice,
 * because both know (journal, sequence).
 */

import { GATHER_MS } from './batching/gathering.ts';
import { LedgerComparisons } from './ledger-comparison.ts';
import { type LedgerRewind, LedgerShipment } from './ledger-shipment.ts';
import { MoveShipment } from './move-shipment.ts';
import { BackgroundLoop } from './poll-loop.ts';
import { type Timing, type UsageLedger, type WatchedJournal, WindowError, type WindowStore } from './port.ts';
import { rebuildWindow } from './rebuild.ts';
import type { TotalsCache } from './totals/totals-cache.ts';
import { WindowShipment } from './window-shipment.ts';

export interface ShippingOptions {
  readonly journal: WatchedJournal;
  readonly ledger: UsageLedger;
  readonly window: WindowStore;
  readonly totals: TotalsCache;
  readonly timing: Timing;
  readonly windowMsOf: (clientId: string) => number;
  /** The longest window of any client. Default 24 hours. */
  readonly longestWindowMs?: number;
  /** Default 100. */
  readonly windowFlushMs?: number;
  /** Default 250. */
  readonly ledgerFlushMs?: number;
  /**
   * Records kept for a window store that is behind, although the ledger has them. Beyond this number the store is
   * rebuilt from the ledger once it is reachable. Default 100,000.
   */
  readonly heldRecords?: number;
  /** Called on every failed step. Both loops keep retrying. */
  readonly onError?: (target: 'window' | 'ledger', error: Error) => void;
  /** Called if the ledger has less than it had. What it lost is sent again. */
  readonly onRewind?: (rewind: LedgerRewind) => void;
}

/** How far a target is behind the journal, for the metrics. */
export interface ShipmentState {
  readonly lagRecords: number;
  /** Consecutive failed steps. */
  readonly failures: number;
  readonly lastError: Error | undefined;
}

export interface Shipping {
  state(): { readonly window: ShipmentState; readonly ledger: ShipmentState };
  /**
   * Ships everything in the journal. Returns true when both targets have it, false if `timeoutMs` passed first. The
   * rest stays in the journal and is shipped after the next start.
   */
  drain(timeoutMs: number): Promise<boolean>;
  /** Announces that an identifier may have moved to another client. */
  checkMoves(): void;
  /** Ends both loops after the step in progress. */
  stop(): Promise<void>;
}

const BASE_CHECK_MS = 1_000;
const DRAIN_POLL_MS = 10;
/** Rest between two pages of a comparison. 20 batches take some 10 ms, so it uses a tenth of a core. */
const COMPARISON_REST_MS = 100;
/** Shortest interval of checks for moved posts. Together with what follows, a window has them within a second. */
const MOVES_IDLE_MS = 800;
/**
 * Longest interval of the checks of an idle process. Each check costs it some 0.5 ms of CPU. A request announces
 * that the life of the store is to be checked; what the ledger takes and what its directory changes, that posts may
 * have moved.
 */
const MAX_QUIET_MS = 5_000;
/** Interval of checks whether a comparison is due, in case none was announced. */
const COMPARISON_QUIET_MS = 5_000;
const COMPARISON_IDLE_MS = 1_000;
const DAY_MS = 86_400_000;

export function startShipping(options: ShippingOptions): Shipping {
  const { journal, ledger, window, totals, timing, windowMsOf, heldRecords = 100_000 } = options;
  const toLedger = new LedgerShipment(journal, ledger, (rewind) => {
    comparisons.rewind(rewind.has);
    comparisonFlow.announce();
    options.onRewind?.(rewind);
  });
  const comparisons = new LedgerComparisons(journal, ledger);
  const toWindow = new WindowShipment({
    journal,
    window,
    totals,
    windowMsOf,
    timing,
    ledgerHas: () => toLedger.confirmed,
    baseCheckMs: BASE_CHECK_MS,
    rebuild: () =>
      rebuildWindow({
        window,
        ledger,
        windowMsOf,
        longestWindowMs: options.longestWindowMs ?? DAY_MS,
        nowMs: () => timing.nowMs(),
      }),
  });

  const toMove = new MoveShipment({
    ledger,
    window,
    totals,
    timing,
    windowMsOf,
    longestWindowMs: options.longestWindowMs ?? DAY_MS,
  });

  /** Also keeps the window's share, so that it needs no rebuild after every short outage. */
  const confirm = () => {
    const hold = toWindow.lagRecords <= heldRecords;
    journal.confirm(hold ? Math.min(toLedger.confirmed, toWindow.cursor) : toLedger.confirmed);
  };

  const ledgerFlow = new BackgroundLoop({
    timing,
    idleMs: options.ledgerFlushMs ?? 250,
    onError: (error) => {
      // Even after a short outage, another ledger may respond next.
      comparisons.wasAway();
      comparisonFlow.announce();
      options.onError?.('ledger', error);
    },
    step: async () => {
      const { confirmed } = toLedger;
      const more = await toLedger.step();
      if (toLedger.confirmed > confirmed) moveFlow.announce();
      confirm();
      return more;
    },
  });
  const comparisonFlow = new BackgroundLoop({
    timing,
    idleMs: COMPARISON_IDLE_MS,
    quietMs: () => COMPARISON_QUIET_MS,
    onError: (error) => options.onError?.('ledger', error),
    step: async () => {
      if (ledgerFlow.failures === 0 && toLedger.isKnown) await comparisons.step(toLedger.confirmed);
      else comparisonFlow.announce();
      if (!comparisons.isUnderWay) return false;
      // A day of records is compared concurrently with requests, not before them.
      await timing.sleep(COMPARISON_REST_MS, new AbortController().signal);
      return true;
    },
  });
  const windowFlow = new BackgroundLoop({
    timing,
    idleMs: options.windowFlushMs ?? 100,
    gatherMs: GATHER_MS,
    quietMs: () => BASE_CHECK_MS,
    maxQuietMs: MAX_QUIET_MS,
    onError: (error) => {
      totals.degraded = true;
      totals.isUnreachable = !isBeingRebuilt(error);
      options.onError?.('window', error);
    },
    step: async () => {
      const more = await toWindow.step();
      totals.degraded = !toWindow.settled;
      totals.isUnreachable = false;
      if (toWindow.settled) await toMove.apply();
      // Another process rebuilds the store.
      else windowFlow.announce();
      return more;
    },
  });
  const moveFlow = new BackgroundLoop({
    timing,
    idleMs: MOVES_IDLE_MS,
    maxQuietMs: MAX_QUIET_MS,
    onError: (error) => options.onError?.('ledger', error),
    step: async () => {
      await toMove.read();
      if (toMove.hasPending) windowFlow.wake();
      return false;
    },
  });
  journal.onReadable(() =>
    // The totals learn of a record after the journal has it.
    queueMicrotask(() => {
      if (totals.isUrgent && windowFlow.failures === 0) windowFlow.wake();
      else windowFlow.announce();
    }),
  );
  // No total is known until the store has responded once.
  totals.degraded = true;
  ledgerFlow.start();
  comparisonFlow.start();
  windowFlow.start();
  moveFlow.start();

  const stateOf = (flow: BackgroundLoop, lagRecords: number): ShipmentState => ({
    lagRecords: Math.max(0, lagRecords),
    failures: flow.failures,
    lastError: flow.lastError,
  });
  const allShipped = () =>
    toLedger.confirmed >= journal.lastSequence && toWindow.settled && toWindow.cursor >= journal.lastSequence;

  return {
    state: () => ({
      window: stateOf(windowFlow, toWindow.lagRecords),
      // Each of them asks the ledger at its own time. One that fails keeps it from being reported as reachable.
      ledger: stateOf(worstOf([ledgerFlow, comparisonFlow, moveFlow]), toLedger.lagRecords),
    }),
    drain: async (timeoutMs) => {
      const untilMs = timing.monotonicMs() + timeoutMs;
      while (!allShipped() && timing.monotonicMs() < untilMs) {
        ledgerFlow.wake();
        windowFlow.wake();
        await timing.sleep(DRAIN_POLL_MS, new AbortController().signal);
      }
      const shipped = allShipped();
      // The window may have been the last to take it, so the journal may drop records from now on.
      if (shipped) confirm();
      return shipped;
    },
    checkMoves: () => moveFlow.announce(),
    stop: async () => {
      await Promise.all([ledgerFlow, comparisonFlow, windowFlow, moveFlow].map((flow) => flow.stop()));
    },
  };
}

function worstOf(flows: readonly BackgroundLoop[]): BackgroundLoop {
  return flows.reduce((worst, flow) => (flow.failures > worst.failures ? flow : worst));
}

function isBeingRebuilt(error: Error): boolean {
  return error instanceof WindowError && error.code === 'window_lost';
}
