/** What the book gets when an invoice is issued: the charge of an invoice, or what a credit note pays off. */

/** An entry to write; its moment and its author are those of the issue. */
export interface EntryAtIssue {
  readonly invoiceId: string;
  readonly kind: 'charge' | 'credit';
  readonly amountMinor: bigint;
  readonly creditNoteId: string | null;
}

interface IssuedMatter {
  readonly id: string;
  readonly kind: 'invoice' | 'supplement' | 'credit_note';
  readonly correctsId: string | null;
  /** Net amount and tax; negative on a credit note. */
  readonly payableMinor: bigint;
}

/** What is owed on an invoice of the same breach or month. */
export interface OpenBalance {
  readonly invoiceId: string;
  readonly balanceMinor: bigint;
}

/**
 * A charge of the payable amount. A credit note has credits instead: first on the invoice that it corrects, then on
 * the others in the order of `open`. What is left of it is the balance of the client.
 */
export function entriesAtIssue(issued: IssuedMatter, open: readonly OpenBalance[]): EntryAtIssue[] {
  const { id, kind, correctsId, payableMinor } = issued;
  if (kind !== 'credit_note') {
    return [{ invoiceId: id, kind: 'charge', amountMinor: payableMinor, creditNoteId: null }];
  }
  const isFirst = ({ invoiceId }: OpenBalance) => invoiceId === correctsId;
  const inOrder = [...open.filter(isFirst), ...open.filter((one) => !isFirst(one))];
  let restMinor = -payableMinor;
  const credits: EntryAtIssue[] = [];
  for (const { invoiceId, balanceMinor } of inOrder) {
    const creditMinor = restMinor < balanceMinor ? restMinor : balanceMinor;
    if (creditMinor <= 0n) continue;
    restMinor -= creditMinor;
    credits.push({ invoiceId, kind: 'credit', amountMinor: -creditMinor, creditNoteId: id });
  }
  return credits;
}
