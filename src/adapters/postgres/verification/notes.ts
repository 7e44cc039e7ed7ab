/**
 * The notes of verification, which are not differences: lost records, gaps, held and marked clients, usage older
 * than the chain.
 */

import { sql } from 'drizzle-orm';
import type { Note } from '../../../verify/finding.ts';
import { type LedgerDb, rowsOf } from '../connection/db.ts';

/** Maximum notes of each kind. */
const MAX_NOTES = 1000;

export async function notesOf(tx: LedgerDb): Promise<Note[]> {
  const rows = await rowsOf(
    tx,
    sql`
    (select 'records_lost' as code, concat('journals/', journal_id) as subject,
      concat('records ', first_sequence, ' to ', last_sequence, ' are lost: neither ledger nor journal has them') as text
    from batches where kind = 'lost' order by journal_id, last_sequence limit ${MAX_NOTES})
    union all
    (select 'gap', concat('journals/', journal_id),
      concat(responses, ' responses with ', posts, ' posts from ', ${moment(sql`from_at`)}, ' to ', ${moment(sql`to_at`)},
        ' were served and not metered')
    from gaps order by from_at limit ${MAX_NOTES})
    union all
    (select 'on_hold', case when client_id is null then 'clients' else concat('clients/', client_id) end,
      concat('billing has been on hold since ', ${moment(sql`held_at`)}, ' (', code, '): ', reason)
    from billing_holds where released_at is null order by held_at limit ${MAX_NOTES})
    union all
    (select 'dirty', 'clients',
      concat(count(*), ' clients wait for the next billing run: their breaches and drafts are not compared')
    from billing_due where dirty_from is not null having count(*) > 0)
    union all
    (select 'unchained_usage', 'usage', concat(count(*), ' rows of usage are older than the chain of batches')
    from opening_usage having count(*) > 0)`,
  );
  return rows.map((row) => ({
    code: row.code as Note['code'],
    subject: String(row.subject),
    text: String(row.text),
  }));
}

function moment(column: ReturnType<typeof sql>) {
  return sql`to_char(${column}, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;
}
