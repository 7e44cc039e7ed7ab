/** The behaviour that billing requires of every ledger. */

import fc from 'fast-check';
import { v7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runBilling } from '../../src/billing.ts';
import type { Invoice } from '../../src/invoice/model.ts';
import type { BillingRules } from '../../src/invoice/port.ts';
import { FOUR_EYES } from '../../src/proposal/four-eyes.ts';
import { findBreaches } from '../../src/tariff/breach.ts';
import { cutToBuckets } from '../../src/tariff/posts.ts';
import { type DamagesTariff, DEFAULT_TARIFF, type Tariff } from '../../src/tariff/tariff.ts';
import { timelineOf } from '../../src/tariff/timeline.ts';
import { idsOf } from '../meter/unique/ids.ts';
import { type Books, type BooksKind, bill, DETAILS, openBooks } from './billing-books.ts';

const MINUTE = 60_000;
const START = Date.UTC(2026, 2, 1, 12);
const minute = (count: number) => START + count * MINUTE;
const posts = (atMinute: number, count: number) => ({ bucketMs: minute(atMinute), posts: count });

const RULES: BillingRules = {
  bucketSeconds: 60,
  latenessMs: MINUTE,
  approval: 'manual',
  fourEyes: FOUR_EYES,
};
/** More than 100 posts in 5 minutes cost one dollar a post. */
const SMALL: DamagesTariff = {
  ...DEFAULT_TARIFF,
  threshold: 100,
  windowSeconds: 300,
  block: 1,
  priceMinor: 100n,
};
/** A burst at minute 0 closes here: 5 minutes of window, 5 of settling and 1 of lateness. */
const CLOSED = 11;

const summary = ({ kind, status, number, amountMinor }: Invoice) => [kind, status, number, amountMinor];

