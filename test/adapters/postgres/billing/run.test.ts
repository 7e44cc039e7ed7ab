/** Billing on PostgreSQL over a whole history, and by several processes at once. */

import fc from 'fast-check';
import { v7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runBilling } from '../../../../src/billing.ts';
import type { BillingLedger } from '../../../../src/invoice/port.ts';
import { type Books, bill, DETAILS, openBooks } from '../../../invoice/billing-books.ts';
import { END_MS, expectAsFromScratch, life, live, MINUTE, RULES } from '../../../invoice/billing-life.ts';
import { START_MS } from '../../../tariff/arbitraries.ts';

describe('billing on PostgreSQL', () => {
  let books: Books;
  let second: BillingLedger;
  beforeAll(async () => {
    books = await openBooks('postgres', RULES);
    second = await books.another();
  });
  afterAll(() => books.close());

  it('ends a history with the result of a computation from scratch, with two processes taking turns', async () => {
    await fc.assert(
      fc.asyncProperty(life, async (events) => {
        const client = v7();
        const lived = await live(books, [books.ledger, second], client, events, false);
        await expectAsFromScratch(books, client, lived);
      }),
      { numRuns: 25, endOnFailure: true },
    );
  });

  it('writes one draft per client if two runs overlap while usage arrives', async () => {
    const own = await openBooks('postgres', RULES);
    try {
      const clients = ['a', 'b', 'c', 'd', 'e'];
      const processes = [own.ledger, await own.another()].map((ledger) => alwaysLeading(ledger));
      let arriving = true;
      const billing = processes.map(async (ledger) => {
        while (arriving) await runBilling(ledger, RULES, v7, START_MS + MINUTE);
      });
      for (let batch = 0; batch < 20; batch++) {
        const at = { bucketMs: START_MS + (batch % 3) * MINUTE, posts: 60_000 };
        await Promise.all(clients.map((client) => own.addUsage(client, [at])));
      }
      arriving = false;
      await Promise.all(billing);
      await Promise.all(processes.map((ledger) => bill(ledger, RULES, START_MS + 3 * MINUTE)));
      for (const client of clients) {
        expect(await own.invoices(client)).toMatchObject([{ status: 'draft', amountMinor: 1_800_000n }]);
        expect(await own.breaches(client)).toMatchObject([{ posts: 1_200_000 }]);
      }
    } finally {
      await own.close();
    }
  });

  it('issues once and without a gap, even under concurrent requests', async () => {
    const own = await openBooks('postgres', RULES);
    try {
      const processes = [own.ledger, await own.another()];
      const ids: string[] = [];
      for (const client of ['a', 'b', 'c', 'd']) {
        await own.setDetails(client, DETAILS);
        await own.addUsage(client, [{ bucketMs: START_MS, posts: 1_000_001 }]);
      }
      await bill(own.ledger, RULES, END_MS);
      for (const client of ['a', 'b', 'c', 'd']) ids.push((await own.invoices(client))[0]!.id);
      const [unapproved, ...approved] = ids;
      for (const id of approved) await own.ledger.approveInvoice(id, 'fin', END_MS);
      const asked = [...ids, ...ids, ...ids].map((id, index) =>
        processes[index % 2]!.issueInvoice(id, 'fin', END_MS),
      );
      const outcomes = await Promise.all(asked);
      const numbers = outcomes.flatMap((outcome) => (outcome.kind === 'issued' ? [outcome.number] : []));
      expect(numbers.sort()).toEqual([1, 2, 3]);
      expect(outcomes.filter((outcome) => outcome.kind === 'not_approved')).toHaveLength(3);
      await own.ledger.approveInvoice(unapproved!, 'fin', END_MS);
      expect(await second.lead(async () => 'free')).toBe('free');
      expect(await processes[1]!.issueInvoice(unapproved!, 'fin', END_MS)).toMatchObject({ number: 4 });
    } finally {
      await own.close();
    }
  });
});

function alwaysLeading(ledger: BillingLedger): BillingLedger {
  return { ...ledger, lead: (run) => run() };
}
