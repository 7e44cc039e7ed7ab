/** What keeping lists current needs from outside: the lists in the ledger, which all processes share. */

import type { AgentList } from './agent-list.ts';

export interface AgentListStore {
  /**
   * The stored lists of these URLs. `prefixes` is undefined if the list was fetched when `knownMs` says, because the
   * caller has them.
   */
  lists(urls: readonly string[], knownMs: ReadonlyMap<string, number | null>): Promise<readonly StoredList[]>;
  /**
   * Takes the turn to fetch a list: it sets the time of the last attempt, if that is still `triedAtMs`. Returns false if
   * another process took it.
   */
  claim(url: string, triedAtMs: number | null, nowMs: number): Promise<boolean>;
  /** Stores a list that was fetched. */
  save(list: AgentList): Promise<void>;
  /** Stores why a list could not be fetched. The last good list stays. */
  fail(url: string, reason: string): Promise<void>;
}

export interface StoredList extends Omit<AgentList, 'prefixes' | 'isShipped'> {
  readonly prefixes: AgentList['prefixes'] | undefined;
}
