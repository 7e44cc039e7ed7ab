import { eq } from 'drizzle-orm';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha256 } from '../../../../src/adapters/crypto/sha256.ts';
import { withLines } from '../../../../src/adapters/postgres/billing/account.ts';
import { postgresInvoiceBook } from '../../../../src/adapters/postgres/invoices/book.ts';
import { claimDesk } from '../../../../src/adapters/postgres/receivable/claim-desk.ts';
import { receivables } from '../../../../src/adapters/postgres/receivable/tables.ts';
import { invoices } from '../../../../src/adapters/postgres/schema.ts';
import type { CorrectionPayload } from '../../../../src/admin/proposals/correction.ts';
import type { Submission } from '../../../../src/admin/proposals/port.ts';
import { proposalDesk } from '../../../../src/entry/stores/proposal-desk.ts';
import { checkEvidence } from '../../../../src/evidence/check.ts';
import type { Invoice } from '../../../../src/invoice/model.ts';
import type { Tariff } from '../../../../src/tariff/tariff.ts';
import { draws } from '../../../support/draws.ts';
import { completeSeller } from '../../../support/sellers.ts';
import { LedgerAtWork, minute, RULES, SMALL, usageAt } from '../../../verify/tampered-ledger.ts';
import { type EmptyLedger, emptyLedger, LEDGER_KINDS } from '../empty-ledger.ts';

/** Tariffs must not begin at the same moment. */
let moment = 0;
const pricedAt = (priceMinor: bigint) => ({ ...SMALL, priceMinor }) as Tariff;

