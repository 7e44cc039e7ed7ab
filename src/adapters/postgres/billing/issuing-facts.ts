/** Reads what the documents of invoices are made from besides the invoices: sellers, buyers, and what they correct. */

import { and, eq, inArray, isNull, or } from 'drizzle-orm';
import type { IssuingFacts, IssuingSeller } from '../../../invoice/issuing/facts.ts';
import { deductedBy, isInMatterOf } from '../../../invoice/matter.ts';
import type { Invoice } from '../../../invoice/model.ts';
import { DEFAULT_SELLER, type NumberSeries } from '../../../seller/model.ts';
import { X_CLAUSES } from '../../../seller/x-clauses.ts';
import type { LedgerDb } from '../connection/db.ts';
import { clients, invoices } from '../schema.ts';
import { bankAccounts, clauses, coDebtors, numberSeries, sellers, taxRules } from '../seller/tables.ts';

/**
 * Returns the facts in the order of `drafts`. `isLocked`: the number series cannot change until the transaction ends.
 * Settings are few, so they are read whole.
 */
export async function issuingFacts(
  tx: LedgerDb,
  drafts: readonly Invoice[],
  isLocked: boolean,
): Promise<IssuingFacts[]> {
  const clientIds = [...new Set(drafts.map(({ clientId }) => clientId))];
  const series = tx.select().from(numberSeries);
  const inUse = and(eq(bankAccounts.isDefault, true), isNull(bankAccounts.archivedAt));
  // The statements of a connection are pipelined.
  const [sellerRows, bankRows, seriesRows, ruleRows, clauseRows, buyers, parties, issued] = await Promise.all(
    [
      tx.select().from(sellers),
      tx.select().from(bankAccounts).where(inUse),
      isLocked ? series.for('share') : series,
      tx.select().from(taxRules),
      tx.select().from(clauses),
      tx.select().from(clients).where(inArray(clients.id, clientIds)),
      tx.select().from(coDebtors).where(inArray(coDebtors.clientId, clientIds)),
      issuedInMatters(tx, drafts),
    ],
  );
  const banks = bankRows.map(({ archivedAt, ...bank }) => ({ ...bank, archivedAtMs: msOf(archivedAt) }));
  const taxes = ruleRows.map(({ validFrom, ...rule }) => ({ ...rule, validFromMs: validFrom.getTime() }));
  const numbered = seriesRows.map(seriesOf);
  const own = clauseRows.map(({ validFrom, ...rest }) => ({ ...rest, validFromMs: validFrom.getTime() }));
  const terms = [...X_CLAUSES, ...own];
  return drafts.map((draft) => {
    const buyer = buyers.find(({ id }) => id === draft.clientId)!;
    const matter = draft.correctsId === null ? [] : issued.filter((one) => isInMatterOf(one, draft));
    const corrected = matter.find(({ id }) => id === draft.correctsId) ?? null;
    const sellerId = corrected?.sellerId ?? buyer.sellerId ?? DEFAULT_SELLER;
    const ofSeller = (row: { readonly sellerId: string }) => row.sellerId === sellerId;
    const seller = sellerRows.find(({ id }) => id === sellerId);
    return {
      ...{ buyer, corrected, clauses: terms, seller: seller === undefined ? null : issuingSellerOf(seller) },
      ...{
        banks: banks.filter(ofSeller),
        series: numbered.filter(ofSeller),
        taxRules: taxes.filter(ofSeller),
      },
      coDebtors: parties.filter(({ clientId }) => clientId === draft.clientId).map(coDebtorOf),
      issuedNetMinor: matter.reduce((sum, { amountMinor }) => sum + amountMinor, 0n),
    };
  });
}

/** The issued invoices that may be in the matters of the corrections among the drafts. */
async function issuedInMatters(tx: LedgerDb, drafts: readonly Invoice[]) {
  const corrections = drafts.filter(({ correctsId }) => correctsId !== null);
  if (corrections.length === 0) return [];
  const breachIds = corrections.flatMap(({ breachId }) => breachId ?? []);
  const months = corrections.flatMap(({ monthMs }) => (monthMs === null ? [] : new Date(monthMs)));
  const deducted = corrections.flatMap(deductedBy);
  const clientIds = corrections.map(({ clientId }) => clientId);
  const { id, number, kind, series, sellerId, issuedAt, document, amountMinor } = invoices;
  const { clientId, currency, breachId, monthAt } = invoices;
  const rows = await tx
    .select({
      ...{ id, number, kind, series, sellerId, issuedAt, document, amountMinor },
      ...{ clientId, currency, breachId, monthAt },
    })
    .from(invoices)
    .where(
      and(
        eq(invoices.status, 'issued'),
        inArray(clientId, clientIds),
        or(inArray(breachId, breachIds), inArray(monthAt, months), inArray(id, deducted)),
      ),
    );
  return rows.map((row) => ({ ...row, issuedAtMs: msOf(row.issuedAt), monthMs: msOf(row.monthAt) }));
}

function issuingSellerOf({ logo, archivedAt, ...row }: typeof sellers.$inferSelect): IssuingSeller {
  return { ...row, logoHash: logo, archivedAtMs: msOf(archivedAt) };
}

function seriesOf({ archivedAt, kinds, ...row }: typeof numberSeries.$inferSelect): NumberSeries {
  return { ...row, kinds: kinds as NumberSeries['kinds'], archivedAtMs: msOf(archivedAt) };
}

function coDebtorOf({ id, clientId, ground, fromAt, toAt, ...party }: typeof coDebtors.$inferSelect) {
  return { id, clientId, ground, party, fromMs: fromAt.getTime(), toMs: msOf(toAt) };
}

function msOf(at: Date | null): number | null {
  return at?.getTime() ?? null;
}
