/** Tax rules of sellers. Rows are final: a later rule replaces one. */

import { desc, eq } from 'drizzle-orm';
import type { Actor } from '../../../admin/port.ts';
import type { TaxRuleRecord, TaxRuleStore } from '../../../admin/sellers/settings-port.ts';
import type { TaxRule } from '../../../seller/model.ts';
import { writeAudit } from '../admin/audit.ts';
import type { LedgerDb } from '../connection/db.ts';
import { auditedRow } from './rows.ts';
import { sellers, taxRules } from './tables.ts';

export function taxRuleStore(db: LedgerDb): TaxRuleStore {
  return {
    async taxRules(sellerId) {
      const [seller] = await db.select({ id: sellers.id }).from(sellers).where(eq(sellers.id, sellerId));
      if (seller === undefined) return null;
      const rows = await db
        .select()
        .from(taxRules)
        .where(eq(taxRules.sellerId, sellerId))
        .orderBy(desc(taxRules.validFrom), desc(taxRules.id));
      return rows.map(taxRuleOf);
    },

    addTaxRule: (rule, who) =>
      db.transaction(async (tx) => {
        const [seller] = await tx
          .select({ id: sellers.id })
          .from(sellers)
          .where(eq(sellers.id, rule.sellerId))
          .for('share');
        return seller === undefined ? 'unknown_seller' : insertTaxRule(tx, rule, who);
      }),
  };
}

/** Adds the rule and its audit row. `tx` must be the transaction of the change. */
export async function insertTaxRule(
  tx: LedgerDb,
  { validFromMs, ...rule }: TaxRule,
  who: Actor,
): Promise<TaxRuleRecord | 'same_moment'> {
  const [row] = await tx
    .insert(taxRules)
    .values({
      ...{ ...rule, validFrom: new Date(validFromMs) },
      ...{ createdAt: new Date(who.atMs), createdBy: who.actor },
    })
    .onConflictDoNothing()
    .returning();
  if (row === undefined) return 'same_moment';
  const subject = `sellers/${rule.sellerId}/tax-rules/${rule.id}`;
  await writeAudit(tx, who, { action: 'tax_rule.added', subject, after: auditedRow(row) });
  return taxRuleOf(row);
}

function taxRuleOf({ validFrom, createdAt, ...rest }: typeof taxRules.$inferSelect): TaxRuleRecord {
  return { ...rest, validFromMs: validFrom.getTime(), createdAtMs: createdAt.getTime() };
}
