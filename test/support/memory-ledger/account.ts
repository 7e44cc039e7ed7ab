/** One client's billing state in the memory ledger, as billing reads and changes it. */

import type { Breach, Invoice } from '../../../src/invoice/model.ts';
import type { BillingAccount, BillingChanges } from '../../../src/invoice/port.ts';
import { countsUnique } from '../../../src/tariff/counted.ts';
import { timelineOf } from '../../../src/tariff/timeline.ts';
import { servedAt } from './served.ts';
import { booksOf, type LedgerState, usageOfClient } from './state.ts';

/** `write` changes the draft. */
export function accountIn(draft: LedgerState, clientId: string, bucketSeconds: number): BillingAccount {
  const breaches = [...draft.breaches.values()].filter((breach) => breach.clientId === clientId);
  return {
    clientId,
    dirtyFromMs: booksOf(draft, clientId).dirtyFromMs,
    tariffs: draft.tariffs.filter((version) => version.clientId === null || version.clientId === clientId),
    breachesReaching: async (fromMs) =>
      breaches.filter(
        ({ stretchToMs, state }) => stretchToMs >= fromMs || state === 'open' || state === 'settling',
      ),
    usage: async (fromMs) => {
      const periods = timelineOf(clientId, draft.tariffs, bucketSeconds).filter(countsUnique);
      const served = servedAt(usageOfClient(draft, clientId), (bucketMs) =>
        periods.some((period) => period.fromMs <= bucketMs && bucketMs < period.toMs),
      );
      return served.filter((row) => row.bucketMs >= fromMs && row.posts > 0);
    },
    invoices: async (breachIds, fromMonthMs) =>
      invoicesOf(draft, clientId).filter(
        ({ breachId, monthMs, status }) =>
          status !== 'void' &&
          ((breachId !== null && breachIds.includes(breachId)) ||
            (monthMs !== null && monthMs >= fromMonthMs)),
      ),
    write: async (changes) => writeChanges(draft, clientId, changes),
  };
}

export function invoicesOf(state: LedgerState, clientId: string): Invoice[] {
  return [...state.invoices.values()].filter((invoice) => invoice.clientId === clientId);
}

export function breachOf(state: LedgerState, invoice: Invoice): Breach | null {
  return invoice.breachId === null ? null : (state.breaches.get(invoice.breachId) ?? null);
}

function writeChanges(draft: LedgerState, clientId: string, changes: BillingChanges): void {
  for (const breach of changes.breaches) draft.breaches.set(breach.id, breach);
  for (const invoice of changes.invoices) {
    if (draft.invoices.get(invoice.id)?.status === 'issued') {
      throw new Error(`invoice ${invoice.id} is issued and cannot be edited`);
    }
    draft.invoices.set(invoice.id, invoice);
  }
  const notes = changes.notes.map(({ action, invoiceId }) => ({ actor: 'billing', action, invoiceId }));
  draft.audit = [...draft.audit, ...notes];
  draft.books.set(clientId, { ...booksOf(draft, clientId), dirtyFromMs: null, dueAtMs: changes.dueAtMs });
}

/** Clears the mark of clients that cannot have a breach and returns their number (`BillingLedger.clearUnbillable`). */
export function clearUnbillableIn(draft: LedgerState): number {
  const general = draft.tariffs.flatMap((version) => (version.clientId === null ? [version.tariff] : []));
  if (general.some((tariff) => tariff?.kind === 'licence')) return 0;
  const damages = general.filter((tariff) => tariff?.kind === 'damages');
  const threshold = Math.min(...damages.map((tariff) => tariff.threshold));
  const spanMs = Math.max(0, ...damages.map((tariff) => tariff.windowSeconds * 1000));
  let dropped = 0;
  for (const [clientId, books] of draft.books) {
    if (books.dirtyFromMs === null) continue;
    const fromMs = books.dirtyFromMs - spanMs;
    const since = usageOfClient(draft, clientId).filter((row) => row.bucketMs >= fromMs);
    const cannotBreach =
      since.reduce((sum, row) => sum + row.posts, 0) <= threshold &&
      draft.tariffs.every((version) => version.clientId !== clientId) &&
      [...draft.breaches.values()].every((one) => one.clientId !== clientId || one.stretchToMs < fromMs) &&
      invoicesOf(draft, clientId).every((invoice) => invoice.monthMs === null);
    if (!cannotBreach) continue;
    draft.books.set(clientId, { ...books, dirtyFromMs: null });
    dropped++;
  }
  return dropped;
}
