/**
 * Keeps the metering clock confirmed: reads the ledger's clock every ten seconds, and immediately in case of doubt.
 */

import { BackgroundLoop } from '../poll-loop.ts';
import type { Timing, UsageLedger } from '../port.ts';
import type { MeterClock } from './clock.ts';

export interface ClockFollowerOptions {
  readonly clock: MeterClock;
  readonly ledger: Pick<UsageLedger, 'clockMs'>;
  readonly timing: Timing;
  readonly onError: (error: Error) => void;
}

export interface ClockFollower {
  stop(): Promise<void>;
}

const SAMPLE_INTERVAL_MS = 10_000;
/** Longest time until a step is noticed and the ledger's clock is read. */
const CHECK_INTERVAL_MS = 1_000;
/** Startup waits for the first sample, so that nothing is metered by a clock that is wrong from the start. */
const FIRST_SAMPLE_MS = 2_000;

/**
 * Resolves with the first sample, or after two seconds without one, because the platform must not wait for the
 * ledger.
 */
export async function followClock(options: ClockFollowerOptions): Promise<ClockFollower> {
  const { clock, ledger, timing, onError } = options;
  const waited = new AbortController();
  let sampledMs = Number.NEGATIVE_INFINITY;

  const sample = async (): Promise<false> => {
    const sentMonotonicMs = timing.monotonicMs();
    if (!clock.isDoubtful && sentMonotonicMs - sampledMs < SAMPLE_INTERVAL_MS) return false;
    const ledgerNowMs = await ledger.clockMs();
    const receivedMonotonicMs = timing.monotonicMs();
    if (!clock.confirm({ ledgerNowMs, sentMonotonicMs, receivedMonotonicMs })) return false;
    sampledMs = receivedMonotonicMs;
    waited.abort();
    return false;
  };

  const flow = new BackgroundLoop({ timing, idleMs: CHECK_INTERVAL_MS, step: sample, onError });
  flow.start();
  await timing.sleep(FIRST_SAMPLE_MS, waited.signal);
  return { stop: () => flow.stop() };
}
