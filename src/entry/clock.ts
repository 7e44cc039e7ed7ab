/**
 * Wires the metering clock on Node: the machine's clocks, checked against the ledger's clock. It logs when the machine's
 * clock becomes wrong and when it is right again.
 */

import { systemTiming } from '../adapters/node/timing.ts';
import type { Config } from '../config/schema.ts';
import { type ClockFlag, MeterClock } from '../meter/clock/clock.ts';
import { type ClockFollower, followClock } from '../meter/clock/clock-follower.ts';
import type { Timing, UsageLedger } from '../meter/port.ts';
import type { ClockFigures } from '../report/port.ts';
import type { Logger } from './logs/log.ts';

export interface GatewayClockOptions {
  readonly config: Config;
  /** True if the ledger runs in this process and therefore uses the same clock. */
  readonly isEmbedded: boolean;
  readonly ledger: UsageLedger;
  readonly log: Logger;
}

export interface Clock {
  /** Time of the metering clock. */
  readonly timing: Timing;
  readonly figures: ClockFigures;
  /**
   * Passes the time of the last usage metered before this start, in epoch milliseconds. A clock behind it was set back
   * in the meantime.
   */
  readonly resume: (lastUsageMs: number) => void;
  /** Describes what is wrong with the machine's clock; null if it is right. */
  fault(): string | null;
  stop(): Promise<void>;
}

const FAULTS: Readonly<Partial<Record<ClockFlag, string>>> = {
  stepped:
    "the machine's clock has stepped and the ledger's clock does not confirm it; usage is metered as if it had not stepped",
  skewed:
    "the machine's clock is off by more than clock.maxSkewSeconds; usage is metered by the ledger's clock",
};
const ALONE =
  "the machine's clock is behind the last metered usage, and no other clock can confirm either of them; " +
  'metering continues from the time of the last usage';
const LOOK_EVERY_MS = 1_000;

/** Resolves once the ledger's clock has been read, or after two seconds without a response. */
export async function startClock(options: GatewayClockOptions): Promise<Clock> {
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

  let logged: string | null = null;
  const fault = () => {
    const { flagged } = clock;
    return isEmbedded && flagged === 'stepped' ? ALONE : (FAULTS[flagged] ?? null);
  };
  const logChange = () => {
    const now = fault();
    if (now === logged) return;
    logged = now;
    if (now === null) log.info("the machine's clock is right again");
    else log.error({ skewSeconds: clock.skewMs / 1000 }, now);
  };
  logChange();
  const logging = setInterval(logChange, LOOK_EVERY_MS);

  return {
    timing,
    figures: { skewSeconds: () => clock.skewMs / 1000, flagged: () => fault() !== null },
    resume: (lastUsageMs) => clock.resume(lastUsageMs),
    fault,
    stop: async () => {
      clearInterval(logging);
      await follower?.stop();
    },
  };
}
