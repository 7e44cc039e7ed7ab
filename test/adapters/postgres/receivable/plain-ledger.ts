/** A plain ledger in memory: a list of postings, from which every figure is a sum. The tests compare the book with it. */

interface Account {
  readonly id: string;
  readonly client: string | null;
  readonly currency: string;
  readonly amount: bigint;
}

interface Posting {
  readonly invoice: string | null;
  /** The payment or credit note that it draws on. */
  readonly funds: string | null;
  readonly kind: 'payment' | 'credit' | 'write_off' | 'refund';
  readonly amount: bigint;
  isReversed: boolean;
}

export class PlainLedger {
  readonly invoices = new Map<string, Account>();
  readonly funds = new Map<string, Account & { readonly kind: 'payment' | 'credit' }>();
  /** By entry id; refunds have negative keys. */
  readonly postings = new Map<number, Posting>();

  #sum(which: (posting: Posting) => boolean): bigint {
    return [...this.postings.values()]
      .filter((posting) => !posting.isReversed && which(posting))
      .reduce((sum, { amount }) => sum + amount, 0n);
  }

  balance(invoice: string): bigint {
    return this.invoices.get(invoice)!.amount - this.#sum((posting) => posting.invoice === invoice);
  }

  left(funds: string): bigint {
    return this.funds.get(funds)!.amount - this.#sum((posting) => posting.funds === funds);
  }

  mayAllocate(fundsId: string, invoiceId: string, amount: bigint): boolean {
    const [funds, invoice] = [this.funds.get(fundsId)!, this.invoices.get(invoiceId)!];
    const writtenOff = this.#sum(({ invoice: of, kind }) => of === invoiceId && kind === 'write_off');
    return (
      funds.currency === invoice.currency &&
      (funds.client === null || funds.client === invoice.client) &&
      amount <= this.left(fundsId) &&
      amount <= this.balance(invoiceId) + writtenOff
    );
  }

  post(id: number, posting: Omit<Posting, 'isReversed'>): void {
    this.postings.set(id, { ...posting, isReversed: false });
  }

  /** Everything that lowered the debt, with the words of the screen. @param today days since the due date count. */
  label(invoice: string, isLate: boolean): string {
    const has = (kind: Posting['kind']) =>
      this.#sum((one) => one.invoice === invoice && one.kind === kind) > 0n;
    const balance = this.balance(invoice);
    if (balance === 0n) return has('write_off') ? 'uncollectible' : has('payment') ? 'paid' : 'credited';
    if (isLate) return 'overdue';
    return balance === this.invoices.get(invoice)!.amount ? 'open' : 'part_paid';
  }
}
