/** Invoice numbers in the ledger: assigns the next one, advances the series, and compares it with the register. */

import { and, asc, eq, gt, lte, sql } from 'drizzle-orm';
import type { AdvanceOutcome, InvoiceNumbers } from '../../../invoice/port.ts';
import {
  type LedgerNumber,
  lastGiven,
  type NumberRegister,
  rewindReason,
  unregistered,
} from '../../../invoice/register.ts';
import { DEFAULT_SERIES } from '../../../seller/model.ts';
import { writeAudit } from '../admin/audit.ts';
import { holdClients } from '../billing-holds.ts';
import type { LedgerDb } from '../connection/db.ts';
import { billingHolds, invoiceNumbers, invoices, numberMoves } from '../schema.ts';

/** Returns the last number given. Locks the row until the transaction ends, so that a rollback leaves no gap. */
export async function lockCounter(tx: LedgerDb, counter: string): Promise<number> {
  const ofCounter = eq(invoiceNumbers.series, counter);
  const [row] = await tx.select().from(invoiceNumbers).where(ofCounter).for('update');
  if (row !== undefined) return row.last;
  await tx.insert(invoiceNumbers).values({ series: counter, last: 0 }).onConflictDoNothing();
  return lockCounter(tx, counter);
}

/** Call `lockCounter` first. */
export async function setLast(tx: LedgerDb, counter: string, last: number): Promise<void> {
  await tx.update(invoiceNumbers).set({ last }).where(eq(invoiceNumbers.series, counter));
}

export function invoiceNumbersIn(db: LedgerDb, register: NumberRegister | null): InvoiceNumbers {
  return {
    async numbers() {
      const [row] = await db.select().from(invoiceNumbers).where(eq(invoiceNumbers.series, DEFAULT_SERIES));
      const recorded = register === null ? null : lastGiven(await register.read());
      return { last: row?.last ?? 0, lastRecorded: recorded, leftOut: await leftOut(db) };
    },

    advanceNumbers: (last, reason, actor, nowMs) =>
      db.transaction(async (tx): Promise<AdvanceOutcome> => {
        const before = await lockCounter(tx, DEFAULT_SERIES);
        if (last <= before) return { kind: 'not_ahead', last: before };
        const move = {
          series: DEFAULT_SERIES,
          fromLast: before,
          toLast: last,
          at: new Date(nowMs),
          actor,
          reason,
        };
        await tx.insert(numberMoves).values(move);
        await setLast(tx, DEFAULT_SERIES, last);
        await writeAudit(
          tx,
          { actor, atMs: nowMs },
          {
            ...{ action: 'invoice_numbers.advanced', subject: 'invoice-numbers', reason },
            ...{ before: { last: before }, after: { last } },
          },
        );
        return { kind: 'advanced', last };
      }),
  };
}

function leftOut(db: LedgerDb) {
  return db
    .select()
    .from(numberMoves)
    .where(eq(numberMoves.series, DEFAULT_SERIES))
    .orderBy(asc(numberMoves.fromLast));
}

/**
 * Registers what the ledger has issued, and holds issuing if the ledger lacks a given number. Returns a comparison
 * that reads the whole series the first time, and later only new numbers while none is missing.
 */
export function comparisonWith(db: LedgerDb, register: NumberRegister): () => Promise<void> {
  let comparedUpTo = 0;
  return async () => {
    const known = await register.read();
    const added = unregistered(known, await issuedAfter(db, comparedUpTo));
    await register.write(added);
    const after = added.reduce((max, { number }) => Math.max(max, number), lastGiven(known));
    if (comparedUpTo > 0 && after > 0 && (await isWhole(db, known, after, comparedUpTo))) {
      comparedUpTo = after;
      return;
    }
    comparedUpTo = 0;
    const moves = await leftOut(db);
    const isLeftOut = (number: number) =>
      moves.some(({ fromLast, toLast }) => number > fromLast && number <= toLast);
    const reason = rewindReason(await register.read(), await issuedAfter(db, 0), isLeftOut);
    if (reason === null) comparedUpTo = after;
    else await holdIssuing(db, reason);
  };
}

/** True if the ledger still has the last compared number with its content, and all numbers up to `after`. */
async function isWhole(
  db: LedgerDb,
  known: Awaited<ReturnType<NumberRegister['read']>>,
  after: number,
  comparedUpTo: number,
): Promise<boolean> {
  const [row] = await db
    .select({
      count: sql`count(*)`.mapWith(Number),
      hash: sql<
        string | null
      >`max(${invoices.contentHash}) filter (where ${invoices.number} = ${comparedUpTo})`,
    })
    .from(invoices)
    .where(and(gt(invoices.number, comparedUpTo - 1), lte(invoices.number, after)));
  return (
    row!.count === after - comparedUpTo + 1 && row!.hash === (known.get(comparedUpTo)?.contentHash ?? null)
  );
}

async function issuedAfter(db: LedgerDb, number: number): Promise<LedgerNumber[]> {
  const { id, contentHash, issuedAt } = invoices;
  const rows = await db
    .select({ number: invoices.number, invoiceId: id, contentHash, issuedAt })
    .from(invoices)
    .where(and(eq(invoices.status, 'issued'), gt(invoices.number, number)))
    .orderBy(asc(invoices.number));
  return rows.map((row) => ({
    ...{ number: row.number!, invoiceId: row.invoiceId, contentHash: row.contentHash },
    issuedAtMs: row.issuedAt?.getTime() ?? 0,
  }));
}

/** A hold that was released with this same reason is not set again. */
async function holdIssuing(db: LedgerDb, reason: string): Promise<void> {
  await db.transaction(async (tx) => {
    const same = and(eq(billingHolds.code, 'ledger_set_back'), eq(billingHolds.reason, reason));
    const before = await tx.select({ id: billingHolds.id }).from(billingHolds).where(same).limit(1);
    if (before.length > 0) return;
    await holdClients(tx, [{ clientId: null, code: 'ledger_set_back', reason }], 'postmeter');
  });
}
