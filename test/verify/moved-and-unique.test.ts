/**
 * Verification of usage that was moved to another client, before and after it was billed, and of posts that count once
 * a day. An unchanged ledger has no findings, and any change is found.
 */

import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LedgerDb, rowsOf } from '../../src/adapters/postgres/connection/db.ts';
import type { Tariff } from '../../src/tariff/tariff.ts';
import { type EmptyLedger, emptyLedger, LEDGER_KINDS } from '../adapters/postgres/empty-ledger.ts';
import { idsOf } from '../meter/unique/ids.ts';
import { completeSeller } from '../support/sellers.ts';
import { LedgerAtWork, LICENCE, minute, SMALL, usageAt } from './tampered-ledger.ts';

type Tampering = readonly [what: string, tables: string, statement: string, codes: readonly string[]];

/**
 * `key-1` and `key-2` are moved from `giver` to `taker`, the one for good, the other for two minutes, between the
 * invoices 1 (`giver`) and 2, 3 (credit note of `giver`, invoice of `taker`). Usage of `key-1` that comes later still as
 * the giver's makes the supplement 4. `other` has nothing to do with it.
 */
async function fillMoved(db: LedgerDb): Promise<LedgerAtWork> {
  const work = new LedgerAtWork(db);
  for (const id of ['giver', 'taker', 'other']) await work.client(id, SMALL);
  for (const id of ['key-1', 'key-2', 'key-3']) await work.identifier('giver', id);
  const ofGiver = (at: number, posts: number, identifierId: string) =>
    usageAt('giver', at, posts, { identifierId });
  for (let at = 0; at < 4; at++) {
    const keys = ['key-1', 'key-2', 'key-3'].map((key, index) => ofGiver(at, 30 + index, key));
    await work.take('gateway-1', [...keys, usageAt('taker', at, 20), usageAt('other', at, 40)], 2);
  }
  await work.bill(minute(30));
  await work.issue('giver', minute(30));
  const both = { fromClientId: 'giver', toClientId: 'taker' };
  await work.move({ ...both, identifierId: 'key-1', fromMs: minute(1), untilMs: null }, minute(31));
  await work.move({ ...both, identifierId: 'key-2', fromMs: minute(0), untilMs: minute(2) }, minute(32));
  await work.bill(minute(40));
  await work.issue('giver', minute(40));
  await work.issue('taker', minute(41));
  await work.take('gateway-2', [ofGiver(3, 9, 'key-1'), ofGiver(0, 5, 'key-1'), ofGiver(5, 1, 'key-3')]);
  await work.bill(minute(50));
  await work.issue('taker', minute(50));
  return work;
}

const MOVED: readonly Tampering[] = [
  [
    'the target of a move',
    'moves',
    `update moves set to_client_id = 'other' where id = 1`,
    ['usage_differs', 'usage_hash', 'invoice_differs'],
  ],
  [
    'from when on',
    'moves',
    `update moves set from_at = from_at + interval '1 minute' where id = 1`,
    ['usage_differs', 'usage_hash'],
  ],
  ['until when', 'moves', `update moves set to_at = null where id = 2`, ['usage_differs', 'usage_hash']],
  [
    'which identifier',
    'moves',
    `update moves set identifier_id = 'key-3' where id = 1`,
    ['usage_differs', 'usage_hash'],
  ],
  ['a move deleted', 'moves', `delete from moves where id = 2`, ['usage_differs', 'usage_hash']],
  [
    'a move made up',
    'moves',
    `insert into moves (identifier_id, from_client_id, to_client_id, from_at, at, actor, reason) select 'other-key', 'other', 'taker', from_at, at, actor, reason from moves where id = 1`,
    ['usage_differs'],
  ],
  [
    'usage moved without a move',
    'usage',
    `update usage set client_id = 'taker' where identifier_id = 'key-3' and bucket_at = (select min(bucket_at) from usage)`,
    ['usage_differs'],
  ],
  [
    'usage moved back',
    'usage',
    `update usage set client_id = 'giver' where identifier_id = 'key-1' and bucket_at = (select from_at from moves where id = 1)`,
    ['usage_differs'],
  ],
  [
    'a move deleted, and its usage moved back',
    'moves,usage',
    `with gone as (delete from moves where id = 1) update usage set client_id = 'giver' where identifier_id = 'key-1' and client_id = 'taker' and bucket_at not in (select bucket_at from usage where identifier_id = 'key-1' and client_id = 'giver')`,
    ['usage_hash', 'invoice_differs'],
  ],
  [
    'a move made to be of before an invoice',
    'moves',
    `update moves set id = -1 where id = 2`,
    ['usage_hash'],
  ],
  [
    'the last move that an invoice knows',
    'invoices',
    `update invoices set usage_as_of = jsonb_set(usage_as_of, '{lastMove}', '2') where number = 1`,
    ['content_hash', 'usage_hash', 'invoice_differs'],
  ],
];

const idsFrom = (first: number, count: number) => idsOf(Array.from({ length: count }, (_, at) => first + at));

/**
 * `damages` and `licence` pay for each post once a day, `deliveries` for each delivery. In each of five minutes 40
 * posts are served of which 10 are new; 5 have no id. Of each of them an invoice is issued (1, 2, 3); a supplement (4)
 * of `damages` comes by usage that was late.
 */
