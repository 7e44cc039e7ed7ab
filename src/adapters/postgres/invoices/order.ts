/** The orders of a list of invoices, each total: ties are ordered by id. A page continues after the last key. */

import { asc, desc, type SQL, sql } from 'drizzle-orm';
import type { InvoiceSort } from '../../../admin/port.ts';
import { daysBetween } from '../../../receivable/date.ts';
import { receivables } from '../receivable/tables.ts';
import { invoices } from '../schema.ts';

interface InvoiceRow {
  readonly invoice: typeof invoices.$inferSelect;
  readonly receivable: typeof receivables.$inferSelect | null;
}

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

const ID: Part = { column: sql`${invoices.id}`, type: sql`uuid`, textOf: ({ invoice }) => invoice.id };
const CURRENCY: Part = {
  column: sql`${invoices.currency}`,
  type: sql`text`,
  textOf: ({ invoice }) => invoice.currency,
};
const AMOUNT: Part = {
  column: sql`${invoices.amountMinor}`,
  type: sql`bigint`,
  textOf: ({ invoice }) => String(invoice.amountMinor),
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
  if (field === 'number')
    return [whole(sql`${invoices.number}`, ({ invoice }) => invoice.number ?? undefined)];
  if (field === 'issued') {
    const issuedMs = sql`(extract(epoch from ${invoices.issuedAt}) * 1000)::bigint`;
    return [whole(issuedMs, ({ invoice }) => invoice.issuedAt?.getTime())];
  }
  if (field === 'due') {
    const day = sql`(${receivables.dueOn} - date '1970-01-01')::bigint`;
    return [
      whole(day, ({ receivable }) =>
        receivable === null ? undefined : daysBetween('1970-01-01', receivable.dueOn),
      ),
    ];
  }
  if (field === 'open') {
    // A balance of more than 2^53 minor units keeps its digits as text.
    const open = sql`coalesce(${receivables.balanceMinor}, ${sql.raw(String(missing))})`;
    const textOf = ({ receivable }: InvoiceRow) => String(receivable?.balanceMinor ?? missing);
    // No currency has these codes, which come first and last.
    const none = isDescending ? 'AAA' : 'ZZZ';
    const currency: Part = {
      column: sql`coalesce(${receivables.currency}, ${sql.raw(`'${none}'`)})`,
      type: sql`text`,
      textOf: ({ receivable }) => receivable?.currency ?? none,
    };
    return [currency, { column: open, type: sql`bigint`, textOf }];
  }
  return field === 'amount' ? [CURRENCY, AMOUNT] : [];
}
