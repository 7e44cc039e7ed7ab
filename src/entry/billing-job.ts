/** Runs billing again and again in the background: one run at a time, the next a fixed while after the last. */

import { runBilling } from '../billing.ts';
import type { BillingLedger, BillingRules, ParkedCount } from '../invoice/port.ts';
import type { BillingFigures } from '../report/port.ts';
import type { Logger } from './log.ts';

export interface BillingJob {
  readonly figures: BillingFigures;
  /** Resolves after the run that is under way. */
  stop(): Promise<void>;
}

export interface BillingJobOptions {
  readonly ledger: BillingLedger;
  readonly rules: BillingRules;
  readonly intervalMs: number;
  readonly newId: () => string;
  readonly nowMs: () => number;
  readonly log: Logger;
}

export function startBillingJob(options: BillingJobOptions): BillingJob {
  const { ledger, rules, intervalMs, newId, nowMs, log } = options;
  let leader = false;
  let lastRunAtMs: number | null = null;
  let lastRunSeconds: number | null = null;
  let failures = 0;
  let parked: readonly ParkedCount[] = [];
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;

  const run = async (): Promise<void> => {
    const startMs = nowMs();
    try {
      const done = await runBilling(ledger, rules, newId, startMs);
      leader = done !== undefined;
      if (done !== undefined) {
        lastRunAtMs = nowMs();
        lastRunSeconds = (lastRunAtMs - startMs) / 1000;
        failures += done.failures.length;
        if (JSON.stringify(done.parked) !== JSON.stringify(parked)) {
          log.warn({ parked: done.parked }, 'the clients whose billing has stopped are others than before');
        }
        parked = done.parked;
        for (const { subject, cause } of done.failures)
          log.error({ err: cause, subject }, 'billing failed; tried again in the next run');
        if (done.issued.length > 0) log.info({ numbers: done.issued }, 'invoices issued');
      }
    } catch (error) {
      failures++;
      log.error({ err: error }, 'the billing run failed; tried again in the next one');
    }
  };
  let running = Promise.resolve();
  const next = (): void => {
    running = run().then(() => {
      if (!stopped) timer = setTimeout(next, intervalMs);
    });
  };
  next();

  return {
    figures: {
      leader: () => leader,
      lastRunAtMs: () => lastRunAtMs,
      lastRunSeconds: () => lastRunSeconds,
      failures: () => failures,
      parkedClients: () => parked.map(({ code, clients }) => ({ labels: { code }, value: clients })),
      stopped: () => parked.some(({ isForAll }) => isForAll),
    },
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
