/** One change of the book as a transaction: refusals roll it back, and what only the database refuses is explained. */

import type { BookRefusal, BookResult } from '../../../admin/payments/port.ts';
import type { Actor } from '../../../admin/port.ts';
import type { NewEntry } from '../../../receivable/allocate.ts';
import type { BookFault } from '../../../receivable/fault.ts';
import type { Entry } from '../../../receivable/model.ts';
import { writeAudit } from '../admin/audit.ts';
import { type LedgerDb, sqlStateOf } from '../connection/db.ts';
import { entryOf, entryRow } from './rows.ts';
import { entries } from './tables.ts';

/** SQLSTATE check_violation, which the triggers and checks of the book raise. */
const CHECK_VIOLATION = '23514';

class BookRefused extends Error {
  override readonly name = 'BookRefused';
  readonly faults: readonly BookFault[];

  constructor(faults: readonly BookFault[]) {
    super('the change of the book is refused');
    this.faults = faults;
  }
}

/** Throws within `inBook`, which rolls the transaction back and returns the faults. */
export function refuseIf(faults: readonly (BookFault | null)[]): void {
  const found = faults.filter((fault) => fault !== null);
  if (found.length > 0) throw new BookRefused(found);
}

export async function inBook<T>(db: LedgerDb, work: (tx: LedgerDb) => Promise<T>): Promise<T | BookRefusal> {
  try {
    return await db.transaction(work);
  } catch (error) {
    if (error instanceof BookRefused) return { kind: 'refused', faults: error.faults };
    if (sqlStateOf(error) === CHECK_VIOLATION) return { kind: 'refused', faults: [CONTRADICTION] };
    throw error;
  }
}

/** As `inBook`, for work that returns a value. */
export function writtenInBook<T>(db: LedgerDb, work: (tx: LedgerDb) => Promise<T>): Promise<BookResult<T>> {
  return inBook(db, async (tx) => ({ kind: 'written' as const, value: await work(tx) }));
}

/** The rules refuse first. This remains if a row was changed by another hand than the product. */
const CONTRADICTION: BookFault = {
  ...{ code: 'invalid_request', field: 'body', reason: 'contradicts the book' },
  hint: 'read the invoice and the payment again; `postmeter verify` names what differs',
};

/** Writes entries in the given order, and returns them with their ids. The audit row belongs to the caller. */
export async function writeEntries(tx: LedgerDb, added: readonly NewEntry[]): Promise<Entry[]> {
  const written: Entry[] = [];
  // One statement each: a trigger must see the entries before it.
  for (const entry of added) {
    const [row] = await tx.insert(entries).values(entryRow(entry)).returning();
    written.push(entryOf(row!));
  }
  return written;
}

/** Adds the audit row of some entries. `verify` compares the entries with it. */
export async function auditEntries(
  tx: LedgerDb,
  who: Actor,
  audited: { readonly action: string; readonly subject: string; readonly reason?: string },
  written: readonly Entry[],
): Promise<void> {
  const facts = written.map(({ atMs, actor, amountMinor, ...entry }) => ({
    ...entry,
    amountMinor: String(amountMinor),
  }));
  await writeAudit(tx, who, { ...audited, after: { entries: facts } });
}
