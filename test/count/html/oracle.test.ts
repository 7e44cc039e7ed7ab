import { load } from 'cheerio';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { draws } from '../../support/draws.ts';
import { bytesOf, countPage, planOf } from './pages.ts';
import { pageArb, selectorArb } from './random-pages.ts';

/** Cuts a body at these places. */
function cutAt(body: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...new Set(places.map((place) => place % body.length)), body.length].sort((a, b) => a - b);
  return ends.map((end, index) => body.subarray(ends[index - 1] ?? 0, end));
}

describe('counting in the stream of a page', () => {
  it('equals counting in its tree', () => {
    fc.assert(
      fc.property(
        pageArb,
        selectorArb,
        fc.option(selectorArb, { nil: undefined }),
        fc.array(fc.nat(), { maxLength: 8 }),
        (page, html, not, cuts) => {
          const $ = load(page);
          const items = $(html).filter(
            (_, element) => not === undefined || $(element).closest(not).length === 0,
          );
          const plan = planOf(not === undefined ? { html } : { html, not });
          const body = bytesOf(page);
          const { items: counted } = countPage(plan, cutAt(body, cuts));
          expect({ page, html, not, items: counted[0] }).toEqual({ page, html, not, items: items.length });
        },
      ),
      { numRuns: draws(100) },
    );
  });
});
