/** Keeps the metering clock confirmed: reads the ledger's clock every ten seconds, and at once where there is doubt. */

import type { MeterClock } from './clock.ts';
import { Flow } from './flow.ts';
import type { Timing, UsageLedger } from './port.ts';

export interface ClockFollowerOptions {
  readonly clock: MeterClock;
  readonly ledger: Pick<UsageLedger, 'clockMs'>;
  readonly timing: Timing;
  readonly onError: (error: Error) => void;
}

export interface ClockFollower {
  stop(): Promise<void>;
}

const sampleEveryMs = 10_000;
/** A step is seen, and the ledger asked, within this. */
const lookEveryMs = 1_000;
/** The first sample is waited for, so that nothing is metered by a clock that is wrong from the start. */
const firstSampleMs = 2_000;

/** Resolves with the first sample, or after two seconds without one: the platform must not wait for the ledger. */
export async function followClock(options: ClockFollowerOptions): Promise<ClockFollower> {
  const { clock, ledger, timing, onError } = options;
  const waited = new AbortController();
  let sampledMs = Number.NEGATIVE_INFINITY;

  const sample = async (): Promise<false> => {
    const sentMonotonicMs = timing.monotonicMs();
    if (!clock.isDoubtful && sentMonotonicMs - sampledMs < sampleEveryMs) return false;
    const ledgerNowMs = await ledger.clockMs();
    const receivedMonotonicMs = timing.monotonicMs();
    if (!clock.confirm({ ledgerNowMs, sentMonotonicMs, receivedMonotonicMs })) return false;
    sampledMs = receivedMonotonicMs;
    waited.abort();
    return false;
  };

  const flow = new Flow({ timing, idleMs: lookEveryMs, step: sample, onError });
  flow.start();
  await timing.sleep(firstSampleMs, waited.signal);
  return { stop: () => flow.stop() };
}
