/**
 * Plans the drafts of one breach or month: the amount due minus the amount issued. An issued invoice is never
 * edited: a supplement charges what is missing, and a credit note returns what was overcharged. If the difference
 * is zero, no draft is made.
 */

import { UNDOCUMENTED } from './document.ts';
import { byIssue } from './issued-order.ts';
import { offsetLine } from './lines.ts';
import type { Invoice, InvoiceKind, InvoiceLine } from './model.ts';
import type { BillingNote } from './port.ts';

/** What an invoice charges for. */
export interface DraftSubject {
  readonly clientId: string;
  readonly breachId: string | null;
  readonly monthMs: number | null;
}

/** The amount owed in one currency, including what is already charged. */
export interface Due {
  readonly currency: string;
  readonly lines: readonly InvoiceLine[];
}

export interface Drafts {
  readonly invoices: readonly Invoice[];
  readonly notes: readonly BillingNote[];
}

interface PlannedInvoice extends DraftSubject {
  readonly kind: InvoiceKind;
  readonly correctsId: string | null;
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly lines: readonly InvoiceLine[];
}

/**
 * Returns new and changed drafts. `invoices` must hold all of the subject's that are not void. Idempotent. Manual
 * corrections are left out of the account, so that billing does not charge back what a person gave.
 */
export function planDrafts(
  subject: DraftSubject,
  dues: readonly Due[],
  all: readonly Invoice[],
  newId: () => string,
  nowMs: number,
): Drafts {
  const invoices = all.filter(({ origin }) => origin === 'billing');
  const changed: Invoice[] = [];
  const notes: BillingNote[] = [];
  const currencies = new Set([...dues, ...invoices].map(({ currency }) => currency));
  for (const currency of [...currencies].sort()) {
    const inCurrency = invoices.filter((invoice) => invoice.currency === currency).sort(byAge);
    const lines = dues.filter((due) => due.currency === currency).flatMap((due) => due.lines);
    const issued = inCurrency.filter((invoice) => invoice.status === 'issued');
    const drafts = inCurrency.filter(({ status }) => status === 'draft' || status === 'approved');
    const rejected = inCurrency.filter((invoice) => invoice.status === 'rejected');
    const owed = wantedDraft(subject, currency, lines, issued);
    const isRejected = owed !== null && rejected.some((invoice) => isSame(invoice, owed));
    const wanted = isRejected ? null : owed;
    const kept = wanted === null ? undefined : drafts.shift();
    for (const draft of drafts) {
      changed.push({ ...draft, status: 'void', updatedAtMs: nowMs });
      notes.push({
        action: 'invoice.voided',
        invoiceId: draft.id,
        reason: isRejected ? 'the same invoice was rejected before' : 'recomputing left nothing to charge',
      });
    }
    if (wanted === null || (kept !== undefined && isSame(kept, wanted))) continue;
    changed.push(draftOf(wanted, kept, newId, nowMs));
    if (kept?.status === 'approved') {
      const reason = `it changed after its approval by ${kept.approvedBy}: usage arrived late or a tariff was corrected`;
      notes.push({ action: 'invoice.approval_dropped', invoiceId: kept.id, reason });
    }
  }
  return { invoices: changed, notes };
}

function wantedDraft(
  subject: DraftSubject,
  currency: string,
  dueLines: readonly InvoiceLine[],
  issued: readonly Invoice[],
): PlannedInvoice | null {
  const lines = [...dueLines, ...issued.map(offsetLine)];
  const amountMinor = lines.reduce((sum, line) => sum + line.amountMinor, 0n);
  if (amountMinor === 0n) return null;
  const corrected = issued.findLast((invoice) => invoice.kind !== 'credit_note');
  const correction: InvoiceKind = amountMinor > 0n ? 'supplement' : 'credit_note';
  const kind = corrected === undefined ? 'invoice' : correction;
  return { ...subject, kind, correctsId: corrected?.id ?? null, currency, amountMinor, lines };
}

/** A changed draft loses its approval, because the approved amount would no longer be the issued one. */
function draftOf(
  wanted: PlannedInvoice,
  kept: Invoice | undefined,
  newId: () => string,
  nowMs: number,
): Invoice {
  return {
    ...wanted,
    id: kept?.id ?? newId(),
    number: null,
    status: 'draft',
    billTo: null,
    approvedBy: null,
    approvedAtMs: null,
    issuedAtMs: null,
    rejection: null,
    createdAtMs: kept?.createdAtMs ?? nowMs,
    updatedAtMs: nowMs,
    ...UNDOCUMENTED,
  };
}

function isSame(draft: Invoice, wanted: PlannedInvoice): boolean {
  return (
    draft.breachId === wanted.breachId &&
    draft.kind === wanted.kind &&
    draft.correctsId === wanted.correctsId &&
    draft.amountMinor === wanted.amountMinor &&
    draft.lines.length === wanted.lines.length &&
    draft.lines.every((line, index) => isSameLine(line, wanted.lines[index]!))
  );
}

function isSameLine(a: InvoiceLine, b: InvoiceLine): boolean {
  const fields = Object.keys(b) as (keyof InvoiceLine)[];
  return fields.every((field) => a[field] === b[field]);
}

/** Sorts issued invoices in the order of issue, then the others by age. */
function byAge(a: Invoice, b: Invoice): number {
  if (a.number !== null && b.number !== null) return byIssue(a, b);
  if (a.number !== null || b.number !== null) return a.number === null ? 1 : -1;
  return a.createdAtMs - b.createdAtMs || (a.id < b.id ? -1 : 1);
}
