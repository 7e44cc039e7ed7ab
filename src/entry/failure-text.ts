/** How a failure is put to people who call a command: one sentence, never a statement or its parameters. */

import { DrizzleQueryError } from 'drizzle-orm';
import { isLedgerAway, ledgerFailure } from '../adapters/postgres/db.ts';

export function failureText(error: unknown): string {
  if (isLedgerAway(error)) {
    return `The ledger cannot be reached (${reasonOf(error)}). Check DATABASE_URL and that PostgreSQL runs.`;
  }
  return reasonOf(error);
}

/** drizzle's own message is the whole statement. */
function reasonOf(error: unknown): string {
  const told = error instanceof DrizzleQueryError ? ledgerFailure('a statement failed', error) : error;
  return told instanceof Error ? told.message : String(told);
}
