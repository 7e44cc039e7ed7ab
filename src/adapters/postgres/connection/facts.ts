/** Reads what `postmeter doctor` judges about the database of the ledger. Changes nothing. */

import { sql } from 'drizzle-orm';
import type { DatabaseFacts } from '../../../doctor/facts.ts';
import { rowsOf } from './db.ts';
import { missingMigrations } from './migrate.ts';
import { openPostgres } from './open.ts';

const ROUND_TRIPS = 5;

/**
 * `now` returns epoch milliseconds of this machine. Rejects if the server cannot be reached or refuses the login.
 */
export async function readDatabaseFacts(url: string, now: () => number): Promise<DatabaseFacts> {
  const { db, close } = await openPostgres(url, { maxConnections: 1, statementTimeoutMs: 5_000 });
  try {
    const [row] = await rowsOf(
      db,
      sql`
      select current_setting('server_version_num')::int as version,
        has_schema_privilege('public', 'create') as can_create,
        pg_is_in_recovery() as is_replica,
        current_setting('fsync') = 'on' as fsync,
        current_setting('synchronous_commit') <> 'off' as synchronous_commit`,
    );
    const trips: { tookMs: number; skewMs: number }[] = [];
    for (let trip = 0; trip < ROUND_TRIPS; trip++) {
      const fromMs = now();
      const [clock] = await rowsOf(db, sql`select extract(epoch from clock_timestamp()) * 1000 as ms`);
      const toMs = now();
      trips.push({ tookMs: toMs - fromMs, skewMs: (fromMs + toMs) / 2 - Number(clock?.ms) });
    }
    // The fastest trip says most about both: the others waited for something.
    const [best] = trips.sort((a, b) => a.tookMs - b.tookMs);
    return {
      version: Number(row?.version),
      missingMigrations: await missingMigrations(db),
      canCreate: row?.can_create === true,
      isReplica: row?.is_replica === true,
      fsync: row?.fsync === true,
      synchronousCommit: row?.synchronous_commit === true,
      roundTripMs: best!.tookMs,
      skewMs: best!.skewMs,
    };
  } finally {
    await close();
  }
}
