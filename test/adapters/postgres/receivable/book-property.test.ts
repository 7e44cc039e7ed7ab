import { eq } from 'drizzle-orm';
import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LedgerDb } from '../../../../src/adapters/postgres/connection/db.ts';
import { postgresPayments } from '../../../../src/adapters/postgres/receivable/books.ts';
import { receivableOf } from '../../../../src/adapters/postgres/receivable/rows.ts';
import { entries, receivables } from '../../../../src/adapters/postgres/receivable/tables.ts';
import { writeEntries } from '../../../../src/adapters/postgres/receivable/write.ts';
import { auditDifferences } from '../../../../src/adapters/postgres/verification/audit.ts';
import { bookDifferences } from '../../../../src/adapters/postgres/verification/book.ts';
import { withVerifiableLedger } from '../../../../src/adapters/postgres/verification/verification.ts';
import type { FundsId, PaymentBooks } from '../../../../src/admin/payments/port.ts';
import { standingOf } from '../../../../src/receivable/label.ts';
import { draws } from '../../../support/draws.ts';
import { type EmptyLedger, emptyLedger, LEDGER_KINDS } from '../empty-ledger.ts';
import { violations } from './invariants.ts';
import { addClients, issued } from './issued.ts';
import { PlainLedger } from './plain-ledger.ts';

const WHO = { actor: 'Ada', atMs: Date.UTC(2026, 3, 20) };
const TODAY = '2026-04-20';

