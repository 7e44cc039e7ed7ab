/** Invoices, tariffs and the audit log as verification reads them, and the billing state of one client. */

import { and, asc, eq, ne, sql } from 'drizzle-orm';
import { type UsageAsOf, usageAsOfSchema } from '../../../invoice/seal.ts';
import type {
  ClientAccount,
  IssueAudit,
  IssuedInvoice,
  KeptTariff,
  TariffAudit,
  VerifiableLedger,
} from '../../../verify/port.ts';
import { deliveriesOf, withLines } from '../billing/account.ts';
import { breachOf, frozenUnique } from '../billing/rows.ts';
import { sealedTariffOf } from '../billing/seal.ts';
import { type LedgerDb, rowsOf } from '../connection/db.ts';
import {
  audit,
  billingDue,
  breaches,
  invoiceNumbers,
  invoices,
  numberMoves,
  tariffRetirements,
  tariffVersions,
} from '../schema.ts';

const PAGE_INVOICES = 200;
const PAGE_CLIENTS = 1000;

type AccountReads = Pick<
  VerifiableLedger,
  | 'tariffs'
  | 'tariffAudits'
  | 'retiredVersions'
  | 'lastNumbers'
  | 'numberMoves'
  | 'issued'
  | 'issueAudit'
  | 'billable'
  | 'account'
>;

export function accountReads(tx: LedgerDb): AccountReads {
  return {
    tariffs: () => keptTariffs(tx),
    tariffAudits: () => tariffAudits(tx),
    retiredVersions: async () => {
      const rows = await tx.select({ id: tariffRetirements.versionId }).from(tariffRetirements);
      return rows.map(({ id }) => id);
    },
    lastNumbers: async () => {
      const rows = await tx.select().from(invoiceNumbers);
      return new Map(rows.map(({ series, last }) => [series, last]));
    },
    numberMoves: () => tx.select().from(numberMoves).orderBy(asc(numberMoves.fromLast)),
    issued: () => issuedPages(tx),
    issueAudit: (invoiceId) => issueAudit(tx, invoiceId),
    billable: () => billablePages(tx),
    account: (clientId) => accountOf(tx, clientId),
  };
}

async function keptTariffs(tx: LedgerDb): Promise<KeptTariff[]> {
  const rows = await tx.select().from(tariffVersions).orderBy(asc(tariffVersions.id));
  return rows.map((row) => {
    const { createdBy, reason, createdAt } = row;
    return { ...sealedTariffOf(row), createdAtMs: createdAt.getTime(), createdBy, reason };
  });
}

async function tariffAudits(tx: LedgerDb): Promise<TariffAudit[]> {
  const rows = await tx.select().from(audit).where(eq(audit.action, 'tariff.changed')).orderBy(asc(audit.id));
  return rows.map(({ subject, after, at, actor, reason }) => {
    const entry = after as { version?: unknown; validFrom?: unknown; terms?: unknown } | null;
    return {
      clientId: /^clients\/(.*)\/tariffs$/.exec(subject)?.[1] ?? null,
      version: Number(entry?.version),
      validFromMs: Date.parse(String(entry?.validFrom)),
      terms: entry?.terms ?? null,
      ...{ createdAtMs: at.getTime(), createdBy: actor, reason },
    };
  });
}

async function* issuedPages(tx: LedgerDb): AsyncGenerator<IssuedInvoice[]> {
  let after = sql`('', 0)`;
  for (;;) {
    const rows = await tx
      .select()
      .from(invoices)
      .where(and(eq(invoices.status, 'issued'), sql`(${invoices.series}, ${invoices.number}) > ${after}`))
      .orderBy(asc(invoices.series), asc(invoices.number))
      .limit(PAGE_INVOICES);
    if (rows.length === 0) return;
    yield issuedOf(rows, await withLines(tx, rows));
    if (rows.length < PAGE_INVOICES) return;
    const { series, number } = rows.at(-1)!;
    after = sql`(${series}, ${number})`;
  }
}

export function issuedOf(
  rows: readonly (typeof invoices.$inferSelect)[],
  read: readonly IssuedInvoice['invoice'][],
): IssuedInvoice[] {
  return rows.map(({ uniquePosts, contentHash, usageHash, usageAsOf }, index) => ({
    invoice: read[index]!,
    unique: frozenUnique(uniquePosts),
    contentHash,
    usageHash,
    asOf: asOfFrom(usageAsOf),
  }));
}

/** Unreadable content counts as missing: its seal is broken. */
function asOfFrom(kept: unknown): UsageAsOf | null {
  const parsed = usageAsOfSchema.safeParse(kept);
  return parsed.success ? parsed.data : null;
}

async function issueAudit(tx: LedgerDb, invoiceId: string): Promise<IssueAudit | null> {
  const [row] = await tx
    .select({ after: audit.after })
    .from(audit)
    .where(and(eq(audit.subject, `invoices/${invoiceId}`), eq(audit.action, 'invoice.issued')))
    .orderBy(asc(audit.id))
    .limit(1);
  if (row === undefined) return null;
  const after = row.after as { number?: unknown; amountMinor?: unknown; contentHash?: unknown } | null;
  return {
    number: typeof after?.number === 'number' ? after.number : null,
    amountMinor: typeof after?.amountMinor === 'string' ? after.amountMinor : null,
    contentHash: typeof after?.contentHash === 'string' ? after.contentHash : null,
  };
}

/**
 * Clients with a breach, an invoice or a tariff of their own, and clients with more posts in total than the lowest
 * threshold that the default tariff ever had. If the default is or was a licence, all clients with posts.
 */
async function* billablePages(tx: LedgerDb): AsyncGenerator<string[]> {
  let after = '';
  for (;;) {
    const rows = await rowsOf(
      tx,
      sql`
      with bound as materialized (
        select case when bool_or(terms->>'kind' = 'licence') then 0 else min((terms->>'threshold')::numeric) end as posts
        from tariff_versions where client_id is null
      )
      select client_id from (
        select client_id from breaches union select client_id from invoices
        union select client_id from tariff_versions where client_id is not null
        union (
          select client_id from usage where client_id not like 'net:%' group by client_id
          having sum(posts) > (select posts from bound))
      ) as billable
      where client_id > ${after} order by client_id limit ${PAGE_CLIENTS}`,
    );
    yield rows.map((row) => String(row.client_id));
    if (rows.length < PAGE_CLIENTS) return;
    after = String(rows.at(-1)!.client_id);
  }
}

async function accountOf(tx: LedgerDb, clientId: string): Promise<ClientAccount> {
  const [due] = await tx.select().from(billingDue).where(eq(billingDue.clientId, clientId));
  const [held] = await rowsOf(
    tx,
    sql`
    select exists (
      select from billing_holds where released_at is null and code <> 'ledger_set_back'
        and (client_id is null or client_id = ${clientId})) as is_on_hold`,
  );
  const known = await tx.select().from(breaches).where(eq(breaches.clientId, clientId));
  const rows = await tx
    .select()
    .from(invoices)
    .where(and(eq(invoices.clientId, clientId), ne(invoices.status, 'void')));
  return {
    clientId,
    isDirty: (due?.dirtyFrom ?? null) !== null,
    isOnHold: held?.is_on_hold === true,
    served: await deliveriesOf(tx, clientId, 0),
    breaches: known.map(breachOf),
    invoices: rows.length === 0 ? [] : await withLines(tx, rows),
  };
}
