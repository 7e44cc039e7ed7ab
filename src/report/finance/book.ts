/** What the entries of a document come to as at a date. */

import { openAsAt } from '../../receivable/ageing.ts';
import type { BookedDocument, BookedEntry } from './port.ts';

/** What an entry is about. A reversal is about what its entry is about. */
type Means = 'charge' | 'payment' | 'credit' | 'write_off';

function meansOf({ kind, paymentId, creditNoteId }: BookedEntry): Means {
  if (kind === 'charge') return 'charge';
  if (paymentId !== null) return 'payment';
  return creditNoteId === null ? 'write_off' : 'credit';
}

/** What payments, credits or write-offs took off until the end of `asAt`, less their reversals. */
export function takenOff({ entries }: BookedDocument, means: Exclude<Means, 'charge'>, asAt: string): bigint {
  return -openAsAt(
    entries.filter((entry) => meansOf(entry) === means),
    asAt,
  );
}

/** What was owed at the end of `asAt`. A payment that took effect before an earlier one was reversed is not a debt. */
export function owedAt({ entries }: BookedDocument, asAt: string): bigint {
  const open = openAsAt(entries, asAt);
  return open > 0n ? open : 0n;
}

/** The day on which an entry was reversed, if that was on `asAt` or before; otherwise null. */
export function reversedOn({ entries }: BookedDocument, { id }: BookedEntry, asAt: string): string | null {
  const reversal = entries.find(({ reversesId, effectiveOn }) => reversesId === id && effectiveOn <= asAt);
  return reversal?.effectiveOn ?? null;
}

export function isDisputedAt({ disputes }: BookedDocument, asAt: string): boolean {
  return disputes.some(
    ({ openedOn, resolvedOn }) => openedOn <= asAt && (resolvedOn === null || resolvedOn > asAt),
  );
}

/** The month of a UTC date, as `2026-03`. */
export function monthOfDate(date: string): string {
  return date.slice(0, 7);
}

/**
 * Groups by the text of the key parts. Groups are in the order of their parts, which sort as text.
 * @param keyOf never the same parts for two different groups.
 */
export function groupedBy<Item>(items: readonly Item[], keyOf: (item: Item) => readonly string[]): Item[][] {
  const groups = new Map<string, { readonly key: readonly string[]; readonly items: Item[] }>();
  for (const item of items) {
    const key = keyOf(item);
    const text = JSON.stringify(key);
    const group = groups.get(text);
    if (group === undefined) groups.set(text, { key, items: [item] });
    else group.items.push(item);
  }
  return [...groups.values()].sort((a, b) => compared(a.key, b.key)).map((group) => group.items);
}

function compared(a: readonly string[], b: readonly string[]): number {
  const at = a.findIndex((part, index) => part !== b[index]);
  if (at === -1) return 0;
  return a[at]! < b[at]! ? -1 : 1;
}

export function sumOfMinor<Item>(items: readonly Item[], amountOf: (item: Item) => bigint): bigint {
  return items.reduce((sum, item) => sum + amountOf(item), 0n);
}
