/** A stop must not wait for all clients of a billing run. */

import { expect, it, vi } from 'vitest';
import { startBillingJob } from '../../../src/entry/billing/job.ts';
import type { BillingRules } from '../../../src/invoice/port.ts';
import { FOUR_EYES } from '../../../src/proposal/four-eyes.ts';
import { MemoryLedger } from '../../support/memory-ledger/ledger.ts';

it('ends a billing run between two clients when it is stopped', async () => {
  const rules: BillingRules = {
    bucketSeconds: 60,
    latenessMs: 0,
    approval: 'automatic',
    fourEyes: FOUR_EYES,
  };
  const ledger = new MemoryLedger({ rules });
  const billed: string[] = [];
  let stopped: Promise<void> | undefined;
  vi.spyOn(ledger, 'dueClients').mockResolvedValue(['first', 'second', 'third']);
  vi.spyOn(ledger, 'withAccount').mockImplementation(async (clientId) => {
    billed.push(clientId);
    stopped ??= job.stop();
    return undefined as never;
  });
  const draftsToIssue = vi.spyOn(ledger, 'draftsToIssue');
  const job = startBillingJob({
    ledger,
    rules,
    newId: () => 'id',
    nowMs: () => 0,
    intervalMs: 1,
    log: { info() {}, warn() {}, error() {} },
  });
  await vi.waitFor(() => expect(stopped).toBeDefined());
  await stopped;
  expect(billed).toEqual(['first']);
  expect(draftsToIssue).not.toHaveBeenCalled();
});