describe.each(LEDGER_KINDS)('manual corrections on %s', (kind) => {
  let empty: EmptyLedger;
  let work: LedgerAtWork;
  beforeAll(async () => {
    empty = await emptyLedger(kind, `corrections-${kind}`);
    work = new LedgerAtWork(empty.ledger.db, false);
    await completeSeller(work.db);
  });
  afterAll(() => empty.drop());

  /** An invoice of 160 posts, a dollar each. */
  async function invoiced(clientId: string): Promise<string> {
    await work.client(clientId, SMALL);
    for (let at = 0; at < 4; at++) await work.take(`gw-${clientId}`, [usageAt(clientId, at, 40)]);
    await work.bill(minute(30));
    await work.issue(clientId, minute(30));
    return (await invoicesOf(clientId))[0]!.id;
  }

  async function invoicesOf(clientId: string): Promise<Invoice[]> {
    const rows = await work.db
      .select()
      .from(invoices)
      .where(eq(invoices.clientId, clientId))
      .orderBy(invoices.id);
    return withLines(work.db, rows);
  }
  const nets = async (clientId: string) =>
    (await invoicesOf(clientId))
      .filter(({ status }) => status !== 'void')
      .map(({ kind: what, origin, amountMinor }) => [what, origin, amountMinor]);
  const balanceOf = async (invoiceId: string) =>
    (await work.db.select().from(receivables).where(eq(receivables.invoiceId, invoiceId)))[0]?.balanceMinor;

  function correct(
    invoiceId: string,
    amountMinor: bigint,
    more: Partial<CorrectionPayload> = {},
  ): Promise<Submission> {
    const lines = [{ line: 0, amountMinor: String(amountMinor) }];
    const payload = { kind: 'credit_note', lines, ground: 'settlement', dispute: null, ...more } as const;
    const request = { kind: 'credit_note', subject: `invoices/${invoiceId}`, reason: 'agreed' } as const;
    const who = { actor: 'Ada', tokenId: null, atMs: minute(40) };
    return proposalDesk(work.db, RULES, null).submit({ ...request, payload: { ...payload } }, who);
  }
  const takeBack = (invoiceId: string, amountMinor: bigint) =>
    correct(invoiceId, amountMinor, { kind: 'supplement', ground: null });

  test('M2: a credit note is issued at once, lowers the balance, and is not charged back', async () => {
    const invoiceId = await invoiced('credited');
    const done = await correct(invoiceId, 6_000n);
    if (done.kind !== 'done') throw new Error(JSON.stringify(done));
    expect(await balanceOf(invoiceId)).toBe(10_000n);
    const [, note] = await invoicesOf('credited');
    expect(note).toMatchObject({
      ...{ id: done.id, kind: 'credit_note', origin: 'manual', status: 'issued', correctsId: invoiceId },
      ...{ amountMinor: -6_000n, number: expect.any(Number) },
      lines: [{ kind: 'credit', posts: 0, correctsLine: 0, reason: 'agreed', amountMinor: -6_000n }],
      document: { net: '-60.00', readings: [], corrects: { id: invoiceId } },
    });
    const before = await invoicesOf('credited');
    await work.take('gw-credited', [usageAt('credited', 0, 0)]);
    await work.bill(minute(50));
    expect(await invoicesOf('credited')).toEqual(before);
    expect((await work.verify()).findings).toEqual([]);
    const evidence = await postgresInvoiceBook(work.db).evidence(done.id);
    if (evidence.kind !== 'evidence') throw new Error(evidence.kind);
    expect(checkEvidence(evidence.evidence, sha256)).toEqual([]);
  });

  test('it gives at most what remains, and a supplement takes back at most what it gave', async () => {
    const invoiceId = await invoiced('bounded');
    const exceeds = (reason: string) => ({
      kind: 'refused',
      refusal: { status: 409, code: 'exceeds_remaining', reason: expect.stringContaining(reason) },
    });
    const twice = [0, 0].map((line) => ({ line, amountMinor: '1' }));
    expect(await correct(invoiceId, 1n, { lines: twice })).toMatchObject({
      refusal: { field: 'lines.1.line' },
    });
    expect(await correct(invoiceId, 1n, { lines: [{ line: 7, amountMinor: '1' }] })).toMatchObject({
      refusal: { field: 'lines.0.line', reason: 'does not exist on the invoice' },
    });
    expect(await correct(invoiceId, 16_001n)).toMatchObject(exceeds('160.00 USD'));
    expect(await correct(invoiceId, 10_000n)).toMatchObject({ kind: 'done' });
    expect(await correct(invoiceId, 6_001n)).toMatchObject(exceeds('60.00 USD'));
    expect(await takeBack(invoiceId, 10_001n)).toMatchObject(exceeds('100.00 USD'));
    expect(await takeBack(invoiceId, 4_000n)).toMatchObject({ kind: 'done' });
    expect(await correct(invoiceId, 10_000n)).toMatchObject({ kind: 'done' });
    expect(await correct(invoiceId, 1n)).toMatchObject({ kind: 'refused' });
    const [, note] = await invoicesOf('bounded');
    expect(await correct(note!.id, 1n)).toMatchObject({ refusal: { field: 'invoiceId' } });
    expect(await nets('bounded')).toEqual([
      ['invoice', 'billing', 16_000n],
      ['credit_note', 'manual', -10_000n],
      ['supplement', 'manual', 4_000n],
      ['credit_note', 'manual', -10_000n],
    ]);
    expect(await work.codes()).toEqual([]);
  });

  test('a computed credit note beyond what remains is refused until a supplement takes the manual one back', async () => {
    const invoiceId = await invoiced('corrected');
    await correct(invoiceId, 16_000n);
    await work.tariff('corrected', pricedAt(40n), minute(-100), minute(41));
    await work.bill(minute(42));
    const billing = work.billing();
    const [draft] = (await invoicesOf('corrected')).filter(({ status }) => status === 'draft');
    expect(draft).toMatchObject({ kind: 'credit_note', origin: 'billing', amountMinor: -9_600n });
    await billing.approveInvoice(draft!.id, 'finance', minute(43));
    expect(await billing.issueInvoice(draft!.id, 'finance', minute(43))).toMatchObject({
      ...{ kind: 'document_refused', code: 'exceeds_remaining' },
    });
    expect(await takeBack(invoiceId, 16_000n)).toMatchObject({ kind: 'done' });
    expect(await billing.issueInvoice(draft!.id, 'finance', minute(44))).toMatchObject({ kind: 'issued' });
    expect(await work.codes()).toEqual([]);
  });

  test('an outcome in favour of the client resolves its dispute together with the credit', async () => {
    const invoiceId = await invoiced('disputed');
    const desk = claimDesk(work.db);
    const who = { actor: 'Ada', atMs: minute(41) };
    const dispute = { id: '01957a6e-0000-7000-8000-00000000000a', invoiceId, ground: 'counting' } as const;
    await desk.openDispute({ ...dispute, text: 'too many', disputedMinor: 16_000n }, who);
    const resolves = (outcome: 'rejected' | 'settled') => ({
      dispute: { id: dispute.id, outcome, text: 'half' },
    });
    expect(await correct(invoiceId, 8_000n, resolves('rejected'))).toMatchObject({ kind: 'refused' });
    expect(await balanceOf(invoiceId)).toBe(16_000n);
    expect(await correct(invoiceId, 8_000n, resolves('settled'))).toMatchObject({ kind: 'done' });
    expect(await balanceOf(invoiceId)).toBe(8_000n);
    expect(await desk.dispute(dispute.id)).toMatchObject({ outcome: 'settled' });
  });

  const step = fc.oneof(
    fc.record({ do: fc.constant('credit' as const), amount: fc.bigInt(1n, 9_000n) }),
    fc.record({ do: fc.constant('back' as const), amount: fc.bigInt(1n, 9_000n) }),
    fc.record({ do: fc.constant('usage' as const), posts: fc.integer({ min: 1, max: 40 }) }),
    fc.record({ do: fc.constant('tariff' as const), price: fc.bigInt(20n, 140n) }),
    fc.record({ do: fc.constant('issue' as const) }),
  );
  type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

  async function take(clientId: string, invoiceId: string, one: Step): Promise<void> {
    if (one.do === 'credit') await correct(invoiceId, one.amount);
    else if (one.do === 'back') await takeBack(invoiceId, one.amount);
    else if (one.do === 'usage') await work.take(`gw-${clientId}`, [usageAt(clientId, 1, one.posts)]);
    else if (one.do === 'tariff') {
      await work.tariff(clientId, pricedAt(one.price), minute(-1_000 + moment++), minute(45));
    } else {
      await work.bill(minute(50));
      const drafts = (await invoicesOf(clientId)).filter(({ status }) => status === 'draft');
      for (const { id } of drafts) {
        await work.billing().approveInvoice(id, 'finance', minute(50));
        await work.billing().issueInvoice(id, 'finance', minute(50));
      }
    }
  }

  test('M2: after any sequence, one more billing run changes nothing, and no invoice is below zero', async () => {
    let count = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 9 }), async (steps) => {
        const clientId = `life-${count++}`;
        const invoiceId = await invoiced(clientId);
        for (const one of steps) await take(clientId, invoiceId, one);
        await work.bill(minute(60));
        const before = await invoicesOf(clientId);
        await work.take(`gw-${clientId}`, [usageAt(clientId, 0, 0)]);
        await work.bill(minute(70));
        expect(await invoicesOf(clientId)).toEqual(before);
        const issued = before.filter(({ status }) => status === 'issued');
        expect(issued.reduce((sum, { amountMinor }) => sum + amountMinor, 0n)).toBeGreaterThanOrEqual(0n);
        const manual = issued.filter(({ origin }) => origin === 'manual');
        const given = manual.reduce((sum, { amountMinor }) => sum - amountMinor, 0n);
        expect(given).toBeGreaterThanOrEqual(0n);
        expect(given).toBeLessThanOrEqual(16_000n);
      }),
      { numRuns: draws(6) },
    );
    expect(await work.codes()).toEqual([]);
  });
});
