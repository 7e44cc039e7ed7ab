/** Runs billing again and again in the background: one run at a time, the next a fixed while after the last. */

import type { BillingFigures } from '../report/port.ts';
import { type BillingRunnerOptions, billingRunner } from './billing-runner.ts';

export interface BillingJob {
  readonly figures: BillingFigures;
  /** Resolves after the run that is under way. */
  stop(): Promise<void>;
}

export interface BillingJobOptions extends BillingRunnerOptions {
  readonly intervalMs: number;
}

export function startBillingJob(options: BillingJobOptions): BillingJob {
  const { run, figures } = billingRunner(options);
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  const next = (): void => {
    running = run().then(() => {
      if (!stopped) timer = setTimeout(next, options.intervalMs);
    });
  };
  next();

  return {
    figures,
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
