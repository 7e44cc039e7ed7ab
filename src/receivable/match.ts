/** Matching of a row of a bank's file with the open invoices that it may pay. A person confirms what is not sure. */

import { type Allocation, proposeAllocation } from './allocate.ts';

/** A row of an imported file. */
export interface ReceivedRow {
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly payer: string | null;
  readonly reference: string | null;
}

/** An open invoice with what a payer may quote. */
export interface MatchableDebt {
  readonly invoiceId: string;
  readonly clientId: string;
  readonly currency: string;
  readonly balanceMinor: bigint;
  readonly dueOn: string;
  readonly displayNumber: string;
  /** ISO 11649; null on invoices that are older than references. */
  readonly paymentReference: string | null;
  /** Legal names of the client and of its co-debtors. */
  readonly payers: readonly string[];
}

export const MATCH_CERTAINTIES = ['sure', 'likely', 'unknown'] as const;
export type MatchCertainty = (typeof MATCH_CERTAINTIES)[number];
export type MatchBasis = 'reference' | 'number_and_amount' | 'payer_and_amount' | 'payer' | 'none';

export interface RowMatch {
  readonly certainty: MatchCertainty;
  readonly by: MatchBasis;
  readonly clientId: string | null;
  /** What the money would be allocated to; what exceeds the debts stays on the payment. */
  readonly allocations: readonly Allocation[];
}

const NO_MATCH: RowMatch = { certainty: 'unknown', by: 'none', clientId: null, allocations: [] };
/** Shorter numbers of digits alone may be a date or an order number. */
const MIN_DIGITS = 4;

/**
 * The first rule that fits: a payment reference, a number with its exact balance, a payer with an exact balance, a
 * payer. A rule that fits invoices of several clients fits none.
 */
export function matchRow(row: ReceivedRow, debts: readonly MatchableDebt[]): RowMatch {
  const open = debts.filter(({ currency, balanceMinor }) => currency === row.currency && balanceMinor > 0n);
  const words = wordsOf(row.reference);
  const byReference = open.filter(
    ({ paymentReference }) => paymentReference !== null && mentions(words, paymentReference),
  );
  if (isOfOneClient(byReference)) return matched('sure', 'reference', row, byReference);
  const byNumber = open.filter(
    ({ displayNumber, balanceMinor }) => balanceMinor === row.amountMinor && mentions(words, displayNumber),
  );
  if (byNumber.length === 1) {
    const isPlain =
      /^\d+$/.test(byNumber[0]!.displayNumber) && byNumber[0]!.displayNumber.length < MIN_DIGITS;
    return matched(isPlain ? 'likely' : 'sure', 'number_and_amount', row, byNumber);
  }
  const payer = nameOf(row.payer);
  const byPayer =
    payer === '' ? [] : open.filter(({ payers }) => payers.some((one) => nameOf(one) === payer));
  const exact = byPayer.filter(({ balanceMinor }) => balanceMinor === row.amountMinor);
  if (isOfOneClient(exact)) return matched('likely', 'payer_and_amount', row, exact);
  return isOfOneClient(byPayer) ? matched('likely', 'payer', row, byPayer) : NO_MATCH;
}

function matched(
  certainty: MatchCertainty,
  by: MatchBasis,
  { amountMinor }: ReceivedRow,
  debts: readonly MatchableDebt[],
): RowMatch {
  const allocations = proposeAllocation(amountMinor, debts);
  return { certainty, by, clientId: debts[0]!.clientId, allocations };
}

function isOfOneClient(debts: readonly MatchableDebt[]): boolean {
  return debts.length > 0 && debts.every(({ clientId }) => clientId === debts[0]!.clientId);
}

/** Letters and digits in capitals, split at everything else. */
function wordsOf(text: string | null): string[] {
  return plain(text).split(/[^\p{L}\p{N}]+/u);
}

/** True if whole words, joined, are the code: `RF30 PM00 0017` mentions `RF30PM000017`. */
function mentions(words: readonly string[], code: string): boolean {
  const sought = wordsOf(code).join('');
  return words.some((_, from) => {
    let joined = '';
    for (let at = from; at < words.length && joined.length < sought.length; at++) joined += words[at];
    return joined === sought;
  });
}

function nameOf(text: string | null): string {
  return wordsOf(text).join('');
}

function plain(text: string | null): string {
  return (text ?? '').normalize('NFKD').replaceAll(/\p{M}/gu, '').toUpperCase();
}
