/** The stored versions of the published policy. Rows are final. */

import { desc, eq, gte, isNull, lt, lte, max, or, sql } from 'drizzle-orm';
import { canonicalPolicy } from '../../../terms/canonical-policy.ts';
import { type PolicyVersion, policySchema } from '../../../terms/policy.ts';
import type { NewPolicyVersion, PolicyVersionStore } from '../../../terms/port.ts';
import { sha256Hex } from '../../crypto/sha256-hex.ts';
import { writeAudit } from '../admin/audit.ts';
import type { LedgerDb } from '../connection/db.ts';
import { rightsPolicies } from './tables.ts';

type Row = typeof rightsPolicies.$inferSelect;

/** The clock of a process may be behind the ledger's by less than this. */
const CLOCK_SLACK = sql`interval '1 day'`;

export function policyVersionStore(db: LedgerDb): PolicyVersionStore {
  return {
    addPolicyVersion: (version) =>
      db.transaction(async (tx) => {
        // Version numbers have no gaps, so writers take turns.
        await tx.execute(sql`select pg_advisory_xact_lock(hashtext('postmeter:policies'))`);
        const [newest] = await tx
          .select()
          .from(rightsPolicies)
          .orderBy(desc(rightsPolicies.version))
          .limit(1);
        const [row] = await tx.insert(rightsPolicies).values(rowOf(version, newest)).returning();
        await writeAudit(
          tx,
          { actor: version.createdBy, atMs: version.createdAtMs },
          {
            action: 'published_policy.added',
            subject: 'policies',
            reason: version.reason,
            before: newest === undefined ? null : auditOf(newest),
            after: auditOf(row!),
          },
        );
        return policyVersionOf(row!);
      }),

    async policyVersion(version) {
      const [row] = await db.select().from(rightsPolicies).where(eq(rightsPolicies.version, version));
      return row === undefined ? null : policyVersionOf(row);
    },

    async policyVersions({ limit, below }) {
      const rows = await db
        .select()
        .from(rightsPolicies)
        .where(below === null ? undefined : lt(rightsPolicies.version, below))
        .orderBy(desc(rightsPolicies.version))
        .limit(limit);
      return rows.map(policyVersionOf);
    },

    async policyInForce(atMs) {
      const [row] = await db
        .select()
        .from(rightsPolicies)
        .where(lte(rightsPolicies.validFrom, new Date(atMs)))
        .orderBy(desc(rightsPolicies.validFrom), desc(rightsPolicies.version))
        .limit(1);
      return row === undefined ? null : policyVersionOf(row);
    },
  };
}

/** The version in force and those to come, and versions that ended within `CLOCK_SLACK`. */
export async function recentPolicies(tx: LedgerDb): Promise<Row[]> {
  const started = tx
    .select({ at: max(rightsPolicies.validFrom).as('started_at') })
    .from(rightsPolicies)
    .where(lte(rightsPolicies.validFrom, sql`now() - ${CLOCK_SLACK}`))
    .as('started');
  const rows = await tx
    .select({ policy: rightsPolicies })
    .from(rightsPolicies)
    .crossJoin(started)
    .where(or(isNull(started.at), gte(rightsPolicies.validFrom, started.at)))
    .orderBy(rightsPolicies.version);
  return rows.map(({ policy }) => policy);
}

/** Throws a ZodError if the row contains a document that no version of this program writes. */
export function policyVersionOf(row: Row): PolicyVersion {
  const { version, sha256, createdBy, reason } = row;
  return {
    version,
    validFromMs: row.validFrom.getTime(),
    policy: policySchema.parse(row.document),
    sha256,
    createdAtMs: row.createdAt.getTime(),
    createdBy,
    reason,
  };
}

function rowOf(
  { validFromMs, policy, createdAtMs, ...rest }: NewPolicyVersion,
  newest: Row | undefined,
): Row {
  return {
    ...rest,
    version: (newest?.version ?? 0) + 1,
    validFrom: new Date(validFromMs),
    document: policy,
    sha256: sha256Hex(canonicalPolicy(policy)),
    createdAt: new Date(createdAtMs),
  };
}

/** The audit log has the document too, so that verification finds a change of the row. */
function auditOf({ version, validFrom, sha256, document }: Row) {
  return { version, validFrom: validFrom.toISOString(), sha256, document };
}
