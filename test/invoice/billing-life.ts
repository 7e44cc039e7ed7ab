/** Random histories of a client for billing tests, and the required final contents of the ledger. */

import fc from 'fast-check';
import { v7 } from 'uuid';
import { expect } from 'vitest';
import type { Invoice } from '../../src/invoice/model.ts';
import type { BillingLedger, BillingRules } from '../../src/invoice/port.ts';
import { FOUR_EYES } from '../../src/proposal/four-eyes.ts';
import { findBreaches } from '../../src/tariff/breach.ts';
import { licenceMonths } from '../../src/tariff/licence.ts';
import { cutToBuckets, type PostsAt } from '../../src/tariff/posts.ts';
import type { Tariff, TariffVersion } from '../../src/tariff/tariff.ts';
import { timelineOf } from '../../src/tariff/timeline.ts';
import { BUCKETS, damages, START_MS, terms } from '../tariff/arbitraries.ts';
import { type Books, bill, DETAILS, FIRST_TARIFF } from './billing-books.ts';

export const MINUTE = 60_000;
export const RULES: BillingRules = {
  bucketSeconds: 60,
  latenessMs: 2 * MINUTE,
  approval: 'manual',
  fourEyes: FOUR_EYES,
};
/** Every breach and the month are closed by then. */
export const END_MS = START_MS + 60 * 24 * 60 * MINUTE;

type Event =
  | { readonly kind: 'usage'; readonly rows: readonly PostsAt[] }
  | { readonly kind: 'run'; readonly minutes: number }
  | { readonly kind: 'issue'; readonly minutes: number }
  | {
      readonly kind: 'tariff';
      readonly own: boolean;
      readonly validFromMs: number;
      readonly tariff: Tariff | null;
    };

const bucket = fc.integer({ min: -6, max: BUCKETS - 1 }).map((at) => START_MS + at * MINUTE);
const usage: fc.Arbitrary<Event> = fc
  .array(fc.record({ bucketMs: bucket, posts: fc.integer({ min: 1, max: 12 }) }), {
    minLength: 1,
    maxLength: 5,
  })
  .map((rows) => ({ kind: 'usage', rows }));
const run: fc.Arbitrary<Event> = fc.integer({ min: 0, max: 6 }).map((minutes) => ({ kind: 'run', minutes }));
const issue: fc.Arbitrary<Event> = fc
  .integer({ min: 0, max: 20 })
  .map((minutes) => ({ kind: 'issue', minutes }));
const tariff: fc.Arbitrary<Event> = fc.record({
  kind: fc.constant('tariff' as const),
  own: fc.boolean(),
  validFromMs: fc.oneof(bucket, fc.constant(0)),
  tariff: terms,
});
export const life = fc.tuple(
  damages,
  fc.array(
    fc.oneof(
      { weight: 5, arbitrary: usage },
      { weight: 5, arbitrary: run },
      { weight: 2, arbitrary: issue },
      { weight: 1, arbitrary: tariff },
    ),
    { minLength: 5, maxLength: 40 },
  ),
);

interface Lived {
  readonly usage: PostsAt[];
  readonly versions: TariffVersion[];
  readonly issued: Invoice[];
}

/** Applies the events to client `client`. The `ledgers` take turns, as restarted processes do. */
export async function live(
  books: Books,
  ledgers: readonly BillingLedger[],
  client: string,
  [first, events]: [Tariff, readonly Event[]],
  mayChangeDefault: boolean,
): Promise<Lived> {
  const lived: Lived = { usage: [], versions: [FIRST_TARIFF], issued: [] };
  let turn = 0;
  let nowMs = START_MS;
  const ledger = () => ledgers[turn++ % ledgers.length]!;
  const change = async (own: boolean, validFromMs: number, changed: Tariff | null) => {
    const clientId = own || !mayChangeDefault ? client : null;
    const general = { clientId, version: lived.versions.length + 1, validFromMs };
    const version = { id: v7(), ...general, tariff: clientId === null ? (changed ?? first) : changed };
    lived.versions.push(version);
    await books.addTariff(version);
  };
  await books.setDetails(client, DETAILS);
  await change(false, 0, first);
  for (const event of [...events, { kind: 'run', minutes: 0 } as const]) {
    if (event.kind === 'usage') {
      lived.usage.push(...event.rows);
      await books.addUsage(client, event.rows);
    } else if (event.kind === 'tariff') {
      await change(event.own, event.validFromMs, event.tariff);
    } else {
      nowMs += event.minutes * MINUTE;
      await bill(ledger(), RULES, nowMs);
      if (event.kind === 'issue') lived.issued.push(...(await issueWhatMay(ledger(), books, client, nowMs)));
    }
  }
  await bill(ledger(), RULES, END_MS);
  return lived;
}

async function issueWhatMay(ledger: BillingLedger, books: Books, client: string, nowMs: number) {
  const issued: Invoice[] = [];
  for (const invoice of await books.invoices(client)) {
    await ledger.approveInvoice(invoice.id, 'fin', nowMs);
    const outcome = await ledger.issueInvoice(invoice.id, 'fin', nowMs);
    if (outcome.kind === 'issued') issued.push(outcome.invoice);
  }
  return issued;
}

export async function expectAsFromScratch(books: Books, client: string, lived: Lived): Promise<void> {
  const posts = cutToBuckets(lived.usage, 60);
  const periods = timelineOf(client, lived.versions, 60);
  const breaches = findBreaches(posts, periods, 60);
  const standing = (await books.breaches(client)).filter((breach) => breach.state !== 'void');
  expect(standing).toEqual(
    breaches.map(({ lines, windowMs, ...facts }) =>
      expect.objectContaining({ ...facts, clientId: client, state: 'closed' }),
    ),
  );
  const due = [...breaches, ...licenceMonths(posts, periods, 60)].flatMap((billed) => billed.lines);
  const live = (await books.invoices(client)).filter((invoice) => invoice.status !== 'void');
  expect(byCurrency(live)).toEqual(byCurrency(due));
  for (const invoice of live)
    expect([invoice.amountMinor]).toEqual([...byCurrency(linesOf(invoice)).values()]);
  for (const invoice of lived.issued) expect(live).toContainEqual(invoice);
}

const linesOf = (invoice: Invoice) => invoice.lines.map((line) => ({ ...line, currency: invoice.currency }));

function byCurrency(amounts: readonly { currency: string; amountMinor: bigint }[]): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const { currency, amountMinor } of amounts) {
    sums.set(currency, (sums.get(currency) ?? 0n) + amountMinor);
  }
  return new Map([...sums].filter(([, sum]) => sum !== 0n).sort());
}

/** Usage without posts makes billing recompute from its bucket on. */
export async function expectNothingChanges(books: Books, client: string): Promise<void> {
  const before = [await books.breaches(client), await books.invoices(client)];
  for (let at = -6; at < BUCKETS; at += 3) {
    await books.addUsage(client, [{ bucketMs: START_MS + at * MINUTE, posts: 0 }]);
    await bill(books.ledger, RULES, END_MS + MINUTE);
    expect([await books.breaches(client), await books.invoices(client)]).toEqual(before);
  }
}
