/** Queries that return one number. */

import type { SqlStorage, SqlStorageValue } from '@cloudflare/workers-types';

/** @param query selects one row with a column `number`. Returns 0 for null. */
export function scalar(sql: SqlStorage, query: string, ...values: readonly SqlStorageValue[]): number {
  return sql.exec<{ number: number | null }>(query, ...values).one().number ?? 0;
}
