/** Tokens of the administration. The ledger stores their hashes. A token is shown once, to its creator. */

import { and, arrayContains, asc, eq, gt, isNull } from 'drizzle-orm';
import { ROLES, type Role, type TokenRecord, type TokenStore } from '../../../admin/port.ts';
import { sha256Hex } from '../../crypto/sha256-hex.ts';
import type { LedgerDb } from '../connection/db.ts';
import { tokens } from '../schema.ts';
import { writeAudit } from './audit.ts';
import { pageOf, rowsAsked } from './page.ts';

type TokenRow = typeof tokens.$inferSelect;

export function tokenStore(db: LedgerDb): TokenStore {
  return {
    createToken: (token, who) =>
      db.transaction(async (tx) => {
        const [row] = await tx
          .insert(tokens)
          .values({ ...token, roles: [...token.roles], createdAt: new Date(who.atMs), createdBy: who.actor })
          .returning();
        // The digest lets verification detect a replaced hash.
        const after = { name: row!.name, roles: row!.roles, digest: sha256Hex(row!.hash) };
        await writeAudit(tx, who, { action: 'token.created', subject: `tokens/${row!.id}`, after });
        return recordOf(row!);
      }),

    async tokens(page) {
      const rows = await db
        .select()
        .from(tokens)
        .where(page.after === null ? undefined : gt(tokens.id, page.after))
        .orderBy(asc(tokens.id))
        .limit(rowsAsked(page));
      return pageOf(rows, page, recordOf, (row) => row.id);
    },

    revokeToken: (id, who) =>
      db.transaction(async (tx) => {
        const [row] = await tx.select().from(tokens).where(eq(tokens.id, id)).for('update');
        if (row === undefined) return null;
        if (row.revokedAt !== null) return recordOf(row);
        const [revoked] = await tx
          .update(tokens)
          .set({ revokedAt: new Date(who.atMs) })
          .where(eq(tokens.id, id))
          .returning();
        const before = { name: row.name, roles: row.roles };
        await writeAudit(tx, who, { action: 'token.revoked', subject: `tokens/${id}`, before });
        return recordOf(revoked!);
      }),

    async tokenByHash(hash) {
      const [row] = await db
        .select()
        .from(tokens)
        .where(and(eq(tokens.hash, hash), isNull(tokens.revokedAt)));
      return row === undefined ? null : recordOf(row);
    },

    async hasAdminToken() {
      const [row] = await db
        .select({ id: tokens.id })
        .from(tokens)
        .where(and(arrayContains(tokens.roles, ['admin']), isNull(tokens.revokedAt)))
        .limit(1);
      return row !== undefined;
    },
  };
}

function recordOf(row: TokenRow): TokenRecord {
  return {
    id: row.id,
    name: row.name,
    roles: rolesOf(row.roles),
    createdAtMs: row.createdAt.getTime(),
    createdBy: row.createdBy,
    revokedAtMs: row.revokedAt?.getTime() ?? null,
  };
}

/** The known roles among `names`: a newer version may have stored others. */
export function rolesOf(names: readonly string[]): readonly Role[] {
  return names.filter((name): name is Role => ROLES.some((role) => role === name));
}
