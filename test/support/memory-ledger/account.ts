/** One client's billing state in the memory ledger, as billing reads and changes it. */

import type { Breach, Invoice } from '../../../src/invoice/model.ts';
import type { BillingAccount, BillingChanges } from '../../../src/invoice/port.ts';
import { countsUnique } from '../../../src/tariff/counted.ts';
import { canBeSkipped } from '../../../src/tariff/skip.ts';
import { timelineOf } from '../../../src/tariff/timeline.ts';
import { servedAt } from './served.ts';
import { booksOf, type LedgerState, usageOfClient } from './state.ts';

/** `write` changes the draft. */
export function accountIn(draft: LedgerState, clientId: string, bucketSeconds: number): BillingAccount {
  const breaches = breachesOf(draft, clientId);
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
  const defaults = draft.tariffs.filter(({ clientId }) => clientId === null).map(({ tariff }) => tariff);
  let cleared = 0;
  for (const [clientId, books] of draft.books) {
    if (books.dirtyFromMs === null) continue;
    const client = {
      dirtyFromMs: books.dirtyFromMs,
      hasOwnTariff: draft.tariffs.some((version) => version.clientId === clientId),
      hasLicenceInvoice: invoicesOf(draft, clientId).some(({ monthMs }) => monthMs !== null),
      breachEndsMs: breachesOf(draft, clientId).map(({ stretchToMs }) => stretchToMs),
      posts: usageOfClient(draft, clientId),
    };
    if (!canBeSkipped(client, defaults)) continue;
    draft.books.set(clientId, { ...books, dirtyFromMs: null });
    cleared++;
  }
  return cleared;
}

function breachesOf(state: LedgerState, clientId: string): Breach[] {
  return [...state.breaches.values()].filter((breach) => breach.clientId === clientId);
}