export function describeBillingLedger(kind: BooksKind): void {
  describe(`billing on ${kind}`, () => {
    let books: Books;
    let next = 0;
    beforeAll(async () => {
      books = await openBooks(kind, RULES);
    });
    afterAll(() => books.close());

    /** Creates a client on the small tariff for one test. */
    async function newClient(tariff: Tariff = SMALL): Promise<string> {
      const id = `client-${++next}`;
      await books.addTariff({ id: v7(), clientId: id, version: 1, validFromMs: 0, tariff });
      return id;
    }
    const run = (atMinute: number) => bill(books.ledger, RULES, minute(atMinute));
    const invoicesOf = async (client: string) => (await books.invoices(client)).map(summary);
    const onlyDraft = async (client: string) =>
      (await books.invoices(client)).find(
        (invoice) => invoice.status === 'draft' || invoice.status === 'approved',
      )!;
    const approve = async (client: string, atMinute: number) =>
      books.ledger.approveInvoice((await onlyDraft(client)).id, 'fin', minute(atMinute));
    const issue = async (client: string, atMinute: number) =>
      books.ledger.issueInvoice((await onlyDraft(client)).id, 'fin', minute(atMinute));
    async function issueAll(client: string, atMinute: number): Promise<number> {
      await books.setDetails(client, DETAILS);
      expect(await approve(client, atMinute)).toMatchObject({ kind: 'approved' });
      const outcome = await issue(client, atMinute);
      if (outcome.kind !== 'issued') throw new Error(outcome.kind);
      return outcome.number;
    }

    it('writes nothing at the threshold, and a growing draft above it', async () => {
      const client = await newClient();
      await books.addUsage(client, [posts(0, 100)]);
      await run(0);
      expect(await books.breaches(client)).toEqual([]);
      await books.addUsage(client, [posts(0, 1)]);
      await run(0);
      expect(await invoicesOf(client)).toEqual([['invoice', 'draft', null, 10_100n]]);
      await books.addUsage(client, [posts(1, 50)]);
      await run(1);
      expect(await invoicesOf(client)).toEqual([['invoice', 'draft', null, 15_100n]]);
      expect(await books.breaches(client)).toMatchObject([
        {
          stretchFromMs: minute(-4),
          stretchToMs: minute(5),
          fromMs: minute(0),
          toMs: minute(2),
          posts: 151,
          billedPosts: 151,
          peakPosts: 151,
          peakAtMs: minute(1),
          amountMinor: 15_100n,
          currency: 'USD',
          state: 'open',
        },
      ]);
      const [invoice] = await books.invoices(client);
      expect(invoice?.lines).toMatchObject([
        {
          fromMs: minute(0),
          toMs: minute(2),
          posts: 151,
          priceMinor: 100n,
          block: 1,
          peakPosts: 151,
          peakAtMs: minute(1),
        },
      ]);
    });

    it('changes the states with time alone, and nothing else', async () => {
      const client = await newClient();
      await books.addUsage(client, [posts(0, 200)]);
      const states: string[] = [];
      for (let at = 0; at <= CLOSED; at++) {
        await run(at);
        states.push((await books.breaches(client))[0]!.state);
      }
      expect(states).toEqual([...Array(5).fill('open'), ...Array(6).fill('settling'), 'closed']);
      const before = await books.invoices(client);
      await run(CLOSED + 1);
      await books.addUsage(client, [posts(60, 1)]);
      await run(60);
      expect(await books.invoices(client)).toEqual(before);
      expect(before).toHaveLength(1);
    });

    it('issues after the close, once approved, to a client with billing details', async () => {
      const client = await newClient();
      await books.addUsage(client, [posts(0, 200)]);
      await run(0);
      expect(await approve(client, 0)).toMatchObject({ kind: 'not_closed', reason: 'the breach is open' });
      expect(await issue(client, 0)).toMatchObject({ kind: 'not_closed' });
      await run(CLOSED);
      expect(await issue(client, CLOSED)).toMatchObject({ kind: 'not_approved' });
      expect(await approve(client, CLOSED)).toMatchObject({
        kind: 'approved',
        invoice: { approvedBy: 'fin' },
      });
      expect(await approve(client, CLOSED)).toEqual({ kind: 'already_approved', approvedBy: 'fin' });
      expect(await issue(client, CLOSED)).toMatchObject({
        kind: 'billing_details_missing',
        fields: ['legalName', 'address', 'email', 'currency'],
      });
      await books.setDetails(client, { ...DETAILS, currency: 'EUR' });
      expect(await issue(client, CLOSED)).toMatchObject({
        kind: 'billing_details_missing',
        fields: ['currency'],
      });
      await books.setDetails(client, DETAILS);
      const draft = await onlyDraft(client);
      const outcome = await books.ledger.issueInvoice(draft.id, 'fin', minute(CLOSED));
      expect(outcome).toMatchObject({ kind: 'issued', invoice: { status: 'issued', billTo: DETAILS } });
      const [issued] = await books.invoices(client);
      expect(issued).toMatchObject({ billTo: DETAILS, issuedAtMs: minute(CLOSED), approvedBy: 'fin' });
      const number = issued!.number!;
      expect(await books.ledger.issueInvoice(draft.id, 'fin', minute(CLOSED))).toEqual({
        kind: 'already_issued',
        number,
      });
      expect(await books.ledger.approveInvoice(draft.id, 'fin', minute(CLOSED))).toMatchObject({
        kind: 'already_issued',
      });
      const entries = (await books.audit()).filter((entry) => entry.invoiceId === draft.id);
      expect(entries.map(({ actor, action }) => `${actor} ${action}`)).toEqual([
        'fin invoice.approved',
        'fin invoice.issued',
      ]);
    });

    it('stops for a client on hold, and bills all changes after the release', async () => {
      const client = await newClient();
      const other = await newClient();
      for (const id of [client, other]) await books.addUsage(id, [posts(0, 101)]);
      await run(CLOSED);
      await books.setDetails(client, DETAILS);
      await books.holdClients({
        clientId: client,
        code: 'batches_differ',
        reason: 'the two tell different usage',
      });
      for (const id of [client, other]) await books.addUsage(id, [posts(1, 50)]);
      expect((await run(CLOSED)).holds).toContainEqual({
        code: 'batches_differ',
        clients: 1,
        isForAll: false,
      });
      expect(await invoicesOf(client)).toEqual([['invoice', 'draft', null, 10_100n]]);
      expect(await invoicesOf(other)).toEqual([['invoice', 'draft', null, 15_100n]]);
      for (const outcome of [await approve(client, CLOSED + 1), await issue(client, CLOSED + 1)]) {
        expect(outcome).toMatchObject({
          kind: 'on_hold',
          reason: 'the client is on billing hold (batches_differ): the two tell different usage',
        });
      }
      await books.release(client);
      expect((await run(CLOSED + 1)).holds).toEqual([]);
      expect(await invoicesOf(client)).toEqual([['invoice', 'draft', null, 15_100n]]);
      expect(await issueAll(client, CLOSED + 1)).toBeGreaterThan(0);
    });

    it('stops for all clients if the affected ones are unknown, also under automatic approval', async () => {
      const client = await newClient();
      await books.addUsage(client, [posts(0, 101)]);
      await books.setDetails(client, DETAILS);
      await run(CLOSED);
      await approve(client, CLOSED);
      await books.holdClients({ clientId: null, code: 'records_lost', reason: 'records are lost' });
      expect(await books.ledger.dueClients(minute(CLOSED), null, 10)).toEqual([]);
      expect(await books.ledger.draftsToIssue(minute(CLOSED))).toEqual([]);
      expect(await books.ledger.holdCounts()).toEqual([{ code: 'records_lost', clients: 0, isForAll: true }]);
      await books.release(null);
      expect(await books.ledger.draftsToIssue(minute(CLOSED))).toHaveLength(1);
      expect(await issue(client, CLOSED)).toMatchObject({ kind: 'issued' });
    });

    it('numbers invoices without gaps, even if some attempts are refused in between', async () => {
      const numbers: number[] = [];
      for (let count = 0; count < 3; count++) {
        const client = await newClient();
        await books.addUsage(client, [posts(0, 200)]);
        await run(CLOSED);
        expect(await issue(client, CLOSED)).toMatchObject({ kind: 'not_approved' });
        numbers.push(await issueAll(client, CLOSED));
      }
      expect(numbers.map((number) => number - numbers[0]!)).toEqual([0, 1, 2]);
    });

    it('rejects an invoice id that does not exist', async () => {
      for (const id of [v7(), 'nonsense', "'; drop table invoices"]) {
        expect(await books.ledger.approveInvoice(id, 'fin', START)).toEqual({ kind: 'not_found' });
        expect(await books.ledger.issueInvoice(id, 'fin', START)).toEqual({ kind: 'not_found' });
      }
    });

    it('drops an approval when late usage changes the amount', async () => {
      const client = await newClient();
      await books.addUsage(client, [posts(0, 200)]);
      await run(CLOSED);
      await approve(client, CLOSED);
      await books.addUsage(client, [posts(0, 1)]);
      await run(CLOSED + 1);
      expect(await onlyDraft(client)).toMatchObject({
        status: 'draft',
        approvedBy: null,
        amountMinor: 20_100n,
      });
      const { id } = await onlyDraft(client);
      expect(await books.audit()).toContainEqual(
        expect.objectContaining({ actor: 'billing', action: 'invoice.approval_dropped', invoiceId: id }),
      );
    });

    it('does not recreate a rejected draft unless its amount or lines change', async () => {
      const client = await newClient();
      const statuses = async () =>
        (await books.invoices(client)).map(({ status, amountMinor }) => `${status} ${amountMinor}`);
      await books.addUsage(client, [posts(0, 200)]);
      await run(CLOSED);
      await approve(client, CLOSED);
      const { id } = await onlyDraft(client);
      const reject = () => books.ledger.rejectInvoice(id, 'a crawler of ours', 'fin', minute(CLOSED));
      const rejection = { by: 'fin', atMs: minute(CLOSED), reason: 'a crawler of ours' };
      expect(await reject()).toMatchObject({
        kind: 'rejection',
        invoice: { status: 'rejected', rejection, approvedBy: null },
      });
      expect(await reject()).toMatchObject({ kind: 'already_rejected' });
      expect(await books.ledger.approveInvoice(id, 'fin', minute(CLOSED))).toMatchObject({
        kind: 'rejected',
        reason: expect.stringContaining('a crawler of ours'),
      });
      expect(await books.ledger.issueInvoice(id, 'fin', minute(CLOSED))).toMatchObject({ kind: 'rejected' });
      expect(await books.audit()).toContainEqual(
        expect.objectContaining({ actor: 'fin', action: 'invoice.rejected', invoiceId: id }),
      );
      // The recomputed invoice is the same.
      await books.addUsage(client, [posts(60, 1)]);
      await run(CLOSED);
      expect(await statuses()).toEqual(['rejected 20000']);
      expect((await books.invoices(client))[0]).toMatchObject({ rejection });
      // Late usage makes another invoice, which is not rejected.
      await books.addUsage(client, [posts(0, 1)]);
      await run(CLOSED);
      expect((await statuses()).sort()).toEqual(['draft 20100', 'rejected 20000']);
      expect(await issueAll(client, CLOSED)).toBeGreaterThan(0);
      for (const done of await books.invoices(client)) {
        if (done.status !== 'issued') continue;
        expect(await books.ledger.rejectInvoice(done.id, 'late', 'fin', minute(CLOSED))).toMatchObject({
          kind: 'already_issued',
        });
      }
      expect(await books.ledger.rejectInvoice('nonsense', 'x', 'fin', START)).toEqual({ kind: 'not_found' });
    });

    it('issues nothing that late usage or a tariff has changed since the computation', async () => {
      const client = await newClient();
      await books.addUsage(client, [posts(0, 200)]);
      await run(CLOSED);
      await books.setDetails(client, DETAILS);
      await approve(client, CLOSED);
      await books.addUsage(client, [posts(9, 1)]);
      expect(await issue(client, CLOSED)).toMatchObject({
        kind: 'not_closed',
        reason: expect.stringContaining('changed since'),
      });
      await run(CLOSED);
      expect(await issue(client, CLOSED)).toMatchObject({ kind: 'issued' });
      const other = await newClient();
      await books.addUsage(other, [posts(0, 200)]);
      await run(CLOSED);
      await books.setDetails(other, DETAILS);
      await approve(other, CLOSED);
      // No window that contains it reaches the breach.
      await books.addUsage(other, [posts(CLOSED, 1)]);
      expect(await issue(other, CLOSED)).toMatchObject({ kind: 'issued' });
    });

    it('corrects an issued invoice by a supplement, then by a credit note, and never edits it', async () => {
      const client = await newClient();
      await books.addUsage(client, [posts(0, 200)]);
      await run(CLOSED);
      const number = await issueAll(client, CLOSED);
      const [issued] = await books.invoices(client);
      await books.addUsage(client, [posts(1, 30)]);
      await run(CLOSED + 1);
      await run(CLOSED + 1);
      expect(await onlyDraft(client)).toMatchObject({
        kind: 'supplement',
        amountMinor: 3_000n,
        correctsId: issued!.id,
        lines: [
          { kind: 'charge', offsetsInvoiceId: null, posts: 230 },
          {
            ...{ kind: 'offset', offsetsInvoiceId: issued!.id, description: `Less invoice ${number}` },
            ...{ posts: -200, amountMinor: -20_000n },
          },
        ],
      });
      await issueAll(client, CLOSED + 2);
      await books.addTariff({
        id: v7(),
        clientId: client,
        version: 2,
        validFromMs: 0,
        tariff: { ...SMALL, priceMinor: 90n },
      });
      await run(CLOSED + 3);
      expect(await onlyDraft(client)).toMatchObject({ kind: 'credit_note', amountMinor: -2_300n });
      await issueAll(client, CLOSED + 3);
      await books.addTariff({
        id: v7(),
        clientId: client,
        version: 3,
        validFromMs: 0,
        tariff: { kind: 'exempt' },
      });
      await run(CLOSED + 4);
      expect(await books.breaches(client)).toMatchObject([{ state: 'void', amountMinor: 0n }]);
      expect(await onlyDraft(client)).toMatchObject({ kind: 'credit_note', amountMinor: -20_700n });
      await issueAll(client, CLOSED + 4);
      await run(CLOSED + 5);
      expect((await books.invoices(client))[0]).toEqual(issued);
      expect((await books.invoices(client)).map((invoice) => invoice.amountMinor)).toEqual([
        20_000n,
        3_000n,
        -2_300n,
        -20_700n,
      ]);
    });

    it('credits in one currency and charges in another', async () => {
      const client = await newClient();
      await books.addUsage(client, [posts(0, 200)]);
      await run(CLOSED);
      await issueAll(client, CLOSED);
      await books.addTariff({
        id: v7(),
        clientId: client,
        version: 2,
        validFromMs: 0,
        tariff: { ...SMALL, currency: 'EUR' },
      });
      await run(CLOSED + 1);
      const drafts = (await books.invoices(client)).filter((invoice) => invoice.status === 'draft');
      expect(drafts.map(({ kind: what, currency, amountMinor }) => [what, currency, amountMinor])).toEqual([
        ['invoice', 'EUR', 20_000n],
        ['credit_note', 'USD', -20_000n],
      ]);
    });

    it('merges two breaches that late usage connects: a draft is voided, and issued posts are credited', async () => {
      const client = await newClient();
      await books.addUsage(client, [posts(0, 200), posts(12, 200)]);
      await run(40);
      const [first, second] = await books.breaches(client);
      await books.setDetails(client, DETAILS);
      const [draft] = await books.invoices(client);
      await books.ledger.approveInvoice(draft!.id, 'fin', minute(40));
      await books.ledger.issueInvoice(draft!.id, 'fin', minute(40));
      await books.addUsage(client, [posts(6, 150)]);
      await run(41);
      expect(await books.breaches(client)).toMatchObject([
        { id: first!.id, posts: 550, state: 'closed' },
        { id: second!.id, state: 'void', amountMinor: 0n },
      ]);
      const live = (await books.invoices(client)).filter((invoice) => invoice.status !== 'void');
      expect(live.map((invoice) => [invoice.breachId, invoice.kind, invoice.amountMinor])).toEqual([
        [first!.id, 'invoice', 20_000n],
        [first!.id, 'supplement', 35_000n],
      ]);
      await run(42);
      expect((await books.invoices(client)).filter((invoice) => invoice.status !== 'void')).toEqual(live);
    });

    it('accepts usage that is 34 days late, for an invoiced breach and for a new one', async () => {
      const client = await newClient();
      const late = 34 * 1440;
      await books.addUsage(client, [posts(0, 110), posts(20, 60)]);
      await run(CLOSED);
      const number = await issueAll(client, CLOSED);
      const [issued] = await books.invoices(client);
      await run(late - 1);
      expect(await books.invoices(client)).toEqual([issued]);
      await books.addUsage(client, [posts(1, 5), posts(21, 70)]);
      await run(late);
      const [first, ...others] = await books.invoices(client);
      expect(first).toEqual(issued);
      expect(others.map(summary).sort()).toEqual([
        ['invoice', 'draft', null, 13_000n],
        ['supplement', 'draft', null, 500n],
      ]);
      expect(await books.breaches(client)).toMatchObject([
        { posts: 115, state: 'closed' },
        { posts: 130, state: 'closed' },
      ]);
      await run(late + 1);
      expect((await books.invoices(client)).slice(1)).toEqual(others);
      expect(number).toBeGreaterThan(0);
    });

    it('bills a licence by the calendar month, and recomputes it after late usage', async () => {
      const { threshold, basis, windowSeconds, onThreshold, whenUnknown, ...price } = SMALL;
      const client = await newClient({ ...price, kind: 'licence', included: 100 });
      const month = 31 * 1440;
      await books.addUsage(client, [posts(0, 150)]);
      await run(0);
      expect(await onlyDraft(client)).toMatchObject({
        monthMs: Date.UTC(2026, 2, 1),
        breachId: null,
        amountMinor: 5_000n,
      });
      expect(await approve(client, month - 720)).toMatchObject({ kind: 'not_closed' });
      await issueAll(client, month - 719);
      await books.addUsage(client, [posts(-10, 7), posts(month, 100)]);
      await run(month + 10);
      expect(await onlyDraft(client)).toMatchObject({ kind: 'supplement', amountMinor: 700n });
      expect(await books.invoices(client)).toHaveLength(2);
    });

    describe('under a tariff that counts unique posts', () => {
      const UNIQUE: DamagesTariff = { ...SMALL, count: 'unique' };
      const numbers = (from: number, count: number) => Array.from({ length: count }, (_, at) => from + at);
      const served = (atMinute: number, names: readonly number[], others = 0) => ({
        bucketMs: minute(atMinute),
        posts: names.length + others,
        ids: idsOf(names),
      });

      it('bills each post once per UTC day, and posts without a known id by delivery', async () => {
        const client = await newClient(UNIQUE);
        await books.addUsage(client, [served(0, numbers(0, 60)), served(1, numbers(0, 60))]);
        await run(1);
        expect(await books.breaches(client)).toEqual([]);
        await books.addUsage(client, [served(2, numbers(20, 75), 10)]);
        await run(2);
        expect(await onlyDraft(client)).toMatchObject({
          amountMinor: 10_500n,
          lines: [{ posts: 105, description: expect.stringContaining('each once a UTC day by its id') }],
        });
        expect(await books.breaches(client)).toMatchObject([
          { posts: 105, billedPosts: 105, peakPosts: 105, fromMs: minute(0), toMs: minute(3) },
        ]);
      });

      it('counts a post again on the next UTC day', async () => {
        const client = await newClient(UNIQUE);
        await books.addUsage(client, [served(719, numbers(0, 60)), served(720, numbers(0, 60))]);
        await run(720);
        expect(await invoicesOf(client)).toEqual([['invoice', 'draft', null, 12_000n]]);
      });

      it('counts a post in the bucket of its first delivery, even if that arrives late', async () => {
        const client = await newClient(UNIQUE);
        await books.addUsage(client, [served(7, numbers(0, 101))]);
        await run(7);
        expect(await invoicesOf(client)).toEqual([['invoice', 'draft', null, 10_100n]]);
        // Ten of them were served before the window, so they no longer belong to this breach.
        await books.addUsage(client, [served(0, numbers(0, 10))]);
        await run(8);
        expect(await invoicesOf(client)).toEqual([['invoice', 'void', null, 10_100n]]);
      });

      it('ends with the same breaches in any order of usage', async () => {
        const row = fc.record({
          at: fc.integer({ min: 712, max: 728 }),
          names: fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 12 }),
          others: fc.integer({ min: 0, max: 3 }),
        });
        const lives = fc
          .array(row, { minLength: 1, maxLength: 12 })
          .chain((rows) =>
            fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length })),
          );
        await fc.assert(
          fc.asyncProperty(lives, async ([rows, shuffled]) => {
            const tariff = { ...UNIQUE, threshold: 12 };
            const [inOrder, anyhow] = [await newClient(tariff), await newClient(tariff)];
            const sorted = rows.toSorted((a, b) => a.at - b.at);
            await books.addUsage(
              inOrder,
              sorted.map(({ at, names, others }) => served(at, names, others)),
            );
            for (const { at, names, others } of shuffled) {
              await books.addUsage(anyhow, [served(at, names, others)]);
              await run(728);
            }
            await run(760);
            const facts = async (client: string) =>
              (await books.breaches(client))
                .filter(({ state }) => state !== 'void')
                .map(({ id, clientId, ...same }) => same);
            const expected = findBreaches(
              cutToBuckets(slowUnique(sorted), 60),
              timelineOf('c', [{ id: 'v', clientId: null, version: 1, validFromMs: 0, tariff }], 60),
              60,
            ).map(({ lines, windowMs, ...same }) => ({ ...same, state: 'closed' }));
            expect(await facts(anyhow)).toEqual(expected);
            expect(await facts(inOrder)).toEqual(expected);
          }),
          { numRuns: kind === 'memory' ? 100 : 6 },
        );
      });

      function slowUnique(rows: readonly { at: number; names: readonly number[]; others: number }[]) {
        const seen = new Set<string>();
        return rows.map(({ at, names, others }) => {
          let count = others;
          for (const name of names) {
            const key = `${at < 720 ? 'first' : 'second'} day ${name}`;
            if (!seen.has(key)) count++;
            seen.add(key);
          }
          return posts(at, count);
        });
      }
    });

    it('skips small callers, and bills them when they grow', async () => {
      const small = Array.from({ length: 20 }, (_, at) => `small-${at}`);
      for (const client of small) await books.addUsage(client, [posts(0, 3)]);
      await books.addUsage('big', [posts(0, 1_000_000)]);
      expect(await run(0)).toMatchObject({ clients: 0, skipped: 21 });
      await books.addUsage('big', [posts(1000, 1)]);
      expect(await run(1000)).toMatchObject({ clients: 1, skipped: 0 });
      expect(await invoicesOf('big')).toEqual([['invoice', 'draft', null, 1_500_002n]]);
      await books.addUsage('big', [posts(2000, 1)]);
      expect(await run(2000)).toMatchObject({ clients: 1, skipped: 0 });
    });

    it('rolls back failed work, and does not block other work', async () => {
      const client = await newClient();
      await books.addUsage(client, [posts(0, 200)]);
      const failing = books.ledger.withAccount(client, async (account) => {
        await account.write({ breaches: [], invoices: [], notes: [], dueAtMs: null });
        throw new Error('the machine stopped');
      });
      await expect(failing).rejects.toThrow('the machine stopped');
      await run(0);
      expect(await invoicesOf(client)).toEqual([['invoice', 'draft', null, 20_000n]]);
    });

    it('has one leader at a time', async () => {
      const other = await books.another();
      const inner = await books.ledger.lead(() => runBilling(other, RULES, v7, START));
      expect(inner).toBeUndefined();
      expect(await other.lead(async () => 'leads')).toBe('leads');
    });

    it('issues automatically if the configuration says so', async () => {
      const automatic: BillingRules = { ...RULES, approval: 'automatic' };
      const own = await openBooks(kind, automatic);
      try {
        await own.addTariff({ id: v7(), clientId: 'ready', version: 1, validFromMs: 0, tariff: SMALL });
        await own.addTariff({ id: v7(), clientId: 'nameless', version: 1, validFromMs: 0, tariff: SMALL });
        await own.setDetails('ready', DETAILS);
        await own.addUsage('ready', [posts(0, 200)]);
        await own.addUsage('nameless', [posts(0, 200)]);
        expect(await bill(own.ledger, automatic, minute(CLOSED - 1))).toMatchObject({ issued: [] });
        expect(await bill(own.ledger, automatic, minute(CLOSED))).toMatchObject({ issued: [1] });
        expect((await own.invoices('nameless')).map(summary)).toEqual([['invoice', 'draft', null, 20_000n]]);
        await own.setDetails('nameless', DETAILS);
        expect(await bill(own.ledger, automatic, minute(CLOSED))).toMatchObject({ issued: [2] });
      } finally {
        await own.close();
      }
    }, 120_000);
  });
}