async function fillUnique(db: LedgerDb): Promise<LedgerAtWork> {
  const work = new LedgerAtWork(db);
  await work.client('damages', { ...SMALL, count: 'unique', threshold: 60 } as Tariff);
  await work.client('licence', { ...LICENCE, count: 'unique' } as Tariff);
  await work.client('deliveries', SMALL);
  const all = ['damages', 'licence', 'deliveries'];
  for (let at = 0; at < 5; at++) {
    const usage = all.map((id) => usageAt(id, at, 45, { ids: idsFrom(10 * at, 40) }));
    await work.take('gateway-1', usage);
  }
  await work.bill(minute(30));
  await work.issue('damages', minute(30));
  await work.issue('deliveries', minute(30));
  const april = Date.UTC(2026, 3, 2);
  await work.bill(april);
  await work.issue('licence', april);
  // 15 new ones. The other 5 no longer count in the later minute in which they were the first.
  await work.take('gateway-2', [usageAt('damages', 1, 20, { ids: idsFrom(75, 20) })]);
  await work.bill(april);
  await work.issue('damages', april);
  return work;
}

const UNIQUE: readonly Tampering[] = [
  [
    'posts counted again that were there before',
    'unique_buckets',
    `update unique_buckets set first_posts = first_posts + 20 where client_id = 'damages' and bucket_at = (select max(bucket_at) from unique_buckets)`,
    ['breach_differs'],
  ],
  [
    'posts of a bucket no longer counted',
    'unique_buckets',
    `update unique_buckets set first_posts = 0 where client_id = 'licence' and bucket_at = (select min(bucket_at) from unique_buckets)`,
    ['draft_differs'],
  ],
  [
    'a missing bucket',
    'unique_buckets',
    `delete from unique_buckets where client_id = 'damages' and bucket_at = (select max(bucket_at) from unique_buckets)`,
    ['breach_differs'],
  ],
  [
    'more new posts than deliveries with an id',
    'unique_buckets',
    `update unique_buckets set first_posts = identified + 1 where client_id = 'licence'`,
    ['unique_implausible'],
  ],
  [
    'more deliveries with an id in a day than were served',
    'unique_days',
    `update unique_days set identified = 1000 where client_id = 'deliveries'`,
    ['unique_implausible'],
  ],
  [
    'more different posts in a day than deliveries',
    'unique_days',
    `update unique_days set posts = identified + 1 where client_id = 'licence'`,
    ['unique_implausible'],
  ],
  [
    'the repeats that an invoice leaves out',
    'invoices',
    `update invoices set usage_as_of = jsonb_set(usage_as_of, '{repeats,0,1}', '1') where number = 1`,
    ['content_hash', 'invoice_differs'],
  ],
  [
    'all repeats that an invoice leaves out',
    'invoices',
    `update invoices set usage_as_of = jsonb_set(usage_as_of, '{repeats}', '[]') where number = 3`,
    ['content_hash', 'invoice_differs'],
  ],
  [
    'the unique posts that an invoice reports',
    'invoices',
    `update invoices set unique_posts = jsonb_set(unique_posts, '{posts}', '1') where number = 2`,
    ['content_hash'],
  ],
  [
    'deliveries billed in place of unique posts',
    'tariff_versions',
    `update tariff_versions set terms = jsonb_set(terms, '{count}', '"deliveries"') where client_id = 'damages'`,
    ['tariff_differs', 'content_hash', 'invoice_differs'],
  ],
  [
    'posts of a batch',
    'batches',
    `update batches set content = replace(content, ',45,', ',46,') where journal_id = 'gateway-1' and last_sequence = 2`,
    ['chain_hash', 'usage_differs', 'usage_hash'],
  ],
];

const LEDGERS = [
  ['moved identifiers', fillMoved, ['invoice', 'credit_note', 'invoice', 'supplement'], MOVED],
  ['unique posts', fillUnique, ['invoice', 'invoice', 'invoice', 'supplement'], UNIQUE],
] as const;

describe.each(LEDGER_KINDS)('on %s', (kind) => {
  describe.each(LEDGERS)('a ledger with %s', (_of, fill, kinds, tamperings) => {
    let empty: EmptyLedger;
    let work: LedgerAtWork;
    beforeAll(async () => {
      empty = await emptyLedger(kind, 'verify');
      await completeSeller(empty.ledger.db);
      work = await fill(empty.ledger.db);
    });
    afterAll(() => empty.drop());

    it('has no findings as the product left it', async () => {
      const issued = await rowsOf(
        empty.ledger.db,
        sql`select kind from invoices where status = 'issued' order by number`,
      );
      expect(issued.map((row) => row.kind)).toEqual(kinds);
      expect(await work.verify()).toEqual({ findings: [], notes: [] });
    });

    it.each(tamperings)('tells %s', async (_what, tables, statement, codes) => {
      expect(await work.codesAfter(tables, statement)).toEqual(expect.arrayContaining([...codes]));
    });

    it('is unchanged after all tamperings are undone', async () => {
      expect(await work.verify()).toEqual({ findings: [], notes: [] });
    });
  });
});
