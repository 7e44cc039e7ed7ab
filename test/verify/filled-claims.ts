/** Disputes, dunnings and proposals with every column filled, as finance makes them. */

import { eq } from 'drizzle-orm';
import { v7 } from 'uuid';
import type { LedgerDb } from '../../src/adapters/postgres/connection/db.ts';
import { claimDesk } from '../../src/adapters/postgres/receivable/claim-desk.ts';
import { invoices } from '../../src/adapters/postgres/schema.ts';
import { proposalDesk } from '../../src/entry/stores/proposal-desk.ts';
import { RULES } from './tampered-ledger.ts';

/** The ledger has an issued invoice of the client `excess`, and a token with the role finance. */
export async function fillClaims(db: LedgerDb): Promise<void> {
  const who = { actor: 'Ada (token a)', tokenId: 'a', atMs: Date.UTC(2026, 4, 1) };
  const [invoice] = await db.select().from(invoices).where(eq(invoices.clientId, 'excess'));
  const invoiceId = invoice!.id;
  const desk = claimDesk(db);
  const dispute = { id: v7(), invoiceId, ground: 'counting', text: 'too many', disputedMinor: 1n } as const;
  await desk.openDispute(dispute, who);
  await desk.answerDispute(dispute.id, 'see the evidence', who);
  await desk.resolveDispute(dispute.id, 'rejected', 'counted again', who);
  const reminded = await desk.remind(invoiceId, who);
  if (reminded.kind !== 'reminded') throw new Error(reminded.obstacle);
  const proposals = proposalDesk(db, RULES, null);
  const request = { kind: 'write_off', payload: {}, reason: 'insolvent' } as const;
  const proposed = await proposals.submit({ ...request, subject: `invoices/${invoiceId}` }, who);
  if (proposed.kind !== 'proposed') throw new Error(proposed.kind);
  const decider = { ...who, actor: 'Bob (token b)', tokenId: 'b' };
  await proposals.decide(proposed.proposal.id, 'rejected', 'it will pay', decider);
}
