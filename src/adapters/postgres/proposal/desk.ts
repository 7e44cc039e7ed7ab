/** The desk of proposals on the ledger. An action, its proposal and their audit rows are one transaction. */

import library from 'canonicalize';
import { and, desc, eq, isNotNull, isNull, lt, or, sql } from 'drizzle-orm';
import { validate } from 'uuid';
import type {
  ActionRefusal,
  ActionRequest,
  PrincipalAt,
  ProposalDesk,
  Submission,
} from '../../../admin/proposals/port.ts';
import { decisionRefusal } from '../../../proposal/decide.ts';
import { DECIDING_ROLE, type FourEyesRules, needsSecondPerson } from '../../../proposal/four-eyes.ts';
import type { ActionProposal, ProposalKind } from '../../../proposal/model.ts';
import { isAlone } from '../../../proposal/second-person.ts';
import { sha256Hex } from '../../crypto/sha256-hex.ts';
import { writeAudit } from '../admin/audit.ts';
import { pageOf, rowsAsked } from '../admin/page.ts';
import type { LedgerDb } from '../connection/db.ts';
import { sellers } from '../seller/tables.ts';
import {
  type ActionDone,
  ActionRefused,
  type ActionSubject,
  type ProposalAction,
  type ProposalActions,
} from './action.ts';
import { knownTokens } from './known-tokens.ts';
import { proposalOf, proposalRow } from './rows.ts';
import { proposals } from './tables.ts';

// The types of the library describe it as an ES module, which it is not.
const canonicalize = library as unknown as (value: unknown) => string;

export interface ProposalDeskOptions {
  readonly rules: FourEyesRules;
  readonly actions: ProposalActions;
  readonly newId: () => string;
}

export function proposalDeskOn(db: LedgerDb, options: ProposalDeskOptions): ProposalDesk {
  return {
    submit: (request, who) => withAfterCommit(db, (tx) => submit(tx, options, request, who)),
    decide: (id, decision, reason, who) =>
      withAfterCommit(db, (tx) => decide(tx, options, id, decision, reason, who)),

    async proposals({ isOpen, kind, under }, page) {
      const rows = await db
        .select()
        .from(proposals)
        .where(
          and(
            isOpen === undefined ? undefined : (isOpen ? isNull : isNotNull)(proposals.decidedAt),
            kind === undefined ? undefined : eq(proposals.kind, kind),
            under === undefined
              ? undefined
              : or(eq(proposals.subject, under), sql`starts_with(${proposals.subject}, ${`${under}/`})`),
            page.after === null ? undefined : lt(proposals.id, page.after),
          ),
        )
        .orderBy(desc(proposals.id))
        .limit(rowsAsked(page));
      return pageOf(rows, page, proposalOf, (row) => row.id);
    },

    async proposal(id) {
      if (!validate(id)) return null;
      const [row] = await db.select().from(proposals).where(eq(proposals.id, id));
      return row === undefined ? null : proposalOf(row);
    },
  };
}

interface Settled<T> {
  readonly outcome: T;
  readonly done?: ActionDone;
}

async function withAfterCommit<T>(
  db: LedgerDb,
  work: (tx: LedgerDb) => Promise<Settled<T>>,
): Promise<T | { readonly kind: 'refused'; readonly refusal: ActionRefusal }> {
  const settled = await db.transaction(work).catch((error: unknown) => {
    if (error instanceof ActionRefused) return error;
    throw error;
  });
  if (settled instanceof ActionRefused) return { kind: 'refused', refusal: settled.refusal };
  const { outcome, done } = settled;
  await done?.afterCommit?.();
  return outcome;
}

async function submit(
  tx: LedgerDb,
  { rules, actions, newId }: ProposalDeskOptions,
  request: ActionRequest,
  who: PrincipalAt,
): Promise<Settled<Submission>> {
  const action = actionOf(actions, request.kind);
  const subject = await action.subject(tx, request);
  if (subject === null) return { outcome: { kind: 'refused', refusal: unknownSubject(request.subject) } };
  const refusal = await action.refusal(tx, request, who.atMs);
  if (refusal !== null) return { outcome: { kind: 'refused', refusal } };
  const run = async (isLone: boolean) => {
    const done = await action.run(tx, request, who);
    return { outcome: { kind: 'done', id: done.id, isAlone: isLone } as const, done };
  };
  if (!needsSecondPerson(request.kind, rules)) return run(false);
  const proposed = proposalFrom(newId(), request, subject, who);
  if (!isAlone(who, DECIDING_ROLE[request.kind], await knownTokens(tx, who.atMs), who.atMs)) {
    await writeProposal(tx, proposed, who);
    return { outcome: { kind: 'proposed', proposal: proposed } };
  }
  if (await isStrict(tx, subject.sellerId)) return { outcome: { kind: 'alone_refused' } };
  const decision = { decision: 'accepted', decisionReason: ALONE, decidedBy: proposed.proposedBy } as const;
  await writeProposal(tx, { ...proposed, ...decision, decidedAtMs: who.atMs }, who);
  await writeAudit(tx, who, {
    ...{ action: 'proposal.alone', subject: request.subject, reason: ALONE },
    after: { proposal: proposed.id, kind: request.kind },
  });
  return run(true);
}

