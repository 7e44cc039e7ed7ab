/** The behaviour required of every UsageLedger, in a database or in memory. */

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ClientBucketPosts, UsageBatch, UsageLedger } from '../../src/meter/port.ts';
import type { Usage } from '../../src/meter/usage.ts';

export interface LedgerUnderTest {
  readonly ledger: UsageLedger;
  /** The ledger as a second gateway sees it: over a connection of its own if the ledger has connections. */
  another(): Promise<UsageLedger>;
  drop(): Promise<void>;
}

const MINUTE_MS = 60_000;
const T0 = Date.UTC(2026, 2, 1);

export function usageLedgerContract(name: string, open: () => Promise<LedgerUnderTest>): void {
  describe(`usage ledger: ${name}`, () => {
    let made: LedgerUnderTest;
    let ledger: UsageLedger;
    let journals = 0;
    const journal = () => `journal-${++journals}`;
    beforeAll(async () => {
      made = await open();
      ledger = made.ledger;
    });
    afterAll(() => made.drop());

    test('the last sequence of an unknown journal is 0', async () => {
      expect(await ledger.lastSequence('unheard-of')).toBe(0);
    });

    test('a batch is taken once, regardless of how many times it is offered', async () => {
      const client = fresh();
      const first = batch(journal(), 1, 3, [usage(client, 0, 40), usage(client, 1, 2)]);
      expect([await ledger.take(first), await ledger.take(first), await ledger.take(first)]).toEqual([
        3, 3, 3,
      ]);
      expect(await ledger.lastSequence(first.journalId)).toBe(3);
      expect(await postsOf(ledger, client)).toEqual([
        [T0, 40],
        [T0 + MINUTE_MS, 2],
      ]);
    });

    test('rows of the same key in one batch, and in the next one, are added up', async () => {
      const client = fresh();
      const id = journal();
      await ledger.take(
        batch(id, 1, 1, [usage(client, 0, 1), usage(client, 0, 2), usage(client, 0, 4, 'other')]),
      );
      await ledger.take(batch(id, 2, 2, [usage(client, 0, 8)]));
      expect(await postsOf(ledger, client)).toEqual([[T0, 15]]);
    });

    test('a batch after a gap changes nothing and returns the last sequence of the ledger', async () => {
      const client = fresh();
      const id = journal();
      expect(await ledger.take(batch(id, 2, 2, [usage(client, 0, 5)]))).toBe(0);
      expect(await ledger.take(batch(id, 1, 1, [usage(client, 0, 1)]))).toBe(1);
      expect(await ledger.take(batch(id, 3, 9, [usage(client, 0, 5)]))).toBe(1);
      expect(await postsOf(ledger, client)).toEqual([[T0, 1]]);
    });

    test('a partly taken batch changes nothing, because its sums cannot be split', async () => {
      const client = fresh();
      const id = journal();
      await ledger.take(batch(id, 1, 2, [usage(client, 0, 3)]));
      expect(await ledger.take(batch(id, 2, 4, [usage(client, 0, 7)]))).toBe(2);
      expect(await ledger.take(batch(id, 3, 4, [usage(client, 0, 4)]))).toBe(4);
      expect(await postsOf(ledger, client)).toEqual([[T0, 7]]);
    });

    test('records without usage still advance the journal', async () => {
      const id = journal();
      expect(await ledger.take(batch(id, 1, 5, []))).toBe(5);
      expect(await ledger.lastSequence(id)).toBe(5);
    });

    test('gaps that begin at the same moment, or at the end of the range of times, delay nothing', async () => {
      const id = journal();
      const gap = { fromMs: T0, toMs: T0 + 5, responses: 3, posts: 0 };
      const most = Number.MAX_SAFE_INTEGER;
      const gaps = [
        gap,
        { ...gap, toMs: T0 + 9 },
        // File systems report times with fractions of a millisecond.
        { ...gap, fromMs: T0 + 0.25, toMs: T0 + 0.75 },
        { ...gap, responses: most, posts: most },
        { fromMs: 8.64e15, toMs: 8.64e15, responses: 1, posts: 1 },
      ];
      expect(await ledger.take({ ...batch(id, 1, 4, []), gaps })).toBe(4);
      expect(await ledger.take(batch(id, 5, 5, []))).toBe(5);
    });

    test('the same batch offered twice at the same moment counts once', async () => {
      const other = await made.another();
      const client = fresh();
      const id = journal();
      for (let sequence = 1; sequence <= 10; sequence++) {
        const same = batch(id, sequence, sequence, [usage(client, 0, 10)]);
        expect(await Promise.all([ledger.take(same), other.take(same)])).toEqual([sequence, sequence]);
      }
      expect(await postsOf(ledger, client)).toEqual([[T0, 100]]);
    });

    test('gateways that add to the same clients in opposite order at once lose nothing', async () => {
      const gateways = [ledger, await made.another(), await made.another(), await made.another()];
      const clients = Array.from({ length: 30 }, fresh);
      await Promise.all(
        gateways.map(async (gateway, turn) => {
          const id = journal();
          const ordered = turn % 2 === 0 ? clients : clients.toReversed();
          for (let sequence = 1; sequence <= 10; sequence++) {
            const rows = ordered.map((client) => usage(client, sequence % 3, 1));
            expect(await gateway.take(batch(id, sequence, sequence, rows))).toBe(sequence);
          }
        }),
      );
      for (const client of clients) expect(sum(await postsOf(ledger, client))).toBe(40);
    });

    test('posts are returned for each client and bucket from the given time on, with the sequences that they cover', async () => {
      const client = fresh();
      const id = journal();
      await ledger.take(batch(id, 1, 7, [usage(client, 0, 1), usage(client, 1, 2), usage(client, 2, 3)]));
      expect(await postsOf(ledger, client, T0 + MINUTE_MS)).toEqual([
        [T0 + MINUTE_MS, 2],
        [T0 + 2 * MINUTE_MS, 3],
      ]);
      for await (const page of ledger.posts(T0)) expect(page.sequences.get(id)).toBe(7);
    });

    test('a page is returned even if there are no posts', async () => {
      let pages = 0;
      for await (const page of ledger.posts(T0 + 1e12)) {
        expect(page.posts).toEqual([]);
        pages++;
      }
      expect(pages).toBe(1);
    });

    test('all pages show one snapshot, and the reader may write between them', async () => {
      const clients = Array.from({ length: 50 }, fresh);
      const rows = clients.flatMap((client) =>
        Array.from({ length: 450 }, (_, minute) => usage(client, minute, 1)),
      );
      await ledger.take(batch(journal(), 1, 1, rows));
      const seen: ClientBucketPosts[] = [];
      const late = journal();
      let sequence = 0;
      for await (const page of ledger.posts(T0)) {
        expect(page.sequences.get(late) ?? 0).toBe(0);
        seen.push(...page.posts.filter((row) => clients.includes(row.clientId)));
        sequence++;
        await ledger.take(batch(late, sequence, sequence, [usage(clients.at(-1)!, 0, 1000)]));
      }
      expect(sequence).toBeGreaterThan(1);
      expect(seen).toHaveLength(50 * 450);
      expect(seen.every((row) => row.posts === 1)).toBe(true);
      const order = [...new Set(seen.map((row) => row.clientId))];
      expect(order).toHaveLength(50);
      expect(seen.filter((row, at) => row.clientId !== seen[at - 1]?.clientId)).toHaveLength(50);
    });

    test('a reader may stop early', async () => {
      for await (const page of ledger.posts(T0)) {
        expect(page.sequences).toBeInstanceOf(Map);
        break;
      }
      expect(await ledger.lastSequence('unheard-of')).toBe(0);
    });

    test('records that are offered repeatedly, overlapping or out of order are each taken once', async () => {
      const offers = fc.array(
        fc.record({ from: fc.integer({ min: 1, max: 6 }), length: fc.integer({ min: 0, max: 5 }) }),
        {
          maxLength: 12,
        },
      );
      await fc.assert(
        fc.asyncProperty(offers, async (tried) => {
          const client = fresh();
          const id = journal();
          let last = 0;
          for (const { from, length } of tried) {
            const to = from + length;
            const answer = await ledger.take(batch(id, from, to, records(client, from, to)));
            last = from === last + 1 && to > last ? to : last;
            expect(answer).toBe(last);
          }
          expect(sum(await postsOf(ledger, client))).toBe((last * (last + 1)) / 2);
        }),
        { numRuns: 15 },
      );
    });
  });
}

/** Record n of a journal holds n posts, so a sum shows which records were taken and how many times. */
function records(client: string, from: number, to: number): Usage[] {
  return Array.from({ length: to - from + 1 }, (_, at) => usage(client, 0, from + at));
}

function batch(journalId: string, firstSequence: number, lastSequence: number, rows: Usage[]): UsageBatch {
  return { journalId, firstSequence, lastSequence, usage: rows };
}

let clientsMade = 0;
const fresh = () => `addr:198.51.100.${++clientsMade}`;

function usage(clientId: string, minute: number, posts: number, identifierId = clientId): Usage {
  const bucketMs = T0 + minute * MINUTE_MS;
  return { clientId, identifierId, bucketMs, posts, requests: 1, refused: 0, bytes: 600, uncounted: 0 };
}

async function postsOf(ledger: UsageLedger, clientId: string, fromMs = T0): Promise<Array<[number, number]>> {
  const found: Array<[number, number]> = [];
  for await (const page of ledger.posts(fromMs)) {
    for (const row of page.posts) if (row.clientId === clientId) found.push([row.bucketMs, row.posts]);
  }
  return found;
}

const sum = (rows: ReadonlyArray<[number, number]>) => rows.reduce((total, [, posts]) => total + posts, 0);
