/** One billing run, top to bottom: read usage -> find breaches -> rate -> write invoices. */

import { planBilling } from './invoice/plan.ts';
import type {
  BillingAccount,
  BillingChanges,
  BillingHoldCount,
  BillingLedger,
  BillingRules,
} from './invoice/port.ts';
import { recomputeBefore, recomputeFrom } from './invoice/recompute-from.ts';
import { findBreaches } from './tariff/breach.ts';
import { countedPosts } from './tariff/counted.ts';
import { licenceMonths, monthOf } from './tariff/licence.ts';
import { cutToBuckets } from './tariff/posts.ts';
import { type Period, timelineOf } from './tariff/timeline.ts';

interface BillingFailure {
  /** The client, or the draft that could not be issued. */
  readonly subject: string;
  readonly cause: unknown;
}

export interface BillingRun {
  /** Clients that were recomputed. */
  readonly clients: number;
  /** Changed clients that were skipped because they cannot have a breach. */
  readonly skipped: number;
  /** Numbers of the invoices that were issued without approval. */
  readonly issued: readonly number[];
  /** Clients on billing hold, by reason. They were skipped. */
  readonly holds: readonly BillingHoldCount[];
  /** Failed clients and drafts. They stay marked and are retried in the next run; they do not delay the others. */
  readonly failures: readonly BillingFailure[];
}

const CLIENTS_A_PAGE = 1000;
const NOTHING: BillingChanges = { breaches: [], invoices: [], notes: [], dueAtMs: null };

/**
 * Returns undefined if another process is already running it. `newId` must return ids that sort by creation time.
 * If `signal` aborts, the run ends after the current client; the remaining clients stay marked for the next run.
 */
export async function runBilling(
  ledger: BillingLedger,
  rules: BillingRules,
  newId: () => string,
  nowMs: number,
  signal?: AbortSignal,
): Promise<BillingRun | undefined> {
  return ledger.lead(async () => {
    const failures: BillingFailure[] = [];
    await ledger.openBooks(nowMs);
    const skipped = await ledger.clearUnbillable();
    let clients = 0;
    for await (const clientId of dueClients(ledger, nowMs)) {
      if (signal?.aborted) break;
      clients++;
      await ledger
        .withAccount(clientId, (account) => billAccount(account, rules, newId, nowMs))
        .catch((cause: unknown) => failures.push({ subject: `clients/${clientId}`, cause }));
    }
    const issued = rules.approval === 'automatic' ? await issueReady(ledger, nowMs, failures, signal) : [];
    return { clients, skipped, issued, holds: await ledger.holdCounts(), failures };
  });
}

/** Brings one client's breaches and drafts up to date. Idempotent. */
export async function billAccount(
  account: BillingAccount,
  rules: BillingRules,
  newId: () => string,
  nowMs: number,
): Promise<void> {
  const { clientId } = account;
  const { bucketSeconds } = rules;
  const periods = timelineOf(clientId, account.tariffs, bucketSeconds);
  const { fromMs, stored } = await findRecomputePoint(account, periods, bucketSeconds);
  if (fromMs === Number.POSITIVE_INFINITY) return account.write(NOTHING);

  const posts = cutToBuckets(countedPosts(await account.usage(fromMs), periods), bucketSeconds);
  const breaches = findBreaches(posts, periods, bucketSeconds);
  const months = licenceMonths(posts, periods, bucketSeconds);

  const ids = stored.map((breach) => breach.id);
  const invoices = await account.invoices(ids, monthOf(fromMs));
  await account.write(planBilling({ clientId, rules, nowMs, newId, stored, invoices, breaches, months }));
}

async function findRecomputePoint(
  account: BillingAccount,
  periods: readonly Period[],
  bucketSeconds: number,
) {
  let fromMs = recomputeFrom(account.dirtyFromMs, periods, bucketSeconds);
  for (;;) {
    const stored = await account.breachesReaching(fromMs);
    const before = recomputeBefore(fromMs, stored, periods);
    if (before === fromMs) return { fromMs, stored };
    fromMs = before;
  }
}

async function* dueClients(ledger: BillingLedger, nowMs: number): AsyncGenerator<string> {
  let after: string | null = null;
  for (;;) {
    const page: readonly string[] = await ledger.dueClients(nowMs, after, CLIENTS_A_PAGE);
    yield* page;
    if (page.length < CLIENTS_A_PAGE) return;
    after = page.at(-1)!;
  }
}

async function issueReady(
  ledger: BillingLedger,
  nowMs: number,
  failures: BillingFailure[],
  signal: AbortSignal | undefined,
): Promise<number[]> {
  if (signal?.aborted) return [];
  const issued: number[] = [];
  for (const id of await ledger.draftsToIssue(nowMs)) {
    if (signal?.aborted) break;
    try {
      const outcome = await ledger.issueInvoice(id, 'billing', nowMs);
      if (outcome.kind === 'issued') issued.push(outcome.number);
    } catch (cause) {
      failures.push({ subject: `invoices/${id}`, cause });
    }
  }
  return issued;
}
