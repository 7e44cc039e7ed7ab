/** The orders of a list of invoices, each total: ties are ordered by id. A page continues after the last key. */

import { asc, desc, type SQL, sql } from 'drizzle-orm';
import type { InvoiceSort } from '../../../admin/port.ts';
import { invoices } from '../schema.ts';

type InvoiceRow = typeof invoices.$inferSelect;

interface InvoiceOrder {
  readonly by: readonly SQL[];
  /** Selects what follows the invoice with this key. */
  isAfter(key: string): SQL;
  /** The sort, its values and the id, separated by colons. The id alone for `-created`. */
  keyOf(row: InvoiceRow): string;
}

interface Part {
  readonly column: SQL;
  readonly type: SQL;
  readonly textOf: (row: InvoiceRow) => string;
}

const ID: Part = { column: sql`${invoices.id}`, type: sql`uuid`, textOf: ({ id }) => id };
const CURRENCY: Part = {
  column: sql`${invoices.currency}`,
  type: sql`text`,
  textOf: ({ currency }) => currency,
};
const AMOUNT: Part = {
  column: sql`${invoices.amountMinor}`,
  type: sql`bigint`,
  textOf: ({ amountMinor }) => String(amountMinor),
};

export function invoiceOrder(sort: InvoiceSort = '-created'): InvoiceOrder {
  const isDescending = sort.startsWith('-');
  const parts = [...partsOf(sort.replace('-', ''), isDescending), ID];
  const direction = isDescending ? desc : asc;
  const comparison = isDescending ? sql`<` : sql`>`;
  const columns = sql.join(
    parts.map(({ column }) => column),
    sql`, `,
  );
  return {
    by: parts.map(({ column }) => direction(column)),
    isAfter: (key) => {
      const values = key.split(':').slice(-parts.length);
      const casts = parts.map(({ type }, at) => sql`${values[at]}::${type}`);
      return sql`(${columns}) ${comparison} (${sql.join(casts, sql`, `)})`;
    },
    keyOf: (row) => {
      const values = parts.map(({ textOf }) => textOf(row)).join(':');
      return sort === '-created' ? values : `${sort}:${values}`;
    },
  };
}

function partsOf(field: string, isDescending: boolean): Part[] {
  // Below or above every real value, so that invoices without a number or issue come last.
  const missing = isDescending ? -1 : Number.MAX_SAFE_INTEGER;
  const whole = (column: SQL, numberOf: (row: InvoiceRow) => number | undefined): Part => ({
    column: sql`coalesce(${column}, ${sql.raw(String(missing))})`,
    type: sql`bigint`,
    textOf: (row) => String(numberOf(row) ?? missing),
  });
  if (field === 'number') return [whole(sql`${invoices.number}`, ({ number }) => number ?? undefined)];
  if (field === 'issued') {
    const issuedMs = sql`(extract(epoch from ${invoices.issuedAt}) * 1000)::bigint`;
    return [whole(issuedMs, ({ issuedAt }) => issuedAt?.getTime())];
  }
  return field === 'amount' ? [CURRENCY, AMOUNT] : [];
}
