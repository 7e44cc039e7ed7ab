/** The journals that have sent batches to the ledger, with the program and configuration of their last records. */

import { sql } from 'drizzle-orm';
import type { JournalQueries } from '../../../admin/health/port.ts';
import { type LedgerDb, rowsOf } from '../connection/db.ts';
import { pageOf, rowsAsked } from './page.ts';

export function journalQueries(db: LedgerDb): JournalQueries {
  return {
    async journals(page) {
      const [ms, id] = page.after?.split(' ') ?? [];
      const isLater = page.after === null ? sql`true` : sql`(taken_ms, id) < (${ms}::float8, ${id}::text)`;
      const rows = await rowsOf(
        db,
        sql`
        select * from (
          select journals.id, last_sequence::float8 as last_sequence, version, hash,
            floor(extract(epoch from taken_at) * 1000)::float8 as taken_ms
          from journals left join lateral (
            select version, hash from journal_configurations
            where journal_id = journals.id order by sequence desc limit 1) as newest on true
        ) as known
        where ${isLater} order by taken_ms desc, id desc limit ${rowsAsked(page)}`,
      );
      const records = rows.map((row) => ({
        id: String(row.id),
        lastSequence: Number(row.last_sequence),
        takenAtMs: Number(row.taken_ms),
        version: row.version === null ? null : String(row.version),
        configuration: row.hash === null ? null : String(row.hash),
      }));
      return pageOf(records, page, (record) => record, keyOf);
    },
  };
}

function keyOf({ takenAtMs, id }: { readonly takenAtMs: number; readonly id: string }): string {
  return `${takenAtMs} ${id}`;
}
