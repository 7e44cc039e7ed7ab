/** Compares sellers and what belongs to them with the audit log, which has the whole row after each change. */

import { getTableColumns, type SQL, sql } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import { DAMAGES_RULE } from '../../../seller/defaults.ts';
import { DEFAULT_SELLER, DEFAULT_SERIES } from '../../../seller/model.ts';
import {
  bankAccounts,
  clauses,
  coDebtors,
  logos,
  numberSeries,
  sellers,
  taxRules,
} from '../seller/tables.ts';
import type { AuditComparison } from './comparison.ts';

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

function comparisonOf({ table, subject, actions, leaves, migrated }: AuditedTable): AuditComparison {
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

const BANK_ACCOUNTS: AuditedTable = {
  table: bankAccounts,
  subject: sql`concat('sellers/', ${bankAccounts.sellerId}, '/bank-accounts/', ${bankAccounts.id})`,
  actions: ['bank_account.added', 'bank_account.changed', 'bank_account.archived'],
  leaves: [],
};

const NUMBER_SERIES: AuditedTable = {
  table: numberSeries,
  subject: sql`concat('sellers/', ${numberSeries.sellerId}, '/series/', ${numberSeries.series})`,
  actions: ['number_series.added', 'number_series.changed', 'number_series.archived'],
  leaves: BOOKKEEPING,
  migrated: {
    subject: `sellers/${DEFAULT_SELLER}/series/${DEFAULT_SERIES}`,
    row: {
      ...{ series: DEFAULT_SERIES, sellerId: DEFAULT_SELLER, prefix: '', width: 0, isYearly: false },
      kinds: ['invoice', 'supplement', 'credit_note'],
    },
  },
};

const MIGRATED_RULE = '00000000-0000-7000-8000-000000000001';
const { validFromMs, ...damagesRule } = DAMAGES_RULE;
const TAX_RULES: AuditedTable = {
  table: taxRules,
  subject: sql`concat('sellers/', ${taxRules.sellerId}, '/tax-rules/', ${taxRules.id})`,
  actions: ['tax_rule.added'],
  leaves: BOOKKEEPING,
  migrated: {
    subject: `sellers/${DEFAULT_SELLER}/tax-rules/${MIGRATED_RULE}`,
    row: {
      ...{ ...damagesRule, id: MIGRATED_RULE, sellerId: DEFAULT_SELLER },
      ...{ validFrom: new Date(validFromMs), createdBy: 'postmeter migrate' },
    },
  },
};

const CLAUSES: AuditedTable = {
  table: clauses,
  subject: sql`concat('clauses/', ${clauses.id})`,
  actions: ['clause.added'],
  leaves: [],
};

const CO_DEBTORS: AuditedTable = {
  table: coDebtors,
  subject: sql`concat('clients/', ${coDebtors.clientId}, '/co-debtors/', ${coDebtors.id})`,
  actions: ['co_debtor.added', 'co_debtor.ended'],
  leaves: [],
};

/** The hash of a logo is that of its bytes. Its owner is in the comparison of sellers. */
const LOGOS: AuditComparison = {
  code: 'record_differs',
  written: sql`
    select concat('logos/', encode(sha256(${logos.bytes}), 'hex')), jsonb_build_array('image/png') from ${logos}`,
  kept: sql`select concat('logos/', ${logos.sha256}), jsonb_build_array(${logos.type}) from ${logos}`,
};

/** The newest row of the audit log has all levels of the seller, in order. */
const LEVELS: AuditComparison = {
  code: 'record_differs',
  written: sql`
    select subject, jsonb_build_array(level, (one->>'daysAfterDue')::int, one->'title', one->'text',
      (one->>'isAutomatic')::boolean, at)
    from (
      select distinct on (subject) subject, after, at from audit
      where action = 'dunning_levels.set' order by subject, id desc
    ) as newest, jsonb_array_elements(after) with ordinality as levels (one, level)`,
  kept: sql`
    select concat('sellers/', seller_id, '/dunning-levels'),
      jsonb_build_array(level, days_after_due, title, text, is_automatic, updated_at) from dunning_levels`,
};

const AUDITED = [SELLERS, BANK_ACCOUNTS, NUMBER_SERIES, TAX_RULES, CLAUSES, CO_DEBTORS];
export const SELLER_COMPARISONS: readonly AuditComparison[] = [...AUDITED.map(comparisonOf), LOGOS, LEVELS];
