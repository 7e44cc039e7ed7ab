/** A database of an earlier version: its tables, filled with the rows of a current ledger. */

import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate } from 'drizzle-orm/postgres-js/migrator';
import type { Sql } from 'postgres';
import { onTestFinished } from 'vitest';
import { sha256 } from '../../../src/adapters/crypto/sha256.ts';
import type { LedgerDb } from '../../../src/adapters/postgres/connection/db.ts';
import { withVerifiableLedger } from '../../../src/adapters/postgres/verification/verification.ts';
import { UNDOCUMENTED } from '../../../src/invoice/document.ts';
import { contentHash } from '../../../src/invoice/seal.ts';

const MIGRATIONS = fileURLToPath(new URL('../../../drizzle', import.meta.url));

/** Applies the migrations up to `last`, as the version did that had no later ones. */
export async function migrateTo(last: string, client: Sql): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'postmeter-drizzle-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await cp(MIGRATIONS, folder, { recursive: true });
  const path = join(folder, 'meta', '_journal.json');
  const journal: { entries: { tag: string }[] } = JSON.parse(await readFile(path, 'utf8'));
  const entries = journal.entries.filter(({ tag }) => tag <= last);
  await writeFile(path, JSON.stringify({ ...journal, entries }));
  await migrate(drizzle({ client }), { migrationsFolder: folder });
}

/** Replaces all rows of `old` with those of `source`. Columns that the old tables lack are omitted. */
export async function copyRows(source: Sql, old: Sql): Promise<void> {
  await old.begin(async (tx) => {
    // Triggers and references are off during the copy, as in pg_restore.
    await tx.unsafe('set local session_replication_role = replica');
    for (const table of await tablesOf(old)) {
      const [row] = await source.unsafe(`select coalesce(json_agg(t), '[]')::text as rows from ${table} t`);
      await tx.unsafe(`delete from ${table}`);
      await tx.unsafe(
        `insert into ${table} select * from json_populate_recordset(null::${table}, $1::text::json)`,
        [row!.rows],
      );
    }
  });
}

/**
 * Makes the issued invoices of `old`, with the tables of an earlier version, those that the version issued: their
 * seals do not cover a document, and the audit log has no seller.
 */
export async function sealAsBefore(source: LedgerDb, old: Sql): Promise<void> {
  const seals = await withVerifiableLedger(source, async (ledger) => {
    const tariffs = await ledger.tariffs();
    const found: { id: string; hash: string }[] = [];
    for await (const page of ledger.issued()) {
      for (const { invoice, unique, usageHash, asOf } of page) {
        const named = tariffs.filter(({ id }) => asOf!.tariffVersionIds.includes(id));
        const before = { ...invoice, ...UNDOCUMENTED };
        const sealed = { invoice: before, unique, usageHash: usageHash!, asOf: asOf!, tariffs: named };
        found.push({ id: invoice.id, hash: contentHash(sealed, sha256) });
      }
    }
    return found;
  });
  await old.begin(async (tx) => {
    await tx.unsafe('set local session_replication_role = replica');
    await tx.unsafe(`delete from audit where subject like 'sellers/%'`);
    for (const { id, hash } of seals) {
      await tx.unsafe('update invoices set content_hash = $1 where id = $2', [hash, id]);
      await tx.unsafe(
        `update audit set after = jsonb_set(after, '{contentHash}', to_jsonb($1::text))
        where subject = $2 and action = 'invoice.issued'`,
        [hash, `invoices/${id}`],
      );
    }
  });
}

/** The rows of a table as text, sorted by their columns. */
export async function rowsOfTable(sql: Sql, table: string): Promise<string[]> {
  const rows = await sql.unsafe(`select t::text as row from ${table} t order by 1`);
  return rows.map(({ row }) => row);
}

async function tablesOf(sql: Sql): Promise<string[]> {
  const rows = await sql.unsafe("select tablename from pg_tables where schemaname = 'public' order by 1");
  return rows.map(({ tablename }) => tablename);
}
