import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { events } from '../../../../src/adapters/postgres/notify/tables.ts';
import { watchExpiringClaims } from '../../../../src/adapters/postgres/receivable/expiring-claims.ts';
import { completeSeller } from '../../../support/sellers.ts';
import { LedgerAtWork, minute, SMALL, usageAt } from '../../../verify/tampered-ledger.ts';
import { type EmptyLedger, emptyLedger, LEDGER_KINDS } from '../empty-ledger.ts';

/** The breaches begin on 2026-03-01. The shipped clause expires after 12 and after 24 months. */
const on = (year: number, month: number, day: number) => Date.UTC(year, month - 1, day, 9);

describe.each(LEDGER_KINDS)('claims that expire, on %s', (kind) => {
  let empty: EmptyLedger;
  let work: LedgerAtWork;
  beforeAll(async () => {
    empty = await emptyLedger(kind, `expiring-${kind}`);
    work = new LedgerAtWork(empty.ledger.db, false);
    await completeSeller(work.db);
    for (const clientId of ['issued', 'drafted']) {
      await work.client(clientId, SMALL);
      for (let at = 0; at < 4; at++) await work.take(`gw-${clientId}`, [usageAt(clientId, at, 40)]);
    }
    await work.bill(minute(30));
    await work.issue('issued', minute(30));
  });
  afterAll(() => empty.drop());

  const told = async () => {
    const rows = await work.db
      .select()
      .from(events)
      .where(eq(events.type, 'claim.expiring'))
      .orderBy(events.sequence);
    return rows.map(({ clientId, data }) => [clientId, data.on, data.days]).sort();
  };

  test('are reported 90, 30 and 7 days before, once each, as drafts and as issued invoices', async () => {
    const look = async (atMs: number) => {
      const other = (await empty.another()).db;
      await Promise.all([watchExpiringClaims(work.db, atMs), watchExpiringClaims(other, atMs)]);
    };
    await look(on(2026, 11, 30));
    expect(await told()).toEqual([]);
    await look(on(2026, 12, 1));
    await look(on(2026, 12, 2));
    const first = ['drafted', 'issued'].map((clientId) => [clientId, '2027-03-01', 90]);
    expect(await told()).toEqual(first);
    await look(on(2027, 1, 31));
    await look(on(2027, 2, 22));
    await look(on(2027, 3, 1));
    await look(on(2027, 3, 2));
    const all = ['drafted', 'issued'].flatMap((clientId) =>
      [30, 7, 90].map((days) => [clientId, '2027-03-01', days]),
    );
    expect(await told()).toEqual(all.sort());
  });
});
