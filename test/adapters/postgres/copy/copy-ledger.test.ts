import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { sha256 } from '../../../../src/adapters/crypto/sha256.ts';
import { adminStore } from '../../../../src/adapters/postgres/admin/store.ts';
import { type LedgerDb, rowsOf } from '../../../../src/adapters/postgres/connection/db.ts';
import { type CopiedTable, copyLedger } from '../../../../src/adapters/postgres/copy/copy-ledger.ts';
import { withVerifiableLedger } from '../../../../src/adapters/postgres/verification/verification.ts';
import { verifyLedger } from '../../../../src/verify/ledger.ts';
import { fillLedger, RULES } from '../../../verify/tampered-ledger.ts';
import { type EmptyLedger, emptyLedger } from '../empty-ledger.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let source: EmptyLedger;
let target: EmptyLedger;

beforeAll(async () => {
  [source, target] = await Promise.all([emptyLedger('pglite', 'copy'), emptyLedger('postgres', 'copy')]);
  await fillLedger(source.ledger.db);
});
afterAll(() => Promise.all([source.drop(), target.drop()]));

/** Every row of every table as text. */
async function contentOf(db: LedgerDb): Promise<ReadonlyMap<string, unknown>> {
  const tables = await rowsOf(
    db,
    sql`select table_name as name from information_schema.tables
      where table_schema = 'public' and table_type = 'BASE TABLE'`,
  );
  const contents = new Map<string, unknown>();
  for (const { name } of tables) {
    const rows = await rowsOf(
      db,
      sql`select t::text as row from ${sql.identifier(String(name))} t order by 1`,
    );
    contents.set(
      String(name),
      rows.map(({ row }) => row),
    );
  }
  return contents;
}

function findingsIn(db: LedgerDb): Promise<readonly unknown[]> {
  return withVerifiableLedger(db, async (ledger) => {
    const found: unknown[] = [];
    for await (const event of verifyLedger(ledger, RULES, sha256)) if ('finding' in event) found.push(event);
    return found;
  });
}

test('the copy has the same rows, verifies, and continues the sequences', async () => {
  const before = await contentOf(source.ledger.db);
  const seen: CopiedTable[] = [];
  const tables = await copyLedger(source.ledger.db, target.ledger.db, (table) => seen.push(table));
  expect(seen).toEqual(tables);
  const after = await contentOf(target.ledger.db);
  expect(after).toEqual(before);
  expect([...before.values()].flat().length).toBe(tables.reduce((sum, { rows }) => sum + rows, 0));
  for (const table of ['usage', 'batches', 'invoices', 'entries', 'tariff_versions'])
    expect(before.get(table), table).not.toEqual([]);

  expect(await findingsIn(target.ledger.db)).toEqual(await findingsIn(source.ledger.db));

  const [{ last }] = (await rowsOf(target.ledger.db, sql`select max(id) as last from audit`)) as [
    { last: string },
  ];
  await adminStore(target.ledger.db).createClient(
    { id: 'new', name: 'New', billing: {} },
    { actor: 'a', atMs: 0 },
  );
  const [{ next }] = (await rowsOf(target.ledger.db, sql`select max(id) as next from audit`)) as [
    { next: string },
  ];
  expect(Number(next)).toBe(Number(last) + 1);
  // Final rows are final again.
  await expect(target.ledger.db.execute(sql`delete from audit`)).rejects.toThrow();
});

test('a ledger that has been used is refused, and stays as it is', async () => {
  const used = await emptyLedger('postgres', 'copy-used');
  try {
    await adminStore(used.ledger.db).createClient(
      { id: 'a', name: 'A', billing: {} },
      { actor: 'a', atMs: 0 },
    );
    const before = await contentOf(used.ledger.db);
    await expect(copyLedger(source.ledger.db, used.ledger.db, () => {})).rejects.toMatchObject({
      code: 'ledger_in_use',
    });
    expect(await contentOf(used.ledger.db)).toEqual(before);
  } finally {
    await used.drop();
  }
});

test('a copy that fails leaves the target as it was', async () => {
  const other = await emptyLedger('postgres', 'copy-fails');
  try {
    const before = await contentOf(other.ledger.db);
    const broken = copyLedger(source.ledger.db, other.ledger.db, ({ table }) => {
      if (table === 'usage') throw new Error('the disk is full');
    });
    await expect(broken).rejects.toThrow('the disk is full');
    expect(await contentOf(other.ledger.db)).toEqual(before);
  } finally {
    await other.drop();
  }
});
