/** Stamps of what pages show, read by one statement from the ends of indexes. */

import { sql } from 'drizzle-orm';
import type { ChangeStamps, Stamps } from '../../../admin/changes.ts';
import { type LedgerDb, rowsOf } from '../connection/db.ts';

export function changeStamps(db: LedgerDb): ChangeStamps {
  return {
    async stamps() {
      const [row] = await rowsOf(
        db,
        sql`select
          coalesce((select max(id) from audit)::text, '') as audit,
          coalesce((select max(updated_at) from breaches)::text, '') as breaches,
          (select concat(count(*), ' ', max(held_at)) from billing_holds where released_at is null) as holds,
          coalesce((select max(updated_at) from invoices)::text, '') as invoices,
          (select concat((select max(sequence) from events), ' ', (select max(at) from attempts))) as messages,
          coalesce((select max(sequence) from rights_settings)::text, '') as rights,
          coalesce((select max(taken_at) from journals)::text, '') as usage,
          (select concat(count(*), ' ', max(saved_at), ' ', max(finished_at)) from what_ifs) as "what-ifs"`,
      );
      return row as unknown as Stamps;
    },
  };
}
