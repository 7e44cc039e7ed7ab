/** Allocation of money to invoices: what is proposed, what is refused, and which entries it makes. */

import { formatMoney } from '../tariff/money.ts';
import { latestDate } from './date.ts';
import type { BookFault, BookFaultCode } from './fault.ts';
import type { Funds } from './funds.ts';
import type { Entry, Receivable } from './model.ts';

export interface Allocation {
  readonly invoiceId: string;
  /** Positive. */
  readonly amountMinor: bigint;
}

/** An invoice that an allocation names, as the book has it. */
export interface AllocationTarget {
  readonly receivable: Receivable;
  /** Write-offs that are not reversed. An allocation reverses them first. */
  readonly writeOffs: readonly Pick<Entry, 'id' | 'amountMinor'>[];
  /** When the invoice's last entry is effective. */
  readonly lastOn: string;
}

export type NewEntry = Omit<Entry, 'id'>;

/** Allocates what is left to the oldest debts first: by due date, and by id, which follows the order of creation. */
export function proposeAllocation(
  leftMinor: bigint,
  debts: readonly Pick<Receivable, 'invoiceId' | 'dueOn' | 'balanceMinor'>[],
): Allocation[] {
  let rest = leftMinor;
  const allocations: Allocation[] = [];
  for (const { invoiceId, balanceMinor } of [...debts].sort(byDueDate)) {
    const amountMinor = rest < balanceMinor ? rest : balanceMinor;
    if (amountMinor <= 0n) continue;
    allocations.push({ invoiceId, amountMinor });
    rest -= amountMinor;
  }
  return allocations;
}

/**
 * Why the allocations are refused; empty if the book takes them.
 * @param targets by invoice id. Invoices without one have no charge in the book.
 */
export function allocationFaults(
  funds: Funds,
  allocations: readonly Allocation[],
  targets: ReadonlyMap<string, AllocationTarget>,
): BookFault[] {
  const faults = allocations.flatMap(({ invoiceId, amountMinor }, at) => {
    const fault = targetFault(funds, amountMinor, targets.get(invoiceId));
    return fault === null ? [] : [{ ...fault, field: `allocations.${at}.${fault.field}` }];
  });
  const ids = allocations.map(({ invoiceId }) => invoiceId);
  const twice = ids.findIndex((id, at) => ids.indexOf(id) < at);
  if (twice >= 0) {
    faults.push({
      ...{ code: 'invalid_request', field: `allocations.${twice}.invoiceId` },
      ...{ reason: 'names an invoice twice', hint: 'name each invoice once, with the whole amount' },
    });
  }
  const sumMinor = allocations.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
  if (sumMinor > funds.leftMinor) faults.push(exceedsLeft('allocations', 'comes to', sumMinor, funds));
  return faults;
}

/** The fault of taking more than what is left of the funds. */
export function exceedsLeft(field: string, verb: string, amountMinor: bigint, funds: Funds): BookFault {
  const { currency, leftMinor, kind } = funds;
  const left = `${formatMoney(leftMinor, currency)} ${currency}`;
  const name = kind === 'payment' ? 'payment' : 'credit note';
  return {
    ...{ code: 'exceeds_left', field },
    reason: `${verb} ${formatMoney(amountMinor, currency)}, but ${left} is left of the ${name}`,
    hint: leftMinor === 0n ? 'reverse an allocation first' : `use at most ${left}`,
  };
}

function targetFault(
  funds: Funds,
  amountMinor: bigint,
  target: AllocationTarget | undefined,
): BookFault | null {
  const id = (code: BookFaultCode, reason: string, hint: string) => ({
    code,
    field: 'invoiceId',
    reason,
    hint,
  });
  if (target === undefined) {
    return id('not_found', 'is not an issued invoice or supplement', 'see /v1/invoices?status=issued');
  }
  const { receivable, writeOffs } = target;
  const { currency } = receivable;
  if (currency !== funds.currency) {
    return id(
      'other_currency',
      `is in ${currency}, and the money is in ${funds.currency}`,
      `choose an invoice in ${funds.currency}; amounts are never converted`,
    );
  }
  if (receivable.sellerId !== funds.sellerId) {
    const hint = `choose an invoice of ${funds.sellerId}`;
    return id('other_seller', `is of the seller ${receivable.sellerId}, not of ${funds.sellerId}`, hint);
  }
  if (funds.clientId !== null && receivable.clientId !== funds.clientId) {
    return id(
      'other_client',
      `is of the client ${receivable.clientId}, not of ${funds.clientId}`,
      'choose an invoice of the same client, or record the money for the other client',
    );
  }
  const owedMinor = writeOffs.reduce((sum, one) => sum - one.amountMinor, receivable.balanceMinor);
  if (amountMinor <= owedMinor) return null;
  const owed = `${formatMoney(owedMinor, currency)} ${currency}`;
  return {
    ...{ code: 'exceeds_owed', field: 'amount' },
    reason: `is more than the ${owed} that is owed on the invoice`,
    hint: owedMinor === 0n ? 'choose an invoice that is open' : `allocate at most ${owed}`,
  };
}

/**
 * The entries of allocations that `allocationFaults` does not refuse, by invoice id, which is the order of locks. An
 * entry is effective when the money came in, but not before an earlier entry of the invoice or of the money. So the
 * balance of both is within its bounds as at every date.
 * @param fundsOn when the money came in, or its last entry is effective.
 */
export function allocationEntries(
  funds: Funds,
  fundsOn: string,
  allocations: readonly Allocation[],
  targets: ReadonlyMap<string, AllocationTarget>,
  who: Pick<Entry, 'actor' | 'atMs'>,
): NewEntry[] {
  const inOrder = [...allocations].sort((a, b) => (a.invoiceId < b.invoiceId ? -1 : 1));
  return inOrder.flatMap(({ invoiceId, amountMinor }) => {
    const { writeOffs, lastOn } = targets.get(invoiceId)!;
    const common = { invoiceId, effectiveOn: latestDate(fundsOn, lastOn), ...who };
    const none = { paymentId: null, creditNoteId: null, reversesId: null, reason: null };
    const reversals = writeOffs.map(
      (one): NewEntry => ({
        ...{ ...common, ...none, kind: 'reversal', amountMinor: -one.amountMinor, reversesId: one.id },
        reason: 'money was allocated to the invoice',
      }),
    );
    const drawn: NewEntry =
      funds.kind === 'payment'
        ? { ...common, ...none, kind: 'payment', amountMinor: -amountMinor, paymentId: funds.id }
        : { ...common, ...none, kind: 'credit', amountMinor: -amountMinor, creditNoteId: funds.id };
    return [...reversals, drawn];
  });
}

function byDueDate(
  a: Pick<Receivable, 'invoiceId' | 'dueOn'>,
  b: Pick<Receivable, 'invoiceId' | 'dueOn'>,
): number {
  if (a.dueOn !== b.dueOn) return a.dueOn < b.dueOn ? -1 : 1;
  return a.invoiceId < b.invoiceId ? -1 : 1;
}
