/** Formats an error for the user of a command: one sentence, never an SQL statement or its parameters. */

import { DrizzleQueryError } from 'drizzle-orm';
import { isLedgerAway, ledgerFailure } from '../adapters/postgres/connection/db.ts';

export function failureText(error: unknown): string {
  if (isLedgerAway(error)) {
    return `The ledger is unreachable (${reasonOf(error)}). Check DATABASE_URL and that PostgreSQL is running.`;
  }
  return reasonOf(error);
}

/** Replaces drizzle's message, which contains the whole statement. */
function reasonOf(error: unknown): string {
  const shown = error instanceof DrizzleQueryError ? ledgerFailure('a statement failed', error) : error;
  return shown instanceof Error ? shown.message : String(shown);
}
