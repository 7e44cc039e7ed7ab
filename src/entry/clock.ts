/** Wires the metering clock on Node: the machine's clocks, confirmed by the ledger's, and a word in the log when it is wrong. */

import { systemTiming } from '../adapters/node/timing.ts';
import type { Config } from '../config/schema.ts';
import { type ClockFlag, MeterClock } from '../meter/clock.ts';
import { type ClockFollower, followClock } from '../meter/clock-follower.ts';
import type { Timing, UsageLedger } from '../meter/port.ts';
import type { ClockFigures } from '../report/port.ts';
import type { Logger } from './log.ts';

export interface ClockOptions {
  readonly config: Config;
  /** The ledger runs in this process, by the same clock. */
  readonly isEmbedded: boolean;
  readonly ledger: UsageLedger;
  readonly log: Logger;
}

export interface Clock {
  /** By the metering clock. */
  readonly timing: Timing;
  readonly figures: ClockFigures;
  /** Of the last usage that was metered before this start: a clock behind it was set back meanwhile. Epoch milliseconds. */
  readonly resume: (lastUsageMs: number) => void;
  /** What is wrong with the machine's clock; null where nothing is. */
  fault(): string | null;
  stop(): Promise<void>;
}

const FAULTS: Readonly<Partial<Record<ClockFlag, string>>> = {
  stepped:
    "the machine's clock has stepped and the ledger's does not confirm it; usage is metered as if it had not",
  skewed: "the machine's clock is off by more than clock.maxSkewSeconds; usage is metered by the ledger's",
};
const ALONE =
  "the machine's clock is behind what it was when usage was metered before, and no other clock tells which was right; " +
  'usage is metered as if it had gone on';
const LOOK_EVERY_MS = 1_000;

/** Resolves once the ledger's clock has been read, or after two seconds without an answer. */
export async function startClock(options: ClockOptions): Promise<Clock> {
  const { isEmbedded, ledger, log } = options;
  const clock = new MeterClock({
    wallMs: systemTiming.nowMs,
    monotonicMs: systemTiming.monotonicMs,
    hasArbiter: !isEmbedded,
    maxSkewMs: options.config.clock.maxSkewSeconds * 1000,
  });
  const timing = { ...systemTiming, nowMs: () => clock.nowMs() };
  const onError = (error: Error) => log.debug({ err: error }, "the ledger's clock cannot be read");
  const follower: ClockFollower | null = isEmbedded
    ? null
    : await followClock({ clock, ledger, timing, onError });

  let told: string | null = null;
  const fault = () => {
    const { flagged } = clock;
    return isEmbedded && flagged === 'stepped' ? ALONE : (FAULTS[flagged] ?? null);
  };
  const tell = () => {
    const now = fault();
    if (now === told) return;
    told = now;
    if (now === null) log.info("the machine's clock is right again");
    else log.error({ skewSeconds: clock.skewMs / 1000 }, now);
  };
  tell();
  const telling = setInterval(tell, LOOK_EVERY_MS);

  return {
    timing,
    figures: { skewSeconds: () => clock.skewMs / 1000, flagged: () => fault() !== null },
    resume: (lastUsageMs) => clock.resume(lastUsageMs),
    fault,
    stop: async () => {
      clearInterval(telling);
      await follower?.stop();
    },
  };
}