/** An amount is a few cents, so that balances are often met exactly and often exceeded. */
const amount = fc.bigInt(1n, 9n);
const pick = fc.nat(7);
const day = fc.integer({ min: 1, max: 30 }).map((date) => `2026-03-${String(date).padStart(2, '0')}`);
const currency = fc.constantFrom('USD', 'USD', 'USD', 'EUR');
const step = fc.oneof(
  fc.record({ do: fc.constant('issue' as const), amount, currency, on: day }),
  fc.record({ do: fc.constant('pay' as const), amount, currency, on: day, isKnown: fc.boolean() }),
  fc.record({
    do: fc.constant('allocate' as const),
    from: pick,
    to: fc.array(fc.tuple(pick, amount), { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ do: fc.constant('reverse' as const), entry: pick, on: day }),
  fc.record({ do: fc.constant('refund' as const), from: pick, amount, on: day }),
  fc.record({ do: fc.constant('credit' as const), to: pick, amount, on: day }),
  fc.record({ do: fc.constant('write off' as const), to: pick }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** The steps of one client over the book and the plain ledger at once. */
class Both {
  readonly plain = new PlainLedger();
  readonly #db: LedgerDb;
  readonly #books: PaymentBooks;
  readonly #client: string;

  constructor(db: LedgerDb, client: string) {
    this.#db = db;
    this.#books = postgresPayments(db);
    this.#client = client;
  }

  /** Returns whether the book and the plain ledger agree that the step is possible. Compared after each step. */
  async take(taken: Step): Promise<void> {
    const { plain } = this;
    const invoices = [...plain.invoices.keys()];
    const funds = [...plain.funds.keys()];
    const at = <T>(list: readonly T[], index: number): T | undefined =>
      list[index % Math.max(1, list.length)];
    switch (taken.do) {
      case 'issue': {
        const id = await issued(this.#db, taken.amount, { clientId: this.#client, ...taken });
        plain.invoices.set(id, { id, client: this.#client, ...taken });
        return;
      }
      case 'pay': {
        const id = uuidv7();
        const client = taken.isKnown ? this.#client : null;
        await this.#books.record(
          {
            ...{ id, sellerId: 'default', clientId: client, receivedOn: taken.on, currency: taken.currency },
            ...{ amountMinor: taken.amount, payer: null, reference: null, method: null, source: 'hand' },
            ...{ externalId: null, note: null },
          },
          [],
          WHO,
        );
        plain.funds.set(id, { id, client, kind: 'payment', ...taken });
        return;
      }
      case 'allocate': {
        const from = at(funds, taken.from);
        const wanted = new Map(taken.to.map(([to, part]) => [at(invoices, to), part]));
        if (from === undefined || invoices.length === 0) return;
        await this.#allocate(from, wanted as Map<string, bigint>);
        return;
      }
      case 'reverse': {
        const entryId = at(
          [...plain.postings.keys()].filter((id) => id > 0),
          taken.entry,
        );
        if (entryId === undefined) return;
        const posting = plain.postings.get(entryId)!;
        const result = await this.#books.reverse({ entryId, on: taken.on, reason: 'x' }, WHO);
        expect(result.kind).toBe(posting.isReversed ? 'refused' : 'written');
        posting.isReversed = true;
        return;
      }
      case 'refund': {
        const from = at(funds, taken.from);
        if (from === undefined) return;
        const id = this.#idOf(from);
        const result = await this.#books.refund(
          {
            ...{ id: uuidv7(), amountMinor: taken.amount, paidOn: taken.on, reason: 'x' },
            paymentId: id.kind === 'payment' ? from : null,
            creditNoteId: id.kind === 'credit_note' ? from : null,
          },
          WHO,
        );
        const isPossible = taken.amount <= plain.left(from);
        expect(result.kind).toBe(isPossible ? 'written' : 'refused');
        if (isPossible) {
          const posting = { invoice: null, funds: from, kind: 'refund', amount: taken.amount } as const;
          plain.post(-plain.postings.size - 1, posting);
        }
        return;
      }
      case 'credit': {
        const to = at(invoices, taken.to);
        if (to === undefined) return;
        const { currency: its } = plain.invoices.get(to)!;
        const facts = { clientId: this.#client, currency: its, on: '2026-04-19' };
        const id = await issued(this.#db, -taken.amount, facts, to);
        plain.funds.set(id, {
          id,
          client: this.#client,
          currency: its,
          kind: 'credit',
          amount: taken.amount,
        });
        const balance = plain.balance(to);
        const credited = balance < taken.amount ? balance : taken.amount;
        if (credited === 0n) return;
        const [entry] = await this.#db.select().from(entries).where(eq(entries.creditNoteId, id));
        plain.post(entry!.id, { invoice: to, funds: id, kind: 'credit', amount: credited });
        return;
      }
      case 'write off': {
        const to = at(invoices, taken.to);
        const rest = to === undefined ? 0n : plain.balance(to);
        if (rest === 0n) return;
        const none = { paymentId: null, creditNoteId: null, reversesId: null, reason: 'x' };
        const [entry] = await writeEntries(this.#db, [
          {
            invoiceId: to!,
            kind: 'write_off',
            amountMinor: -rest,
            effectiveOn: '2026-04-19',
            ...none,
            ...WHO,
          },
        ]);
        plain.post(entry!.id, { invoice: to!, funds: null, kind: 'write_off', amount: rest });
      }
    }
  }

  async #allocate(from: string, wanted: ReadonlyMap<string, bigint>): Promise<void> {
    const { plain } = this;
    const allocations = [...wanted].map(([invoiceId, amountMinor]) => ({ invoiceId, amountMinor }));
    const total = allocations.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
    const isPossible =
      total <= plain.left(from) && [...wanted].every(([to, part]) => plain.mayAllocate(from, to, part));
    const result = await this.#books.allocate(this.#idOf(from), allocations, WHO);
    expect(result.kind).toBe(isPossible ? 'written' : 'refused');
    if (result.kind !== 'written') return;
    for (const { id, kind, invoiceId, amountMinor, reversesId } of result.value) {
      if (reversesId !== null) plain.postings.get(reversesId)!.isReversed = true;
      else plain.post(id, { invoice: invoiceId, funds: from, kind: kind as 'payment', amount: -amountMinor });
    }
  }

  #idOf(id: string): FundsId {
    return { kind: this.plain.funds.get(id)!.kind === 'payment' ? 'payment' : 'credit_note', id };
  }

  /** Every balance, label and rest is the same in both. */
  async compare(): Promise<void> {
    for (const id of this.plain.invoices.keys()) {
      const [row] = await this.#db.select().from(receivables).where(eq(receivables.invoiceId, id));
      const receivable = receivableOf(row!);
      const { label } = standingOf(receivable, TODAY);
      const isLate = receivable.dueOn < TODAY;
      expect([receivable.balanceMinor, label]).toEqual([
        this.plain.balance(id),
        this.plain.label(id, isLate),
      ]);
    }
    for (const { id, kind } of this.plain.funds.values()) {
      if (kind === 'payment') expect((await this.#books.payment(id))?.leftMinor).toBe(this.plain.left(id));
    }
  }
}

/** What `postmeter verify` finds in the book. */
function findings(db: LedgerDb) {
  return withVerifiableLedger(db, async (_, tx) => {
    const audited = (await auditDifferences(tx)).filter(({ subject }) =>
      /^(payments|refunds|entries)/.test(subject),
    );
    return [...audited, ...(await bookDifferences(tx))];
  });
}

describe.each(LEDGER_KINDS)('M1: the book after any steps on %s', (kind) => {
  let empty: EmptyLedger;
  beforeAll(async () => {
    empty = await emptyLedger(kind, `book-property-${kind}`);
  });
  afterAll(() => empty.drop());

  it('has the balances and labels of a plain ledger, and all invariants hold', async () => {
    let clients = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 12, maxLength: 30 }), async (steps) => {
        const client = `client-${++clients}`;
        await addClients(empty.ledger.db, client);
        const both = new Both(empty.ledger.db, client);
        for (const taken of steps) await both.take(taken);
        await both.compare();
        expect(await violations(empty.ledger.db)).toEqual([]);
        expect(await findings(empty.ledger.db)).toEqual([]);
      }),
      { numRuns: draws(12) },
    );
  });
});
