/** Compares sellers and what belongs to them with the audit log, which has the whole row after each change. */

import { getTableColumns, type SQL, sql } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import { DEFAULT_SELLER } from '../../../seller/model.ts';
import { sellers } from '../seller/tables.ts';
import type { Comparison } from './comparison.ts';

interface AuditedTable {
  readonly table: PgTable;
  /** The subject of a row in the audit log. */
  readonly subject: SQL;
  /** The newest row of the audit log with one of these actions has the row of the table. */
  readonly actions: readonly string[];
  /** Columns that are not compared: bookkeeping. */
  readonly leaves: readonly string[];
  /** The row that the migration made, unless it has changed. */
  readonly migrated?: { readonly subject: string; readonly row: Readonly<Record<string, unknown>> };
}

function comparisonOf({ table, subject, actions, leaves, migrated }: AuditedTable): Comparison {
  const columns = Object.entries(getTableColumns(table)).filter(([name]) => !leaves.includes(name)) as [
    string,
    PgColumn,
  ][];
  const list = (parts: SQL[]) => sql`jsonb_build_array(${sql.join(parts, sql`, `)})`;
  const first =
    migrated === undefined
      ? sql``
      : sql`union all select ${migrated.subject}::text, ${JSON.stringify(migrated.row)}::jsonb, 0`;
  return {
    code: 'record_differs',
    written: sql`
      select subject, ${list(columns.map(([name, column]) => writtenValue(name, column)))}
      from (
        select distinct on (subject) subject, after from (
          select subject, after, id from audit where action in ${actions} ${first}
        ) as every order by subject, id desc
      ) as newest`,
    kept: sql`select ${subject}, ${list(columns.map(([, column]) => sql`${column}`))} from ${table}`,
  };
}

/** A member of the row in the audit log, in the type of its column. */
function writtenValue(name: string, column: PgColumn): SQL {
  const type = column.getSQLType();
  if (type === 'jsonb' || type.endsWith('[]')) return sql`nullif(after->${name}::text, 'null')`;
  return sql`(after->>${name}::text)::${sql.raw(type)}`;
}

const BOOKKEEPING = ['createdAt', 'updatedAt'];

const SELLERS: AuditedTable = {
  table: sellers,
  subject: sql`concat('sellers/', ${sellers.id})`,
  actions: ['seller.created', 'seller.changed', 'seller.archived', 'seller.logo_set', 'seller.logo_removed'],
  leaves: BOOKKEEPING,
  migrated: {
    subject: `sellers/${DEFAULT_SELLER}`,
    row: {
      ...{ id: DEFAULT_SELLER, defaultLanguage: 'en', termsDays: 30, texts: {} },
      ...{ clauseFamily: 'x', isStrict: false },
    },
  },
};

export const SELLER_COMPARISONS: readonly Comparison[] = [SELLERS].map(comparisonOf);
