/** The plan of an import: each row of a bank's file with what it pays, after the rows before it. */

import { type MatchableDebt, matchRow, type RowMatch } from './match.ts';
import type { BankRow } from './read-bank-csv.ts';

export interface PlannedRow {
  readonly row: BankRow;
  /** Identifies the row within its source, so that the file can be imported again. */
  readonly externalId: string;
  /** The payment that the row was recorded as before; null if there is none. */
  readonly recordedAs: string | null;
  readonly match: RowMatch;
}

/** A row without an id of the bank is identified by its content and by its count among equal rows. */
export function externalIdsOf(rows: readonly BankRow[], digest: (text: string) => string): string[] {
  const seen = new Map<string, number>();
  return rows.map(({ externalId, receivedOn, amountMinor, currency, payer, reference }) => {
    if (externalId !== null) return externalId;
    const content = JSON.stringify([receivedOn, String(amountMinor), currency, payer, reference]);
    const count = (seen.get(content) ?? 0) + 1;
    seen.set(content, count);
    return digest(`${content} ${count}`);
  });
}

/**
 * Matches the rows in order. What a sure or a confirmed row pays is not open for the rows after it.
 * @param recorded payments by external id. @param isConfirmed rows besides the sure ones.
 */
export function planImport(
  rows: readonly BankRow[],
  externalIds: readonly string[],
  recorded: ReadonlyMap<string, string>,
  debts: readonly MatchableDebt[],
  isConfirmed: (row: BankRow) => boolean,
): PlannedRow[] {
  const open = new Map(debts.map((debt) => [debt.invoiceId, debt]));
  return rows.map((row, at) => {
    const externalId = externalIds[at]!;
    const match = matchRow(row, [...open.values()]);
    const recordedAs = recorded.get(externalId) ?? null;
    if (recordedAs === null && (match.certainty === 'sure' || isConfirmed(row))) {
      for (const { invoiceId, amountMinor } of match.allocations) {
        const debt = open.get(invoiceId)!;
        open.set(invoiceId, { ...debt, balanceMinor: debt.balanceMinor - amountMinor });
      }
    }
    return { row, externalId, recordedAs, match };
  });
}
