/** Rows of sellers as the rules know them, and as the audit log records them. */

import type { SellerRecord, SellerSettings } from '../../../admin/sellers/port.ts';
import type { Party } from '../../../seller/model.ts';
import type { coDebtors, logos, sellers } from './tables.ts';

export type SellerRow = typeof sellers.$inferSelect;

/** The party of a row that has its columns. */
export function partyOf(row: SellerRow | typeof coDebtors.$inferSelect): Party {
  const { legalName, address, street, street2, postcode, city, region, country, email, phone } = row;
  const { contact, vatId, taxId, register, registerId, electronicAddress, electronicScheme } = row;
  return {
    ...{ legalName, address, street, street2, postcode, city, region, country, email, phone, contact },
    ...{ vatId, taxId, register, registerId, electronicAddress, electronicScheme },
  };
}

function settingsOf(row: SellerRow): SellerSettings {
  const { defaultLanguage, termsDays, texts, clauseFamily, isStrict } = row;
  return { ...partyOf(row), defaultLanguage, termsDays, texts, clauseFamily, isStrict };
}

/** @param logoType of the row in `logos`; null without a logo. */
export function sellerRecordOf(
  row: SellerRow,
  logoType: (typeof logos.$inferSelect)['type'] | null,
): SellerRecord {
  return {
    ...settingsOf(row),
    id: row.id,
    logo: row.logo === null || logoType === null ? null : { type: logoType, sha256: row.logo },
    createdAtMs: row.createdAt.getTime(),
    updatedAtMs: row.updatedAt.getTime(),
    archivedAtMs: row.archivedAt?.getTime() ?? null,
  };
}

/**
 * Every column of the row for the audit log, so that verification finds a change of any. Amounts become text, because
 * JSON has no bigint.
 */
export function auditedRow(row: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, typeof value === 'bigint' ? String(value) : value]),
  );
}
