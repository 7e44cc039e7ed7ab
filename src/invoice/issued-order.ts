/** The order in which invoices were issued. */

import type { Invoice } from './model.ts';

/**
 * Compares issued invoices: within a series by number, which does not depend on a clock, and otherwise by the moment
 * of issue.
 */
export function byIssue(
  a: Pick<Invoice, 'series' | 'number' | 'issuedAtMs' | 'id'>,
  b: Pick<Invoice, 'series' | 'number' | 'issuedAtMs' | 'id'>,
): number {
  if (a.series === b.series) return (a.number ?? 0) - (b.number ?? 0);
  return (a.issuedAtMs ?? 0) - (b.issuedAtMs ?? 0) || (a.id < b.id ? -1 : 1);
}
