/** Runs billing periodically: one run at a time, with a fixed delay between runs. */

import type { BillingFigures } from '../../report/port.ts';
import { type BillingRunnerOptions, billingRunner } from './runner.ts';

export interface BillingJob {
  readonly figures: BillingFigures;
  /** Stops the current run after the client that it is working on, then resolves. */
  stop(): Promise<void>;
}

export interface BillingJobOptions extends BillingRunnerOptions {
  readonly intervalMs: number;
}

export function startBillingJob(options: BillingJobOptions): BillingJob {
  const { run, figures } = billingRunner(options);
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  const next = (): void => {
    running = run(stopping.signal).then(() => {
      if (!stopping.signal.aborted) timer = setTimeout(next, options.intervalMs);
    });
  };
  next();

  return {
    figures,
    stop: async () => {
      stopping.abort();
      clearTimeout(timer);
      await running;
    },
  };
}
