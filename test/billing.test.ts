/** Billing over a whole life: whatever happened in whatever order, the books end as if computed once from scratch. */

import fc from 'fast-check';
import { v7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runBilling } from '../src/billing.ts';
import type { Invoice } from '../src/invoice/model.ts';
import type { BillingLedger, BillingRules } from '../src/invoice/port.ts';
import { findBreaches } from '../src/tariff/breach.ts';
import { licenceMonths } from '../src/tariff/licence.ts';
import { cutToBuckets, type PostsAt } from '../src/tariff/posts.ts';
import type { Tariff, TariffVersion } from '../src/tariff/tariff.ts';
import { timelineOf } from '../src/tariff/timeline.ts';
import { type Books, bill, DETAILS, FIRST_TARIFF, openBooks } from './invoice/billing-books.ts';
import { BUCKETS, damages, START_MS, terms } from './tariff/arbitraries.ts';

const MINUTE = 60_000;
const RULES: BillingRules = { bucketSeconds: 60, latenessMs: 2 * MINUTE, approval: 'manual' };
/** Everything is closed by then, the month too. */
const END_MS = START_MS + 60 * 24 * 60 * MINUTE;

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
const life = fc.tuple(
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

/** Lives through the events as client `client`; `ledgers` take turns, as processes that restart do. */
async function live(
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

async function expectAsFromScratch(books: Books, client: string, lived: Lived): Promise<void> {
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

/** Usage of no posts makes billing compute from its bucket on. */
async function expectNothingChanges(books: Books, client: string): Promise<void> {
  const before = [await books.breaches(client), await books.invoices(client)];
  for (let at = -6; at < BUCKETS; at += 3) {
    await books.addUsage(client, [{ bucketMs: START_MS + at * MINUTE, posts: 0 }]);
    await bill(books.ledger, RULES, END_MS + MINUTE);
    expect([await books.breaches(client), await books.invoices(client)]).toEqual(before);
  }
}

describe('a life of billing', () => {
  it('ends as if computed from scratch, in memory', async () => {
    await fc.assert(
      fc.asyncProperty(life, async (events) => {
        const books = await openBooks('memory', RULES);
        const lived = await live(books, [books.ledger], 'c', events, true);
        await expectAsFromScratch(books, 'c', lived);
        const numbers = lived.issued.map((invoice) => invoice.number);
        expect(numbers).toEqual(numbers.map((_, index) => index + 1));
      }),
      { numRuns: 500 },
    );
  });

  it('changes nothing when billed again from any point', async () => {
    await fc.assert(
      fc.asyncProperty(life, async (events) => {
        const books = await openBooks('memory', RULES);
        await live(books, [books.ledger], 'c', events, true);
        await expectNothingChanges(books, 'c');
      }),
      { numRuns: 150 },
    );
  });
});

describe('on PostgreSQL', () => {
  let books: Books;
  let second: BillingLedger;
  beforeAll(async () => {
    books = await openBooks('postgres', RULES);
    second = await books.another();
  });
  afterAll(() => books.close());

  it('a life ends as if computed from scratch, two processes taking turns', async () => {
    await fc.assert(
      fc.asyncProperty(life, async (events) => {
        const client = v7();
        const lived = await live(books, [books.ledger, second], client, events, false);
        await expectAsFromScratch(books, client, lived);
      }),
      { numRuns: 25, endOnFailure: true },
    );
  });

  it('two runs at once, while usage arrives, write one draft a client', async () => {
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

  it('issues once and without a gap, however many ask at once', async () => {
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
