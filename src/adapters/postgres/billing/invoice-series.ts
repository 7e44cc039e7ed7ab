/** Invoice numbers in the ledger: assigns the next one, advances the series, and compares it with the register. */

import { and, asc, eq, gt, lte, sql } from 'drizzle-orm';
import type { AdvanceOutcome, InvoiceNumbers } from '../../../invoice/port.ts';
import {
  type CounterEntries,
  entriesOf,
  type KnownNumbers,
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
      const known = (await register?.read()) ?? null;
      const counters = await countersOf(db, known);
      const moves = await leftOut(db);
      return Array.from(counters, ([series, last]) => ({
        ...{ series, last, lastRecorded: known === null ? null : lastGiven(entriesOf(known, series)) },
        leftOut: moves.filter((move) => move.series === series),
      }));
    },

    advanceNumbers: (series, last, reason, actor, nowMs) =>
      db.transaction(async (tx): Promise<AdvanceOutcome> => {
        const before = await lockCounter(tx, series);
        if (last <= before) return { kind: 'not_ahead', last: before };
        const move = { series, fromLast: before, toLast: last, at: new Date(nowMs), actor, reason };
        await tx.insert(numberMoves).values(move);
        await setLast(tx, series, last);
        const named = series === DEFAULT_SERIES ? {} : { series };
        await writeAudit(
          tx,
          { actor, atMs: nowMs },
          {
            ...{ action: 'invoice_numbers.advanced', subject: 'invoice-numbers', reason },
            ...{ before: { ...named, last: before }, after: { ...named, last } },
          },
        );
        return { kind: 'advanced', last };
      }),
  };
}

/** The last number of each counter of the ledger and of the register, sorted, with the default series. */
async function countersOf(db: LedgerDb, known: KnownNumbers | null): Promise<Map<string, number>> {
  const rows = await db.select().from(invoiceNumbers);
  const lasts = new Map(rows.map(({ series, last }) => [series, last]));
  const names = new Set([DEFAULT_SERIES, ...lasts.keys(), ...(known?.keys() ?? [])]);
  return new Map([...names].sort().map((series) => [series, lasts.get(series) ?? 0]));
}

function leftOut(db: LedgerDb) {
  return db.select().from(numberMoves).orderBy(asc(numberMoves.fromLast));
}

/**
 * Registers what the ledger has issued, and holds issuing if the ledger lacks a given number. Returns a comparison
 * that reads each counter whole the first time, and later only new numbers while none is missing.
 */
export function comparisonWith(db: LedgerDb, register: NumberRegister): () => Promise<void> {
  const comparedUpTo = new Map<string, number>();
  return async () => {
    const reasons: string[] = [];
    for (const series of (await countersOf(db, await register.read())).keys()) {
      const compared = await compareCounter(db, register, series, comparedUpTo.get(series) ?? 0);
      if (typeof compared === 'string') reasons.push(compared);
      comparedUpTo.set(series, typeof compared === 'string' ? 0 : compared);
    }
    if (reasons.length > 0) await holdIssuing(db, reasons.join(' '));
  };
}

/** Returns the number up to which nothing is missing, or why the ledger is older than the register. */
async function compareCounter(
  db: LedgerDb,
  register: NumberRegister,
  series: string,
  comparedUpTo: number,
): Promise<number | string> {
  const known = entriesOf(await register.read(), series);
  const added = unregistered(known, await issuedAfter(db, series, comparedUpTo));
  await register.write(added);
  const after = added.reduce((max, { number }) => Math.max(max, number), lastGiven(known));
  if (comparedUpTo > 0 && after > 0 && (await isWhole(db, series, known, after, comparedUpTo))) return after;
  const moves = (await leftOut(db)).filter((move) => move.series === series);
  const isLeftOut = (number: number) =>
    moves.some(({ fromLast, toLast }) => number > fromLast && number <= toLast);
  const entries = entriesOf(await register.read(), series);
  return rewindReason(entries, await issuedAfter(db, series, 0), isLeftOut) ?? after;
}

/** True if the ledger still has the last compared number with its content, and all numbers up to `after`. */
async function isWhole(
  db: LedgerDb,
  series: string,
  known: CounterEntries,
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
    .where(
      and(eq(invoices.series, series), gt(invoices.number, comparedUpTo - 1), lte(invoices.number, after)),
    );
  return (
    row!.count === after - comparedUpTo + 1 && row!.hash === (known.get(comparedUpTo)?.contentHash ?? null)
  );
}

async function issuedAfter(db: LedgerDb, series: string, number: number): Promise<LedgerNumber[]> {
  const { id, contentHash, issuedAt } = invoices;
  const rows = await db
    .select({ number: invoices.number, invoiceId: id, contentHash, issuedAt })
    .from(invoices)
    .where(and(eq(invoices.series, series), eq(invoices.status, 'issued'), gt(invoices.number, number)))
    .orderBy(asc(invoices.number));
  return rows.map((row) => ({
    ...{ series, number: row.number!, invoiceId: row.invoiceId, contentHash: row.contentHash },
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
