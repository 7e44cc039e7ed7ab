/** No post is in two valid lines, checked against an oracle that assigns a separate served post to each billed post. */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { UNDOCUMENTED } from '../../src/invoice/document.ts';
import type { Invoice, InvoiceLine } from '../../src/invoice/model.ts';
import { overBilled } from '../../src/verify/double-billing.ts';

const line = (fromMs: number, toMs: number, posts: number): InvoiceLine => ({
  ...{
    kind: 'charge',
    offsetsInvoiceId: null,
    tariffVersionId: 't',
    description: 'Posts',
    fromMs,
    toMs,
    posts,
    priceMinor: 1n,
    block: 1,
  },
  ...{ rounding: 'prorated', amountMinor: BigInt(posts), peakPosts: null, peakAtMs: null },
  ...{ correctsLine: null, reason: null },
});
const less = (number: number, posts: number): InvoiceLine => ({
  ...line(0, 10, -posts),
  ...{ kind: 'offset', offsetsInvoiceId: `i${number}`, priceMinor: 0n },
});
const invoice = (number: number | null, lines: InvoiceLine[]): Invoice => ({
  ...{
    id: `i${number}`,
    number,
    kind: 'invoice',
    status: 'issued',
    clientId: 'c',
    breachId: null,
    monthMs: 0,
  },
  ...{ correctsId: null, currency: 'USD', amountMinor: 0n, lines, billTo: null, approvedBy: null },
  ...{ approvedAtMs: null, issuedAtMs: null, rejection: null, createdAtMs: 0, updatedAtMs: 0 },
  ...UNDOCUMENTED,
});

it('ignores an invoice that a later one reverses', () => {
  const served = [{ bucketMs: 0, posts: 10 }];
  const first = invoice(1, [line(0, 1, 10)]);
  const second = line(0, 1, 9);
  expect(overBilled([first, invoice(2, [second, less(1, 10)])], served)).toEqual([]);
  expect(overBilled([first, invoice(2, [second])], served)).toEqual([
    { fromMs: 0, toMs: 1, billedPosts: 19, servedPosts: 10 },
  ]);
});

it('finds too many posts exactly if they cannot each be given one that was served', () => {
  const lines = fc.array(
    fc.record({
      fromMs: fc.nat({ max: 5 }),
      length: fc.integer({ min: 1, max: 4 }),
      posts: fc.nat({ max: 4 }),
    }),
    { minLength: 1, maxLength: 4 },
  );
  const served = fc.array(fc.nat({ max: 4 }), { minLength: 10, maxLength: 10 });
  fc.assert(
    fc.property(lines, served, (given, posts) => {
      const billed = given.map(({ fromMs, length, posts: count }) => line(fromMs, fromMs + length, count));
      const rows = posts
        .map((count, bucketMs) => ({ bucketMs, posts: count }))
        .filter((row) => row.posts > 0);
      const found = overBilled(
        billed.map((one, index) => invoice(index + 1, [one])),
        rows,
      );
      expect(found.length === 0).toBe(canBeGiven(billed, posts));
    }),
    { numRuns: 2000 },
  );
});

/** From the earliest minute on, assigns each served post to the open line that ends first, which is optimal. */
function canBeGiven(lines: readonly InvoiceLine[], served: readonly number[]): boolean {
  const wanted = lines.map((one) => ({ ...one }) as { fromMs: number; toMs: number; posts: number });
  for (const [bucketMs, posts] of served.entries()) {
    for (let left = posts; left > 0; left--) {
      const open = wanted.filter((one) => one.fromMs <= bucketMs && bucketMs < one.toMs && one.posts > 0);
      const next = open.sort((a, b) => a.toMs - b.toMs)[0];
      if (next !== undefined) next.posts--;
    }
  }
  return wanted.every((one) => one.posts === 0);
}
