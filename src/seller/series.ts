/** Number series: which one an invoice draws from, the name of its counter, and the number as printed. */

import type { NumberSeries } from './model.ts';

type NumberedKind = NumberSeries['kinds'][number];

/** Returns the seller's series in use for invoices of the kind; null if it has none. */
export function seriesFor(
  all: readonly NumberSeries[],
  sellerId: string,
  kind: NumberedKind,
): NumberSeries | null {
  const inUse = all.filter(
    (one) => one.sellerId === sellerId && one.archivedAtMs === null && one.kinds.includes(kind),
  );
  return inUse.sort((a, b) => (a.series < b.series ? -1 : 1))[0] ?? null;
}

/** The counter that gives the numbers at the moment: the series, with the UTC year after a slash if it is yearly. */
export function counterOf({ series, isYearly }: NumberSeries, atMs: number): string {
  return isYearly ? `${series}/${yearOf(atMs)}` : series;
}

/** The number as printed: prefix, the UTC year and a dash in a yearly series, and the number with leading zeros. */
export function displayNumberOf(
  { prefix, width, isYearly }: NumberSeries,
  number: number,
  atMs: number,
): string {
  const year = isYearly ? `${yearOf(atMs)}-` : '';
  return `${prefix}${year}${String(number).padStart(width, '0')}`;
}

function yearOf(atMs: number): number {
  return new Date(atMs).getUTCFullYear();
}
