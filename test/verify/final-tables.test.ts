/** The database refuses to change or delete what is final, and a guarded row in more than its open columns. */

import { sql } from 'drizzle-orm';
import { v7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { adminStore } from '../../src/adapters/postgres/admin/store.ts';
import { rowsOf, sqlStateOf } from '../../src/adapters/postgres/connection/db.ts';
import { type EmptyLedger, emptyLedger, LEDGER_KINDS } from '../adapters/postgres/empty-ledger.ts';
import { fillBook } from './filled-book.ts';
import { fillClaims } from './filled-claims.ts';
import { fillDocuments } from './filled-documents.ts';
import { fillSellers } from './filled-sellers.ts';
import { fillLedger, minute } from './tampered-ledger.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** A change of each table that its trigger must refuse. */
const CHANGES: Readonly<Record<string, string>> = {
  ...{ payments: 'note', entries: 'reason', refunds: 'reason', dunnings: 'actor', documents: 'made_by' },
  ...{ sendings: 'detail', tax_rules: 'created_by', clauses: 'text', logos: 'type' },
  ...{ bank_accounts: 'holder', co_debtors: 'ground', disputes: 'text', proposals: 'reason' },
  number_series: 'prefix',
};

describe.each(LEDGER_KINDS)('final tables on %s', (kind) => {
  let empty: EmptyLedger;
  beforeAll(async () => {
    empty = await emptyLedger(kind, 'final-tables');
    const { db } = empty.ledger;
    const who = { actor: 'test', atMs: minute(90) };
    await fillLedger(db);
    await fillSellers(db, who);
    await fillBook(db, who);
    await fillDocuments(db, who.atMs);
    // With a second person, an action waits as a proposal.
    const token = { id: v7(), name: 'second', roles: ['finance', 'admin'], hash: 'x' } as const;
    await adminStore(db).createToken(token, who);
    await fillClaims(db);
  });
  afterAll(() => empty.drop());

  test.each(Object.entries(CHANGES))(
    '%s cannot be changed in %s, deleted or emptied',
    async (table, column) => {
      const { db } = empty.ledger;
      const [count] = await rowsOf(db, sql.raw(`select count(*)::int as rows from ${table}`));
      expect(count?.rows, 'a table without rows would prove nothing').toBeGreaterThan(0);
      for (const statement of [
        `update ${table} set ${column} = 'changed'`,
        `delete from ${table}`,
        `truncate ${table} cascade`,
      ]) {
        const state = await db.execute(sql.raw(statement)).then(() => 'done', sqlStateOf);
        expect([statement, state]).toEqual([statement, '23001']);
      }
    },
  );
});
