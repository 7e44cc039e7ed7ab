/** Complete billing histories: after events in any order, the ledger equals one that was computed once from scratch. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openBooks } from './invoice/billing-books.ts';
import { expectAsFromScratch, expectNothingChanges, life, live, RULES } from './invoice/billing-life.ts';
import { draws } from './support/draws.ts';

describe('a billing history', () => {
  it('ends as if computed from scratch, in memory', async () => {
    await fc.assert(
      fc.asyncProperty(life, async (events) => {
        const books = await openBooks('memory', RULES);
        const lived = await live(books, [books.ledger], 'c', events, true);
        await expectAsFromScratch(books, 'c', lived);
        const numbers = lived.issued.map((invoice) => invoice.number);
        expect(numbers).toEqual(numbers.map((_, index) => index + 1));
      }),
      { numRuns: draws(200) },
    );
  });

  it('changes nothing when billed again from any point', async () => {
    await fc.assert(
      fc.asyncProperty(life, async (events) => {
        const books = await openBooks('memory', RULES);
        await live(books, [books.ledger], 'c', events, true);
        await expectNothingChanges(books, 'c');
      }),
      { numRuns: draws(60) },
    );
  });
});
