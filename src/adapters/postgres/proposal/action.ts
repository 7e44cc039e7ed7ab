/** What the desk of proposals needs to know of an action: its subject, whether it is possible, and how it is taken. */

import type { ActionRefusal, ActionRequest, PrincipalAt } from '../../../admin/proposals/port.ts';
import type { ProposalKind } from '../../../proposal/model.ts';
import type { LedgerDb } from '../connection/db.ts';

export interface ActionSubject {
  /** JSON of everything whose change makes a proposal stale. */
  readonly state: unknown;
  readonly sellerId: string;
}

export interface ActionDone {
  /** Names what the action made or changed. */
  readonly id: string;
  /** Runs after the commit. It must not reject. */
  readonly afterCommit?: () => Promise<void>;
}

/** Thrown by `run` to roll the transaction back; the desk returns the refusal. */
export class ActionRefused extends Error {
  override readonly name = 'ActionRefused';
  readonly refusal: ActionRefusal;

  constructor(refusal: ActionRefusal) {
    super(`${refusal.field} ${refusal.reason}`);
    this.refusal = refusal;
  }
}

/** `tx` is one transaction for all three calls, in this order. */
export interface ProposalAction {
  /** Reads and locks the subject; null if it does not exist. */
  subject(tx: LedgerDb, request: ActionRequest): Promise<ActionSubject | null>;
  /** Returns why the action is impossible now; null if `run` would succeed. Changes nothing. */
  refusal(tx: LedgerDb, request: ActionRequest, nowMs: number): Promise<ActionRefusal | null>;
  /** Takes the action and writes its audit row. Throws `ActionRefused` if the ledger refuses it after all. */
  run(tx: LedgerDb, request: ActionRequest, who: PrincipalAt): Promise<ActionDone>;
}

export type ProposalActions = Readonly<Partial<Record<ProposalKind, ProposalAction>>>;
