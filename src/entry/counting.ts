/** Ships the counts of this process to the ledger every few seconds, and checks the health of all routes. */

import type { GatewayCounters } from '../report/gateway-counters.ts';
import { CountingBatches } from '../report/routes/counting-batches.ts';
import type { CountingLedger } from '../report/routes/port.ts';
import type { Logger } from './logs/log.ts';
import { RouteWatch } from './route-watch.ts';

export interface CountingOptions {
  readonly ledger: CountingLedger;
  readonly tally: GatewayCounters;
  /** True if the traits of an unknown caller are kept. */
  readonly keepsCaller: (clientId: string) => boolean;
  /** Unique id of this process. */
  readonly source: string;
  /** Epoch milliseconds. */
  readonly nowMs: () => number;
  readonly log: Logger;
}

export interface RouteCounting {
  readonly watch: RouteWatch;
  /** Ships the counts so far to the ledger. Counts that fail are shipped again later. Never rejects. */
  ship(): Promise<void>;
  /** Ships the remaining counts and stops the timers. */
  stop(): Promise<void>;
}

/** A process that dies loses its counts since the last shipment. Usage, which is billed, is journalled instead. */
const SHIP_EVERY_MS = 10_000;
const LOOK_EVERY_MS = 60_000;

export function startCounting({
  ledger,
  tally,
  keepsCaller,
  source,
  nowMs,
  log,
}: CountingOptions): RouteCounting {
  const batches = new CountingBatches(
    source,
    {
      takeRoutes: () => tally.routes.take(),
      takePaths: () => tally.paths.take(),
      takeCallers: (isEndOfDay) => tally.callers.take(keepsCaller, isEndOfDay),
      takeExposure: (isEndOfHour) => tally.exposure.take(isEndOfHour),
    },
    nowMs(),
  );
  const watch = new RouteWatch(ledger, nowMs, log);
  let shipping: Promise<void> | null = null;
  const shipAll = async (): Promise<void> => {
    batches.gather(nowMs());
    try {
      for (let batch = batches.next(); batch !== null; batch = batches.next()) {
        await ledger.add(batch);
        batches.confirmed(batch);
      }
    } catch (error) {
      log.debug({ err: error }, 'counts by route cannot be stored now; they are shipped again later');
    }
  };
  const ship = async (): Promise<void> => {
    // A running shipment may have started before the counts that the caller wants shipped.
    await shipping;
    shipping ??= shipAll().finally(() => {
      shipping = null;
    });
    await shipping;
  };
  const timers = [
    setInterval(() => void ship(), SHIP_EVERY_MS),
    setInterval(() => void watch.look(), LOOK_EVERY_MS),
  ];
  void watch.look();
  return {
    watch,
    ship,
    stop: async () => {
      for (const timer of timers) clearInterval(timer);
      await ship();
    },
  };
}
