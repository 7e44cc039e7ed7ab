/** Makes one billing run and reports its result in the log and the figures. */

import type { AdminLog } from '../../admin/port.ts';
import { runBilling } from '../../billing.ts';
import type { BillingHoldCount, BillingLedger, BillingRules } from '../../invoice/port.ts';
import type { BillingFigures } from '../../report/port.ts';

export interface BillingRunnerOptions {
  readonly ledger: BillingLedger;
  readonly rules: BillingRules;
  readonly newId: () => string;
  /** Epoch milliseconds. */
  readonly nowMs: () => number;
  readonly log: AdminLog;
  /** Returns whether this process leads. Default: it leads if it made the last run itself. */
  readonly leads?: () => boolean;
  /** Runs after each run of this process as the leader. Never rejects. */
  readonly afterRun?: (nowMs: number) => Promise<void>;
}

export interface BillingRunner {
  readonly figures: BillingFigures;
  /** Never rejects. Does nothing if another process runs billing. An aborted run ends between two clients. */
  run(signal?: AbortSignal): Promise<void>;
}

export function billingRunner({
  ledger,
  rules,
  newId,
  nowMs,
  log,
  leads,
  afterRun,
}: BillingRunnerOptions): BillingRunner {
  let leader = false;
  let lastRunAtMs: number | null = null;
  let lastRunSeconds: number | null = null;
  let failures = 0;
  let holds: readonly BillingHoldCount[] = [];

  const run = async (signal?: AbortSignal): Promise<void> => {
    const startMs = nowMs();
    try {
      await ledger.compareNumbers();
      const done = await runBilling(ledger, rules, newId, startMs, signal);
      leader = done !== undefined;
      if (done !== undefined) {
        lastRunAtMs = nowMs();
        lastRunSeconds = (lastRunAtMs - startMs) / 1000;
        failures += done.failures.length;
        if (JSON.stringify(done.holds) !== JSON.stringify(holds)) {
          log.warn({ holds: done.holds }, 'the clients whose billing is on hold have changed');
        }
        holds = done.holds;
        for (const { subject, cause } of done.failures)
          log.error({ err: cause, subject }, 'billing failed; the next run retries it');
        if (done.issued.length > 0) log.info({ numbers: done.issued }, 'invoices issued');
        await afterRun?.(startMs);
      }
    } catch (error) {
      failures++;
      log.error({ err: error }, 'the billing run failed; the next run retries it');
    }
  };
  return {
    run,
    figures: {
      leader: leads ?? (() => leader),
      lastRunAtMs: () => lastRunAtMs,
      lastRunSeconds: () => lastRunSeconds,
      failures: () => failures,
      clientsOnHold: () => holds.map(({ code, clients }) => ({ labels: { code }, value: clients })),
      stopped: () => holds.some(({ isForAll }) => isForAll),
    },
  };
}
