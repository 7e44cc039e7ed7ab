/** Pages by key: each asks for one row more than it shows, and goes on after the last key that it showed. */

import type { Page, PageAsk } from '../../admin/port.ts';

/** How many rows to ask the database for. */
export function rowsAsked(page: PageAsk): number {
  return page.limit + 1;
}

/** The page out of the rows that were found, at most `rowsAsked(page)` of them. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  page: PageAsk,
  itemOf: (row: Row) => Item,
  keyOf: (row: Row) => string,
): Page<Item> {
  const shown = rows.slice(0, page.limit);
  const last = rows.length > page.limit ? shown.at(-1) : undefined;
  return { items: shown.map(itemOf), next: last === undefined ? null : keyOf(last) };
}
