/** The statement that clears marks decides like the rule, on random ledgers. */

import fc from 'fast-check';
import { v7 } from 'uuid';
import { expect, it, onTestFinished } from 'vitest';
import { clearUnbillable } from '../../../../src/adapters/postgres/billing/plan.ts';
import { breachRow, invoiceRow } from '../../../../src/adapters/postgres/billing/rows.ts';
import type { LedgerDb } from '../../../../src/adapters/postgres/connection/db.ts';
import {
  billingDue,
  breaches,
  clients,
  invoices,
  tariffVersions,
  usage,
} from '../../../../src/adapters/postgres/schema.ts';
import { UNDOCUMENTED } from '../../../../src/invoice/document.ts';
import type { Invoice } from '../../../../src/invoice/model.ts';
import { type ChangedClient, canBeSkipped } from '../../../../src/tariff/skip.ts';
import type { Tariff } from '../../../../src/tariff/tariff.ts';
import { tariffToJson } from '../../../../src/tariff/terms.ts';
import { damages, terms } from '../../../tariff/arbitraries.ts';
import { emptyLedger, LEDGER_KINDS } from '../empty-ledger.ts';

const START_MS = Date.UTC(2026, 2, 1);
const minute = fc.nat({ max: 20 }).map((count) => START_MS + count * 60_000);

const changed: fc.Arbitrary<ChangedClient> = fc.record({
  dirtyFromMs: minute,
  hasOwnTariff: fc.nat({ max: 5 }).map((one) => one === 0),
  hasLicenceInvoice: fc.nat({ max: 5 }).map((one) => one === 0),
  breachEndsMs: fc.oneof(fc.constant([]), fc.constant([]), fc.array(minute, { maxLength: 2 })),
  posts: fc.uniqueArray(fc.record({ bucketMs: minute, posts: fc.integer({ min: 1, max: 8 }) }), {
    selector: ({ bucketMs }) => bucketMs,
    maxLength: 6,
  }),
});
/** Mostly versions with a threshold, because a single licence makes every client billable. */
const defaults = fc.oneof(
  fc.array(damages, { maxLength: 3 }),
  fc.array(damages, { maxLength: 3 }),
  fc.array(terms, { maxLength: 3 }),
);

it.each(LEDGER_KINDS)(
  '%s clears the marks of the clients that can be skipped, and of no other',
  async (kind) => {
    const { ledger, drop } = await emptyLedger(kind, 'skip');
    onTestFinished(drop);
    const found = { skipped: 0, billed: 0 };
    await fc.assert(
      fc.asyncProperty(
        defaults,
        fc.array(changed, { minLength: 1, maxLength: 8 }),
        async (general, given) => {
          const skipped = await clearedIn(ledger.db, general, given);
          const expected = given.map((one) => canBeSkipped(one, general));
          expect(skipped).toEqual(expected);
          for (const isSkipped of expected) found[isSkipped ? 'skipped' : 'billed']++;
        },
      ),
      { numRuns: 60 },
    );
    expect(Math.min(found.skipped, found.billed)).toBeGreaterThan(30);
  },
);

/**
 * Fills a ledger, clears marks, and returns for each client whether its mark was cleared. Everything is rolled back.
 */
async function clearedIn(
  db: LedgerDb,
  general: readonly (Tariff | null)[],
  given: readonly ChangedClient[],
): Promise<boolean[]> {
  const undone = new Error('undone');
  let cleared: boolean[] = [];
  const ids = given.map((_, index) => `client-${index}`);
  await db
    .transaction(async (tx) => {
      await tx.execute('alter table tariff_versions disable trigger user');
      await tx.delete(tariffVersions);
      await tx.insert(clients).values(ids.map((id) => ({ id, name: id, source: 'operator' as const })));
      for (const [index, tariff] of general.entries()) await addTariff(tx, null, index + 1, tariff);
      for (const [index, one] of given.entries()) await addClient(tx, ids[index]!, one);
      const count = await clearUnbillable(tx);
      const rows = await tx.select().from(billingDue);
      const marks = new Map(rows.map(({ clientId, dirtyFrom }) => [clientId, dirtyFrom]));
      cleared = ids.map((id) => marks.get(id) === null);
      expect(cleared.filter((one) => one)).toHaveLength(count);
      throw undone;
    })
    .catch((error: unknown) => {
      if (error !== undone) throw error;
    });
  return cleared;
}

async function addClient(tx: LedgerDb, clientId: string, client: ChangedClient): Promise<void> {
  await tx.insert(billingDue).values({ clientId, dirtyFrom: new Date(client.dirtyFromMs) });
  if (client.hasOwnTariff) await addTariff(tx, clientId, 1, { kind: 'exempt' });
  if (client.posts.length > 0) {
    const rest = { clientId, identifierId: 'i', requests: 1, refused: 0, bytes: 0, uncounted: 0 };
    const rows = client.posts.map(({ bucketMs, posts }) => ({
      ...rest,
      bucketAt: new Date(bucketMs),
      posts,
    }));
    await tx.insert(usage).values(rows);
  }
  for (const endMs of client.breachEndsMs) {
    const breach = {
      ...{
        id: v7(),
        clientId,
        stretchFromMs: endMs - 60_000,
        stretchToMs: endMs,
        fromMs: 0,
        toMs: 1,
        posts: 1,
      },
      ...{
        billedPosts: 0,
        unbilledReason: null,
        peakPosts: 1,
        peakAtMs: 0,
        amountMinor: 0n,
        currency: 'USD',
      },
      state: 'void' as const,
    };
    await tx.insert(breaches).values(breachRow(breach, START_MS));
  }
  if (!client.hasLicenceInvoice) return;
  const invoice: Invoice = {
    ...{ id: v7(), number: null, kind: 'invoice', status: 'draft', clientId, breachId: null, monthMs: 0 },
    ...{ correctsId: null, currency: 'USD', amountMinor: 1n, lines: [], billTo: null, approvedBy: null },
    ...{ approvedAtMs: null, issuedAtMs: null, rejection: null, createdAtMs: 0, updatedAtMs: 0 },
    ...UNDOCUMENTED,
  };
  await tx.insert(invoices).values(invoiceRow(invoice));
}

async function addTariff(
  tx: LedgerDb,
  clientId: string | null,
  version: number,
  tariff: Tariff | null,
): Promise<void> {
  await tx.insert(tariffVersions).values({
    ...{ id: v7(), clientId, version, validFrom: new Date(version), createdBy: 'test', reason: 'test' },
    terms: tariff === null ? null : tariffToJson(tariff),
  });
}
