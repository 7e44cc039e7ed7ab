import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postgresPayments } from '../../../../src/adapters/postgres/receivable/books.ts';
import type { NewPayment, PaymentBooks } from '../../../../src/admin/payments/port.ts';
import { statementOf } from '../../../../src/receivable/statement.ts';
import { type EmptyLedger, emptyLedger, LEDGER_KINDS } from '../empty-ledger.ts';
import { addClients, addSeller, issued } from './issued.ts';

const WHO = { actor: 'Ada', atMs: Date.UTC(2026, 3, 2, 12) };

const paid = (amountMinor: bigint, over: Partial<NewPayment> = {}): NewPayment => ({
  ...{ id: uuidv7(), sellerId: 'default', clientId: 'globex', receivedOn: '2026-04-02', amountMinor },
  ...{ currency: 'USD', payer: 'Globex BV', reference: null, method: null, source: 'hand' },
  ...{ externalId: null, note: null, ...over },
});

describe.each(LEDGER_KINDS)('the book of receivables on %s', (kind) => {
  let empty: EmptyLedger;
  let books: PaymentBooks;
  beforeAll(async () => {
    empty = await emptyLedger(kind, `book-${kind}`);
    books = postgresPayments(empty.ledger.db);
    await addClients(empty.ledger.db, 'globex', 'initech');
    await addSeller(empty.ledger.db, 'other');
  });
  afterAll(() => empty.drop());

  const receivable = async (invoiceId: string) => {
    const facts = (await books.debts({ sellerId: 'default' })).find((debt) => debt.invoiceId === invoiceId);
    return facts?.receivable ?? null;
  };
  const recorded = async (payment: NewPayment) => {
    expect(await books.record(payment, [], WHO)).toEqual({ kind: 'recorded', id: payment.id });
    return payment.id;
  };

  it('allocates a payment over several invoices, and shows what is left', async () => {
    const [first, second] = [await issued(empty.ledger.db, 100n), await issued(empty.ledger.db, 50n)];
    const id = await recorded(paid(180n));
    const allocations = [
      { invoiceId: second, amountMinor: 20n },
      { invoiceId: first, amountMinor: 100n },
    ];
    const result = await books.allocate({ kind: 'payment', id }, allocations, WHO);
    expect(result).toMatchObject({
      kind: 'written',
      value: [
        { invoiceId: first, kind: 'payment', amountMinor: -100n, effectiveOn: '2026-04-02', paymentId: id },
        { invoiceId: second, amountMinor: -20n },
      ],
    });
    expect(await receivable(first)).toBeNull();
    expect(await receivable(second)).toMatchObject({ balanceMinor: 30n, paidMinor: 20n });
    expect(await books.payment(id)).toMatchObject({
      ...{ allocatedMinor: 120n, refundedMinor: 0n, leftMinor: 60n },
      entries: [
        { invoiceId: first, clientId: 'globex', reversedById: null },
        { invoiceId: second, reversedById: null },
      ],
    });
    expect((await books.entries(first))?.map((entry) => entry.kind)).toEqual(['charge', 'payment']);
    expect((await books.payments({ hasLeft: true }, { limit: 10, after: null })).items).toMatchObject([
      { id, leftMinor: 60n },
    ]);
  });

  it('records a payment with a source and external id once', async () => {
    const payment = paid(10n, { source: 'bank', externalId: 'tx 1' });
    await recorded(payment);
    expect(await books.record({ ...payment, id: uuidv7() }, [], WHO)).toEqual({
      kind: 'repeated',
      id: payment.id,
    });
    expect(await books.record({ ...payment, id: uuidv7(), amountMinor: 11n }, [], WHO)).toEqual({
      kind: 'differs',
      id: payment.id,
    });
    const parallel = paid(10n, { source: 'bank', externalId: 'tx 2' });
    const results = await Promise.all(
      [1, 2, 3, 4].map(() => books.record({ ...parallel, id: uuidv7() }, [], WHO)),
    );
    expect(results.map((result) => result.kind).sort()).toEqual([
      'recorded',
      'repeated',
      'repeated',
      'repeated',
    ]);
    expect(await books.recorded('bank', ['tx 1', 'tx 3'])).toEqual(new Map([['tx 1', payment.id]]));
  });

  it('refuses what the book does not allow, and changes nothing', async () => {
    const { db } = empty.ledger;
    const owed = await issued(db, 100n);
    const euros = await issued(db, 100n, { currency: 'EUR' });
    const ofOther = await issued(db, 100n, { sellerId: 'other' });
    const ofInitech = await issued(db, 100n, { clientId: 'initech' });
    const unknown = uuidv7();
    const id = await recorded(paid(150n));
    const refusal = async (...allocations: (readonly [string, bigint])[]) => {
      const asked = allocations.map(([invoiceId, amountMinor]) => ({ invoiceId, amountMinor }));
      const result = await books.allocate({ kind: 'payment', id }, asked, WHO);
      return result.kind === 'refused' ? result.faults.map(({ field, code }) => [field, code]) : [];
    };
    expect(await refusal([euros, 1n])).toEqual([['allocations.0.invoiceId', 'other_currency']]);
    expect(await refusal([ofOther, 1n])).toEqual([['allocations.0.invoiceId', 'other_seller']]);
    expect(await refusal([ofInitech, 1n])).toEqual([['allocations.0.invoiceId', 'other_client']]);
    expect(await refusal([unknown, 1n])).toEqual([['allocations.0.invoiceId', 'not_found']]);
    expect(await refusal([owed, 101n])).toEqual([['allocations.0.amount', 'exceeds_owed']]);
    expect(await refusal([owed, 100n], [owed, 51n])).toEqual([
      ['allocations.1.invoiceId', 'invalid_request'],
      ['allocations', 'exceeds_left'],
    ]);
    expect(await books.allocate({ kind: 'payment', id: unknown }, [], WHO)).toMatchObject({
      faults: [{ field: 'paymentId', code: 'not_found' }],
    });
    const lost = paid(10n, { sellerId: 'nobody', clientId: 'nobody' });
    expect(await books.record(lost, [], WHO)).toMatchObject({
      faults: [{ field: 'sellerId' }, { field: 'clientId' }],
    });
    const withBadAllocation = paid(10n);
    expect(await books.record(withBadAllocation, [{ invoiceId: owed, amountMinor: 11n }], WHO)).toMatchObject(
      {
        faults: [
          {
            field: 'allocations',
            reason: 'comes to 0.11, but 0.10 USD is left of the payment',
            hint: 'use at most 0.10 USD',
          },
        ],
      },
    );
    expect(await books.payment(withBadAllocation.id)).toBeNull();
    expect(await books.payment(id)).toMatchObject({ leftMinor: 150n });
    expect(await receivable(owed)).toMatchObject({ balanceMinor: 100n });
  });

  it('reverses an entry once, and never a charge or a reversal', async () => {
    const invoiceId = await issued(empty.ledger.db, 100n);
    const id = await recorded(paid(60n));
    const result = await books.allocate({ kind: 'payment', id }, [{ invoiceId, amountMinor: 60n }], WHO);
    const entryId = result.kind === 'written' ? result.value[0]!.id : 0;
    const reversal = { entryId, on: '2026-03-20', reason: 'charged back' };
    // Not effective before the payment.
    const reversed = { kind: 'reversal', amountMinor: 60n, effectiveOn: '2026-04-02', paymentId: id };
    expect(await books.reverse(reversal, WHO)).toMatchObject({ value: { ...reversed, reversesId: entryId } });
    expect(await receivable(invoiceId)).toMatchObject({ balanceMinor: 100n, paidMinor: 0n });
    expect(await books.payment(id)).toMatchObject({ leftMinor: 60n });
    const codeOf = async (asked: number) => {
      const refused = await books.reverse({ ...reversal, entryId: asked }, WHO);
      return refused.kind === 'refused' ? refused.faults[0]!.code : null;
    };
    const entries = (await books.entries(invoiceId))!;
    expect(await codeOf(entryId)).toBe('already_reversed');
    expect(await codeOf(entries[0]!.id)).toBe('not_reversible');
    expect(await codeOf(entries[2]!.id)).toBe('not_reversible');
    expect(await codeOf(2_000_000)).toBe('not_found');
  });

  it('refunds what is left of a payment or of a credit note, and no more', async () => {
    const { db } = empty.ledger;
    const invoiceId = await issued(db, 40n);
    const creditNoteId = await issued(db, -100n, {}, invoiceId);
    const of = (over: { paymentId: string | null; creditNoteId: string | null }, amountMinor: bigint) => ({
      ...{ id: uuidv7(), paidOn: '2026-04-03', amountMinor, reason: 'paid twice', ...over },
    });
    const paymentId = await recorded(paid(30n));
    const credit = { paymentId: null, creditNoteId };
    const payment = { paymentId, creditNoteId: null };
    expect(await books.refund(of(credit, 61n), WHO)).toMatchObject({ faults: [{ code: 'exceeds_left' }] });
    expect(await books.refund(of(credit, 60n), WHO)).toMatchObject({ kind: 'written' });
    expect(await books.refund(of(payment, 31n), WHO)).toMatchObject({ faults: [{ code: 'exceeds_left' }] });
    expect(await books.refund(of(payment, 30n), WHO)).toMatchObject({ kind: 'written' });
    expect(await books.refund(of(payment, 1n), WHO)).toMatchObject({
      faults: [
        { reason: 'is 0.01, but 0.00 USD is left of the payment', hint: 'reverse an allocation first' },
      ],
    });
    expect(await books.payment(paymentId)).toMatchObject({ leftMinor: 0n, refunds: [{ amountMinor: 30n }] });
  });

  it('states the account of a client, which closes with its balance', async () => {
    const { db } = empty.ledger;
    await addClients(db, 'hooli');
    const facts = { clientId: 'hooli' };
    const first = await issued(db, 100n, { ...facts, on: '2026-01-10' });
    await issued(db, -30n, { ...facts, on: '2026-02-01' }, first);
    await issued(db, 500n, { ...facts, currency: 'EUR' });
    const id = await recorded(paid(90n, { clientId: 'hooli', receivedOn: '2026-02-10', reference: 'RF1' }));
    await books.allocate({ kind: 'payment', id }, [{ invoiceId: first, amountMinor: 70n }], WHO);
    // A payment whose payer is not known counts by what it pays of the client's invoices.
    const second = await issued(db, 55n, { ...facts, on: '2026-03-01' });
    const other = paid(60n, { clientId: null, receivedOn: '2026-03-05' });
    await books.record(other, [{ invoiceId: second, amountMinor: 45n }], WHO);
    const movements = await books.movements('hooli', 'USD');
    const statement = statementOf(movements, '2026-02-01', '2026-12-31');
    expect(statement.openingMinor).toBe(100n);
    expect(statement.rows.map(({ kind: of, on, amountMinor }) => [of, on, amountMinor])).toEqual([
      ['credit_note', '2026-02-01', -30n],
      ['payment', '2026-02-10', -90n],
      ['invoice', '2026-03-01', 55n],
      ['payment', '2026-03-05', -45n],
    ]);
    expect(statement.closingMinor).toBe(-10n);
    expect(await books.balances('hooli')).toEqual([
      { currency: 'EUR', openMinor: 500n, unallocatedMinor: 0n, balanceMinor: 500n },
      { currency: 'USD', openMinor: 10n, unallocatedMinor: 20n, balanceMinor: -10n },
    ]);
  });
});
