/** The statement of account of a client in one currency: what raised and lowered its balance, in order of date. */

/** A positive amount is owed by the client, and a negative amount is in its favour. */
export const MOVEMENT_KINDS = [
  'invoice',
  'supplement',
  'credit_note',
  'payment',
  'payment_reversal',
  'refund',
  'write_off',
  'write_off_reversal',
] as const;
export type MovementKind = (typeof MOVEMENT_KINDS)[number];

export interface Movement {
  readonly kind: MovementKind;
  /** UTC date. */
  readonly on: string;
  /** Orders the movements of one date. */
  readonly atMs: number;
  /** Of the invoice, credit note, payment, or refund; of a write-off, that of its invoice. */
  readonly id: string;
  /** Display number of the document concerned; null for a payment or a refund. */
  readonly number: string | null;
  /** The payment's reference or payer, or the reason of a refund or write-off. */
  readonly text: string | null;
  /** Due date of an invoice or supplement. */
  readonly dueOn: string | null;
  readonly amountMinor: bigint;
}

export interface StatementRow extends Movement {
  /** Of the account after this movement. */
  readonly balanceMinor: bigint;
}

/** Opening balance and movements come to the closing balance. */
export interface AccountStatement {
  readonly openingMinor: bigint;
  readonly rows: readonly StatementRow[];
  readonly closingMinor: bigint;
}

/** What a client owes in one currency. `balanceMinor` is negative if the client has more money with us than debts. */
export interface AccountBalance {
  readonly currency: string;
  readonly openMinor: bigint;
  /** What is left of payments and of credit notes. */
  readonly unallocatedMinor: bigint;
  readonly balanceMinor: bigint;
}

/** The name of a kind of movement in English. */
export function movementName(kind: MovementKind): string {
  return MOVEMENT_NAMES[kind];
}

const MOVEMENT_NAMES: Readonly<Record<MovementKind, string>> = {
  invoice: 'Invoice',
  supplement: 'Supplement',
  credit_note: 'Credit note',
  payment: 'Payment',
  payment_reversal: 'Payment reversed',
  refund: 'Refund',
  write_off: 'Write-off',
  write_off_reversal: 'Write-off reversed',
};

/**
 * States the account from the start of `from` to the end of `to`, both UTC dates. `movements` are all of the client's
 * in one currency, in any order: those before `from` come to the opening balance, and those after `to` do not count.
 */
export function statementOf(movements: readonly Movement[], from: string, to: string): AccountStatement {
  const inOrder = movements.filter(({ on }) => on <= to).sort(byDate);
  let balanceMinor = 0n;
  let openingMinor = 0n;
  const rows: StatementRow[] = [];
  for (const movement of inOrder) {
    balanceMinor += movement.amountMinor;
    if (movement.on < from) openingMinor = balanceMinor;
    else rows.push({ ...movement, balanceMinor });
  }
  return { openingMinor, rows, closingMinor: balanceMinor };
}

export function accountBalance(
  currency: string,
  openMinor: bigint,
  unallocatedMinor: bigint,
): AccountBalance {
  return { currency, openMinor, unallocatedMinor, balanceMinor: openMinor - unallocatedMinor };
}

function byDate(a: Movement, b: Movement): number {
  if (a.on !== b.on) return a.on < b.on ? -1 : 1;
  return a.atMs - b.atMs || MOVEMENT_KINDS.indexOf(a.kind) - MOVEMENT_KINDS.indexOf(b.kind);
}
