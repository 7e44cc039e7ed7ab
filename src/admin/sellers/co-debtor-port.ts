/** The port of co-debtors: further parties that are liable for the debts of a client. */

import type { CoDebtor } from '../../seller/model.ts';
import type { Actor, Page, PageRequest } from '../port.ts';

export interface CoDebtorRecord extends CoDebtor {
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly reason: string;
}

export type NewCoDebtor = Omit<CoDebtor, 'toMs'>;

export interface CoDebtorStore {
  /** Oldest first, those that are no longer liable included. Null if the client does not exist. */
  coDebtors(clientId: string, page: PageRequest): Promise<Page<CoDebtorRecord> | null>;
  /** Returns null if the client does not exist. */
  addCoDebtor(coDebtor: NewCoDebtor, reason: string, who: Actor): Promise<CoDebtorRecord | null>;
  /**
   * Sets the end of the liability, once. Returns null if the client has no such co-debtor, `ended` if it has an end
   * already, `too_early` if the end precedes the start.
   */
  endCoDebtor(
    clientId: string,
    id: string,
    toMs: number,
    reason: string,
    who: Actor,
  ): Promise<CoDebtorRecord | 'ended' | 'too_early' | null>;
}