/** The reason of the decision of a person who is alone. */
const ALONE = 'alone: no second person with the role was seen in the last 90 days';

async function decide(
  tx: LedgerDb,
  { actions }: ProposalDeskOptions,
  ...[id, decision, reason, who]: Parameters<ProposalDesk['decide']>
): Promise<Settled<Awaited<ReturnType<ProposalDesk['decide']>>>> {
  const [row] = validate(id)
    ? await tx.select().from(proposals).where(eq(proposals.id, id)).for('update')
    : [];
  if (row === undefined) return { outcome: { kind: 'not_found' } };
  const proposal = proposalOf(row);
  const action = actionOf(actions, proposal.kind);
  const isOpen = proposal.decision === null;
  const subject = isOpen && decision === 'accepted' ? await action.subject(tx, proposal) : null;
  const tokens = await knownTokens(tx, who.atMs);
  const refused = decisionRefusal(proposal, decision, who, tokens, subject && hashOf(subject));
  if (refused !== null) return { outcome: { kind: 'not_decidable', refusal: refused } };
  const refusal = decision === 'accepted' ? await action.refusal(tx, proposal, who.atMs) : null;
  if (refusal !== null) return { outcome: { kind: 'refused', refusal } };
  const decidedBy = { actor: who.actor, tokenId: who.tokenId };
  const decided: ActionProposal = {
    ...proposal,
    ...{ decision, decisionReason: reason, decidedBy, decidedAtMs: who.atMs },
  };
  await tx.update(proposals).set(proposalRow(decided)).where(eq(proposals.id, id));
  await writeAudit(tx, who, {
    ...{ action: `proposal.${decision}`, subject: `proposals/${id}`, reason },
    after: { kind: proposal.kind, subject: proposal.subject, decidedToken: who.tokenId },
  });
  if (decision !== 'accepted') return { outcome: { kind: 'decided', proposal: decided, resultId: null } };
  const done = await action.run(tx, proposal, who);
  return { outcome: { kind: 'decided', proposal: decided, resultId: done.id }, done };
}

function proposalFrom(
  id: string,
  { kind, subject, payload, reason }: ActionRequest,
  found: ActionSubject,
  { actor, tokenId, atMs }: PrincipalAt,
): ActionProposal {
  return {
    ...{ id, kind, subject, payload, reason, subjectHash: hashOf(found) },
    ...{ proposedBy: { actor, tokenId }, atMs },
    ...{ decidedBy: null, decidedAtMs: null, decision: null, decisionReason: null },
  };
}

async function writeProposal(tx: LedgerDb, proposal: ActionProposal, who: PrincipalAt): Promise<void> {
  await tx.insert(proposals).values(proposalRow(proposal));
  const { id, kind, subject, payload, subjectHash, reason, decision } = proposal;
  await writeAudit(tx, who, {
    ...{ action: 'proposal.made', subject: `proposals/${id}`, reason },
    after: { kind, subject, payload, subjectHash, proposedToken: who.tokenId, decision },
  });
}

async function isStrict(tx: LedgerDb, sellerId: string): Promise<boolean> {
  const [row] = await tx.select({ isStrict: sellers.isStrict }).from(sellers).where(eq(sellers.id, sellerId));
  return row?.isStrict ?? false;
}

function hashOf({ state }: ActionSubject): string {
  return sha256Hex(canonicalize(state));
}

function actionOf(actions: ProposalActions, kind: ProposalKind): ProposalAction {
  const action = actions[kind];
  if (action === undefined) throw new TypeError(`no action for proposals of the kind ${kind}`);
  return action;
}

function unknownSubject(subject: string) {
  const reason = `does not exist: ${subject}`;
  return { status: 404, field: 'subject', reason, hint: 'check the id' } as const;
}
