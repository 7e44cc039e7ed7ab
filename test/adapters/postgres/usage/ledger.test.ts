import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { markTariffChanged } from '../../../../src/adapters/postgres/billing/marks.ts';
import { audit, billingDue, clients, gaps, usage } from '../../../../src/adapters/postgres/schema.ts';
import { postgresUsageLedger } from '../../../../src/adapters/postgres/usage/ledger.ts';
import type { UsageLedger } from '../../../../src/meter/port.ts';
import type { Usage } from '../../../../src/meter/usage.ts';
import { usageLedgerContract } from '../../../meter/usage-ledger.contract.ts';
import { type EmptyLedger, emptyLedger, LEDGER_KINDS } from '../empty-ledger.ts';

const T0 = Date.UTC(2026, 2, 1);

for (const kind of LEDGER_KINDS) {
  const options = { aheadPages: kind === 'pglite' ? Number.POSITIVE_INFINITY : 1 };

  usageLedgerContract(kind, async () => {
    const made = await emptyLedger(kind, 'usage-contract');
    return {
      ledger: postgresUsageLedger(made.ledger.db, options),
      another: async () => postgresUsageLedger((await made.another()).db, options),
      drop: made.drop,
    };
  });

  describe(`usage in ${kind}`, () => {
    let made: EmptyLedger;
    let ledger: UsageLedger;
    let sequence = 0;
    const take = (...rows: Usage[]) => {
      sequence++;
      const batch = { journalId: 'j', firstSequence: sequence, lastSequence: sequence, usage: rows };
      return ledger.take(batch);
    };
    beforeAll(async () => {
      made = await emptyLedger(kind, 'usage');
      ledger = postgresUsageLedger(made.ledger.db, options);
    });
    afterAll(() => made.drop());

    test('keeps every figure', async () => {
      await take(
        row('addr:192.0.2.1', { posts: 7, requests: 3, refused: 1, bytes: 12_345_678_901, uncounted: 2 }),
      );
      await take(row('addr:192.0.2.1', { posts: 1, requests: 1, refused: 0, bytes: 1, uncounted: 0 }));
      const [found] = await made.ledger.db.select().from(usage).where(eq(usage.clientId, 'addr:192.0.2.1'));
      const figures = { posts: 8, requests: 4, refused: 1, bytes: 12_345_678_902, uncounted: 2 };
      expect(found).toEqual({
        clientId: 'addr:192.0.2.1',
        identifierId: 'i',
        bucketAt: new Date(T0),
        ...figures,
      });
    });

    test('an unknown address becomes a client without an entry in the audit log', async () => {
      await take(row('addr:2001:db8:1:2::/64'));
      const [made1] = await clientsBy('addr:2001:db8:1:2::/64');
      expect(made1).toMatchObject({ source: 'address', name: '2001:db8:1:2::/64' });
      expect(await made.ledger.db.select().from(audit)).toEqual([]);
    });

    test('a range of unknown callers becomes a client that billing never sees', async () => {
      await take(row('net:203.0.113.0/24'), row('net:2001:db8::/48'));
      expect(await clientsBy('net:203.0.113.0/24')).toMatchObject([
        { source: 'prefix', name: '203.0.113.0/24' },
      ]);
      expect(await clientsBy('net:2001:db8::/48')).toMatchObject([{ source: 'prefix' }]);
      expect(await made.ledger.db.select().from(audit)).toEqual([]);
      await take(row('addr:192.0.2.200'));
      await made.ledger.db.transaction((tx) => markTariffChanged(tx, null, T0));
      expect(await dueOf('addr:192.0.2.200')).toHaveLength(1);
      expect(await dueOf('net:203.0.113.0/24')).toEqual([]);
      await made.ledger.db.transaction((tx) => markTariffChanged(tx, 'net:203.0.113.0/24', T0));
      expect(await dueOf('net:203.0.113.0/24')).toEqual([]);
    });

    test('a client that the ledger lost comes back with its usage, and the audit log has it', async () => {
      await take(row('acme'));
      expect(await clientsBy('acme')).toMatchObject([{ source: 'operator', legalName: null }]);
      const [entry] = await made.ledger.db.select().from(audit).where(eq(audit.subject, 'clients/acme'));
      expect(entry).toMatchObject({ actor: 'postmeter', action: 'client.recovered' });
    });

    test('billing receives the earliest bucket whose posts changed', async () => {
      await take(
        row('addr:192.0.2.9', { bucketMs: T0 + 120_000 }),
        row('addr:192.0.2.9', { bucketMs: T0 + 60_000 }),
      );
      await take(row('addr:192.0.2.9', { bucketMs: T0 + 180_000 }));
      await take(row('addr:192.0.2.10', { posts: 0 }));
      expect(await dueOf('addr:192.0.2.9')).toMatchObject([{ dirtyFrom: new Date(T0 + 60_000) }]);
      expect(await dueOf('addr:192.0.2.10')).toEqual([]);
    });

    test('billing that has run, and has something due, is notified again', async () => {
      const dueAt = new Date(T0 + 3_600_000);
      await take(row('addr:192.0.2.11'));
      await made.ledger.db
        .update(billingDue)
        .set({ dirtyFrom: null, dueAt })
        .where(eq(billingDue.clientId, 'addr:192.0.2.11'));
      await take(row('addr:192.0.2.11', { bucketMs: T0 + 60_000 }));
      expect(await dueOf('addr:192.0.2.11')).toMatchObject([{ dirtyFrom: new Date(T0 + 60_000), dueAt }]);
    });

    test("a batch with an impossible row is refused whole, and the journal's last sequence stays the same", async () => {
      const before = sequence;
      await expect(take(row('addr:192.0.2.12'), row('addr:192.0.2.13', { posts: -1 }))).rejects.toMatchObject(
        {
          code: 'ledger_refused',
          message: expect.not.stringContaining('192.0.2.12'),
        },
      );
      expect(await ledger.lastSequence('j')).toBe(before);
      expect(await clientsBy('addr:192.0.2.12')).toEqual([]);
      sequence = before;
    });

    test('gaps with the same beginning are stored as one', async () => {
      const gap = { fromMs: T0 + 0.5, toMs: T0 + 1_000, responses: 3, posts: 2 };
      const twice = [gap, { ...gap, fromMs: T0, toMs: T0 + 500 }];
      await ledger.take({ journalId: 'damaged', firstSequence: 1, lastSequence: 2, usage: [], gaps: twice });
      const kept = await made.ledger.db.select().from(gaps).where(eq(gaps.journalId, 'damaged'));
      expect(kept).toEqual([
        {
          ...{ journalId: 'damaged', sequence: 2, responses: 6, posts: 4 },
          ...{ fromAt: new Date(T0), toAt: new Date(T0 + 1_000) },
        },
      ]);
    });

    test('a crash before the commit stores nothing, and the batch is taken when it is offered again', async () => {
      const { db } = made.ledger;
      await db.execute(sql`create function crash() returns trigger language plpgsql as
        $$ begin raise exception 'crash' using errcode = '57P01'; end $$`);
      await db.execute(sql`create trigger crash before update on journals for each row
        when (new.last_sequence > old.last_sequence) execute function crash()`);
      await expect(take(row('addr:192.0.2.14'))).rejects.toMatchObject({ code: 'ledger_unavailable' });
      expect(await clientsBy('addr:192.0.2.14')).toEqual([]);
      await db.execute(sql`drop trigger crash on journals`);
      sequence--;
      expect(await take(row('addr:192.0.2.14'))).toBe(sequence);
      expect(await clientsBy('addr:192.0.2.14')).toHaveLength(1);
    });

    const clientsBy = (id: string) => made.ledger.db.select().from(clients).where(eq(clients.id, id));
    const dueOf = (id: string) => made.ledger.db.select().from(billingDue).where(eq(billingDue.clientId, id));
  });
}

function row(clientId: string, more: Partial<Usage> = {}): Usage {
  const zero = { posts: 1, requests: 1, refused: 0, bytes: 0, uncounted: 0 };
  return { clientId, identifierId: 'i', bucketMs: T0, ...zero, ...more };
}
