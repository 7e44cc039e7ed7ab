/** Keyset pagination: each page selects one row more than it returns, and continues after the last returned key. */

import type { Page, PageRequest } from '../../../admin/port.ts';

/** The number of rows to select. */
export function rowsAsked(page: PageRequest): number {
  return page.limit + 1;
}

/** Builds the page from the selected rows, at most `rowsAsked(page)` of them. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  page: PageRequest,
  itemOf: (row: Row) => Item,
  keyOf: (row: Row) => string,
): Page<Item> {
  const shown = rows.slice(0, page.limit);
  const last = rows.length > page.limit ? shown.at(-1) : undefined;
  return { items: shown.map(itemOf), next: last === undefined ? null : keyOf(last) };
}
