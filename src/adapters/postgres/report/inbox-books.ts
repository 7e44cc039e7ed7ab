/** Reads what may wait for a person. The rules of src/report/inbox decide what does. */

import { and, asc, eq, gt, gte, inArray, isNull, or, type SQL, sql } from 'drizzle-orm';
import type { BillingRules } from '../../../invoice/port.ts';
import { invoiceStateOf } from '../../../invoice/state.ts';
import { utcDateOf } from '../../../receivable/date.ts';
import { DUNNING_LEVELS } from '../../../receivable/dunning.ts';
import type { FinalDraft, InboxBooks, InboxFacts, OwedInvoice } from '../../../report/inbox/port.ts';
import type { LedgerDb } from '../connection/db.ts';
import { documentFailures } from '../document/tables.ts';
import { decidableInvoices } from '../invoices/decidable.ts';
import { stateColumn } from '../invoices/filter.ts';
import { events, messages, receivers } from '../notify/tables.ts';
import { knownTokens } from '../proposal/known-tokens.ts';
import { proposals } from '../proposal/tables.ts';
import { LEFT_OF_PAYMENT } from '../receivable/read-payments.ts';
import { DISPLAY_NUMBER, receivableOf } from '../receivable/rows.ts';
import { disputes, dunnings, payments, receivables } from '../receivable/tables.ts';
import { billingHolds, breaches, clients, invoices } from '../schema.ts';
import { partyOf } from '../seller/rows.ts';
import { coDebtors, dunningLevels } from '../seller/tables.ts';

/** Limit of each list; the oldest members are read. */
const LIMIT = 200;
const DAY_MS = 86_400_000;
/** Messages that were given up earlier are history. */
const MESSAGE_DAYS = 30;

export function postgresInbox(db: LedgerDb): InboxBooks {
  return {
    async facts(rules, nowMs): Promise<InboxFacts> {
      // The statements of a connection are pipelined.
      const [drafts, tokens, proposed, owed, paid, holds, given, parties, failures] = await Promise.all([
        finalDrafts(db, rules, nowMs),
        knownTokens(db, nowMs),
        db
          .select()
          .from(proposals)
          .where(isNull(proposals.decidedAt))
          .orderBy(asc(proposals.id))
          .limit(LIMIT),
        owedInvoices(db, nowMs),
        unallocatedPayments(db),
        db
          .select()
          .from(billingHolds)
          .where(isNull(billingHolds.releasedAt))
          .orderBy(asc(billingHolds.heldAt))
          .limit(LIMIT),
        givenUpMessages(db, nowMs),
        liableParties(db, nowMs),
        failedDocuments(db),
      ]);
      return {
        ...{ drafts, tokens, owed, payments: paid, messages: given, coDebtors: parties, documents: failures },
        proposals: proposed.map(({ id, kind, subject, reason, proposedBy, proposedToken, at }) => ({
          ...{ id, kind, subject, reason, by: proposedBy, tokenId: proposedToken, atMs: at.getTime() },
        })),
        holds: holds.map(({ id, clientId, code, reason, heldAt }) => ({
          ...{ id, clientId, code, reason, atMs: heldAt.getTime() },
        })),
      };
    },
  };
}

async function finalDrafts(db: LedgerDb, rules: BillingRules, nowMs: number): Promise<FinalDraft[]> {
  const state = stateColumn({ ...rules, nowMs });
  const rows = await db
    .select({ id: invoices.id })
    .from(invoices)
    .leftJoin(breaches, eq(breaches.id, invoices.breachId))
    .where(and(inArray(invoices.status, ['draft', 'approved']), sql`${state} in ('to_approve', 'to_issue')`))
    .orderBy(asc(invoices.updatedAt), asc(invoices.id))
    .limit(LIMIT);
  if (rows.length === 0) return [];
  const found = await decidableInvoices(
    db,
    rows.map(({ id }) => id),
  );
  return found.flatMap((one) => {
    const now = invoiceStateOf(one.invoice, one.breach, { ...rules, nowMs });
    return now === 'to_approve' || now === 'to_issue' ? [{ state: now, found: one }] : [];
  });
}

