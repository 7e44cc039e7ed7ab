/**
 * Copies every row of a ledger into another database that has the same tables and no usage yet. The rows are the same
 * to the bit, so seals, chains and evidence of the copy verify as before.
 */

import { type SQL, sql } from 'drizzle-orm';
import { type LedgerDb, LedgerError, rowsOf } from '../connection/db.ts';
import { parentsFirst } from './parents-first.ts';

export interface CopiedTable {
  readonly table: string;
  readonly rows: number;
}

/** Tables of which a ledger that has been used has rows. */
const SIGNS_OF_USE = ['clients', 'journals', 'tokens', 'invoices'] as const;
/** Size of a page. A row of `batches` may have half a megabyte, a row of `usage` has 200 bytes. */
const PAGE_BYTES = 1_000_000;
const MAX_PAGE_ROWS = 5_000;

/**
 * Runs in one transaction of each database. The role of `target` must own its tables, because their triggers are off
 * meanwhile. Throws `LedgerError` with the code `ledger_in_use` if the target has been used, and rejects as the database
 * does if a row cannot be copied; then the target is unchanged.
 */
export async function copyLedger(
  source: LedgerDb,
  target: LedgerDb,
  copied: (table: CopiedTable) => void,
): Promise<readonly CopiedTable[]> {
  return source.transaction(
    (from) =>
      target.transaction(async (to) => {
        await demandUnused(to);
        const tables = await tablesOf(to);
        for (const table of tables) await to.execute(sql`alter table ${name(table)} disable trigger user`);
        // What the migrations have written, such as the default seller.
        for (const table of tables.toReversed()) await to.execute(sql`delete from ${name(table)}`);
        const done: CopiedTable[] = [];
        for (const table of tables) {
          const rows = await copyTable(from, to, table);
          done.push({ table, rows });
          copied({ table, rows });
        }
        await setSequences(to);
        for (const table of tables) await to.execute(sql`alter table ${name(table)} enable trigger user`);
        return done;
      }),
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  );
}

async function demandUnused(target: LedgerDb): Promise<void> {
  for (const table of SIGNS_OF_USE) {
    const [row] = await rowsOf(target, sql`select exists (select from ${name(table)}) as is_used`);
    if (row?.is_used !== true) continue;
    throw new LedgerError(
      'ledger_in_use',
      `The database of DATABASE_URL is a ledger that has been used: its table ${table} has rows. Name an empty database.`,
    );
  }
}

async function tablesOf(target: LedgerDb): Promise<readonly string[]> {
  const tables = await rowsOf(
    target,
    sql`select table_name as name from information_schema.tables
      where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`,
  );
  const references = await rowsOf(
    target,
    sql`select child.relname as child, parent.relname as parent from pg_constraint c
      join pg_class child on child.oid = c.conrelid join pg_class parent on parent.oid = c.confrelid
      where c.contype = 'f'`,
  );
  return parentsFirst(
    tables.map((row) => String(row.name)),
    references.map((row) => ({ child: String(row.child), parent: String(row.parent) })),
  );
}

/** Returns the number of rows. They travel as JSON text, so that no value passes through a type of JavaScript. */
async function copyTable(from: LedgerDb, to: LedgerDb, table: string): Promise<number> {
  await from.execute(sql`declare copied cursor for select to_jsonb(t)::text as row from ${name(table)} t`);
  let rows = 0;
  for (let pageRows = 100; ; ) {
    const page = await rowsOf(from, sql`fetch ${sql.raw(String(pageRows))} from copied`);
    if (page.length === 0) break;
    const texts = page.map(({ row }) => String(row));
    const text = `[${texts.join()}]`;
    await to.execute(
      sql`insert into ${name(table)} select * from jsonb_populate_recordset(null::${name(table)}, ${text}::jsonb)`,
    );
    rows += texts.length;
    pageRows = Math.min(MAX_PAGE_ROWS, Math.max(1, Math.round((PAGE_BYTES * texts.length) / text.length)));
  }
  await from.execute(sql`close copied`);
  return rows;
}

/** Sequences continue after the highest copied value. */
async function setSequences(target: LedgerDb): Promise<void> {
  const columns = await rowsOf(
    target,
    sql`select table_name as table, column_name as column from information_schema.columns
      where table_schema = 'public' and column_default like 'nextval(%'`,
  );
  for (const { table, column } of columns) {
    const [of, key] = [String(table), String(column)];
    await target.execute(
      sql`select setval(pg_get_serial_sequence(${of}, ${key}), coalesce(max(${name(key)}), 0) + 1, false) from ${name(of)}`,
    );
  }
}

function name(identifier: string): SQL {
  return sql`${sql.identifier(identifier)}`;
}
