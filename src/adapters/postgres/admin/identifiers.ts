/** Identifiers of clients: hashed keys, address ranges and agents. Each belongs to one client at a time. */

import { and, asc, eq, gt, isNull, ne, type SQL, sql } from 'drizzle-orm';
import type {
  AddIdentifierResult,
  IdentifierRecord,
  IdentifierStore,
  NewIdentifier,
} from '../../../admin/port.ts';
import { sha256Hex } from '../../crypto/sha256-hex.ts';
import type { LedgerDb } from '../connection/db.ts';
import { clients, identifiers } from '../schema.ts';
import { writeAudit } from './audit.ts';
import { pageOf, rowsAsked } from './page.ts';

type IdentifierRow = typeof identifiers.$inferSelect;

export function identifierStore(db: LedgerDb): IdentifierStore {
  return {
    addIdentifier: (identifier, who) =>
      db.transaction(async (tx) => {
        await lockIdentifiers(tx);
        const refusal = await refusalOf(tx, identifier);
        if (refusal !== null) return refusal;
        const [row] = await tx
          .insert(identifiers)
          .values({ ...identifier, createdAt: new Date(who.atMs) })
          .returning();
        const added = recordOf(row!);
        await writeAudit(tx, who, {
          action: 'identifier.added',
          subject: `clients/${added.clientId}/identifiers/${added.id}`,
          after: { ...auditedOf(row!), ...digestOf(row!) },
        });
        return { kind: 'added', identifier: added };
      }),

    async identifiers(clientId, page) {
      const rows = await db
        .select()
        .from(identifiers)
        .where(
          and(
            eq(identifiers.clientId, clientId),
            page.after === null ? undefined : gt(identifiers.id, page.after),
          ),
        )
        .orderBy(asc(identifiers.id))
        .limit(rowsAsked(page));
      return pageOf(rows, page, recordOf, (row) => row.id);
    },

    revokeIdentifier: (clientId, id, who) =>
      db.transaction(async (tx) => {
        const its = and(eq(identifiers.clientId, clientId), eq(identifiers.id, id));
        const [row] = await tx.select().from(identifiers).where(its).for('update');
        if (row === undefined) return null;
        if (row.revokedAt !== null) return recordOf(row);
        const [revoked] = await tx
          .update(identifiers)
          .set({ revokedAt: new Date(who.atMs) })
          .where(its)
          .returning();
        await writeAudit(tx, who, {
          action: 'identifier.revoked',
          subject: `clients/${clientId}/identifiers/${id}`,
          before: auditedOf(row),
        });
        return recordOf(revoked!);
      }),
  };
}

/** What the audit log records of an identifier. */
function auditedOf({ kind, cidr, keyHint, agent }: IdentifierRow) {
  return { kind, cidr, keyHint, ...(agent === null ? {} : { agent }) };
}

/** Lets verification detect a replaced hash. */
function digestOf({ keyHash }: IdentifierRow) {
  return keyHash === null ? {} : { keyDigest: sha256Hex(keyHash) };
}

/** An index cannot reject overlapping ranges, because they are two rows. Writers therefore take turns. */
export async function lockIdentifiers(tx: LedgerDb): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtext('postmeter:identifiers'))`);
}

async function refusalOf(tx: LedgerDb, identifier: NewIdentifier): Promise<AddIdentifierResult | null> {
  const [client] = await tx.select().from(clients).where(eq(clients.id, identifier.clientId));
  if (client === undefined) return { kind: 'unknown_client' };
  if (client.source !== 'operator') return { kind: 'address_client' };
  const [taken] = await tx
    .select()
    .from(identifiers)
    .where(and(sameAs(identifier), isNull(identifiers.revokedAt)));
  if (taken !== undefined) return { kind: 'taken', clientId: taken.clientId };
  return identifier.kind === 'cidr' ? overlapOf(tx, identifier.clientId, identifier.cidr) : null;
}

function sameAs(identifier: NewIdentifier): SQL {
  if (identifier.kind === 'api_key') return eq(identifiers.keyHash, identifier.keyHash);
  if (identifier.kind === 'cidr') return eq(identifiers.cidr, identifier.cidr);
  return eq(identifiers.agent, identifier.agent);
}

/** A client may nest its own ranges. A range that overlaps another client's would bill one client for the other. */
async function overlapOf(
  tx: LedgerDb,
  clientId: string,
  cidr: string,
): Promise<Extract<AddIdentifierResult, { kind: 'overlaps' }> | null> {
  const [other] = await tx
    .select()
    .from(identifiers)
    .where(
      and(
        isNull(identifiers.revokedAt),
        ne(identifiers.clientId, clientId),
        sql`${identifiers.cidr} && ${cidr}::cidr`,
      ),
    )
    .orderBy(asc(identifiers.id))
    .limit(1);
  return other?.cidr == null ? null : { kind: 'overlaps', clientId: other.clientId, cidr: other.cidr };
}

function recordOf(row: IdentifierRow): IdentifierRecord {
  return {
    id: row.id,
    clientId: row.clientId,
    kind: row.kind,
    cidr: row.cidr,
    keyHint: row.keyHint,
    agent: row.agent,
    createdAtMs: row.createdAt.getTime(),
    revokedAtMs: row.revokedAt?.getTime() ?? null,
  };
}