/** All invoices with a balance that may need something: disputed ones, those past their due date, and old claims. */
async function owedInvoices(db: LedgerDb, nowMs: number): Promise<OwedInvoice[]> {
  const today = utcDateOf(nowMs);
  const hasExpiry = sql`jsonb_array_length(coalesce(${invoices.document}->'claimExpiries', '[]')) > 0`;
  const [rows, levels] = await Promise.all([
    db
      .select({
        ...{ receivable: receivables, dispute: disputes, number: DISPLAY_NUMBER },
        ...{ issuedAt: invoices.issuedAt, document: invoices.document },
        lastOn: sql<
          string | null
        >`(select (max(${dunnings.at}) at time zone 'UTC')::date::text from ${dunnings} where ${dunnings.invoiceId} = ${receivables.invoiceId})`,
        isHeld: sql<boolean>`exists (select from ${billingHolds} where ${billingHolds.releasedAt} is null
          and (${billingHolds.clientId} is null or ${billingHolds.clientId} = ${receivables.clientId}))`,
        hasProposal: sql<boolean>`exists (select from ${proposals} where ${proposals.decidedAt} is null
          and ${proposals.subject} = 'invoices/' || ${receivables.invoiceId})`,
      })
      .from(receivables)
      .innerJoin(invoices, eq(invoices.id, receivables.invoiceId))
      .leftJoin(disputes, eq(disputes.id, receivables.disputeId))
      .where(
        or(
          and(gt(receivables.balanceMinor, 0n), or(sql`${receivables.dueOn} < ${today}`, hasExpiry)),
          sql`${receivables.disputeId} is not null`,
        ),
      )
      .orderBy(asc(receivables.dueOn), asc(receivables.invoiceId))
      .limit(10 * LIMIT),
    db.select().from(dunningLevels),
  ]);
  return rows.map(({ receivable, dispute, number, issuedAt, document, ...rest }) => {
    const own = levels.filter(({ sellerId }) => sellerId === receivable.sellerId);
    return {
      ...rest,
      ...{ id: receivable.invoiceId, clientId: receivable.clientId, currency: receivable.currency },
      ...{ number, balanceMinor: receivable.balanceMinor, receivable: receivableOf(receivable) },
      issuedAtMs: issuedAt?.getTime() ?? 0,
      levels: own.length === 0 ? DUNNING_LEVELS : own,
      claimExpiries: receivable.balanceMinor === 0n ? [] : (document?.claimExpiries ?? []),
      dispute:
        dispute === null
          ? null
          : {
              ...{ ground: dispute.ground, disputedMinor: dispute.disputedMinor },
              ...{ openedAtMs: dispute.openedAt.getTime(), isAnswered: dispute.answeredAt !== null },
            },
    };
  });
}

async function unallocatedPayments(db: LedgerDb): Promise<InboxFacts['payments']> {
  const { id, clientId, payer, reference, currency, at } = payments;
  const rows = await db
    .select({
      ...{ id, clientId, payer, reference, currency, at },
      leftMinor: sql`${LEFT_OF_PAYMENT}::text`.mapWith(BigInt),
    })
    .from(payments)
    .where(sql`${LEFT_OF_PAYMENT} > 0`)
    .orderBy(asc(at), asc(id))
    .limit(LIMIT);
  return rows.map(({ at: recordedAt, ...rest }) => ({ ...rest, atMs: recordedAt.getTime() }));
}

async function givenUpMessages(db: LedgerDb, nowMs: number): Promise<InboxFacts['messages']> {
  const rows = await db
    .select({ id: messages.id, event: events.type, receiver: receivers.name, at: messages.createdAt })
    .from(messages)
    .innerJoin(events, eq(events.id, messages.eventId))
    .innerJoin(receivers, eq(receivers.id, messages.receiverId))
    .where(
      and(eq(messages.state, 'given_up'), gte(messages.createdAt, new Date(nowMs - MESSAGE_DAYS * DAY_MS))),
    )
    .orderBy(asc(messages.createdAt), asc(messages.id))
    .limit(LIMIT);
  return rows.map(({ at, ...rest }) => ({ ...rest, atMs: at.getTime() }));
}

/** Co-debtors that are liable now. */
async function liableParties(db: LedgerDb, nowMs: number): Promise<InboxFacts['coDebtors']> {
  const rows = await db
    .select()
    .from(coDebtors)
    .where(or(isNull(coDebtors.toAt), gt(coDebtors.toAt, new Date(nowMs))))
    .orderBy(asc(coDebtors.createdAt), asc(coDebtors.id))
    .limit(10 * LIMIT);
  return rows.map((row) => ({
    ...{ id: row.id, clientId: row.clientId, ground: row.ground, party: partyOf(row) },
    ...{ fromMs: row.fromAt.getTime(), toMs: row.toAt?.getTime() ?? null, atMs: row.createdAt.getTime() },
  }));
}

async function failedDocuments(db: LedgerDb): Promise<InboxFacts['documents']> {
  const { subject, code, detail, at } = documentFailures;
  const ofSubject: SQL<string | null> = sql`case split_part(${subject}, '/', 1)
    when 'invoices' then split_part(${subject}, '/', 2)
    when 'dunnings' then (select ${dunnings.invoiceId}::text from ${dunnings}
      where ${dunnings.id}::text = split_part(${subject}, '/', 2)) end`;
  const rows = await db
    .select({ subject, code, detail, at, invoiceId: ofSubject })
    .from(documentFailures)
    .orderBy(asc(at), asc(subject))
    .limit(LIMIT);
  const ids = rows.flatMap(({ invoiceId }) => invoiceId ?? []);
  const of =
    ids.length === 0
      ? []
      : await db
          .select({ id: invoices.id, clientId: clients.id })
          .from(invoices)
          .innerJoin(clients, eq(clients.id, invoices.clientId))
          .where(inArray(invoices.id, ids));
  return rows.map(({ at: failedAt, ...rest }) => ({
    ...rest,
    clientId: of.find(({ id }) => id === rest.invoiceId)?.clientId ?? null,
    atMs: failedAt.getTime(),
  }));
}
