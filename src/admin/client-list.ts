/** The port of the list of clients: searched, filtered and sorted. */

import type { ClientScope } from '../report/client-totals.ts';
import type { ClientRecord, Page, PageRequest } from './port.ts';

export const CLIENT_STATES = [
  'over',
  'near',
  'in_breach',
  'settling',
  'on_hold',
  'exempt',
  'licensed',
] as const;
export type ListedClientState = (typeof CLIENT_STATES)[number];

/** The share of the threshold from which a client is near it. */
export const NEAR_SHARE = 0.8;

export interface ClientListFilter {
  /** A part of the id, name, legal name or an address range, the last four characters of a key, or an identifier's id. */
  readonly text?: string | undefined;
  /** Also clients with a range that contains this address. */
  readonly address?: string | undefined;
  /** `named`: added by an operator. `callers`: created by the ledger from an address or a range. */
  readonly kind?: 'named' | 'callers' | undefined;
  /** States that the ledger has. `over` and `near` follow the cached totals. */
  readonly state?: Exclude<ListedClientState, 'exempt' | 'licensed'> | undefined;
  /** Only clients in all of these. */
  readonly scopes?: readonly ClientScope[] | undefined;
  /** Clients with usage since, epoch milliseconds. */
  readonly seenSinceMs?: number | undefined;
}

/** `share` and `total` sort the largest first, by the cached totals; clients without usage follow. */
export type ClientOrder = 'id' | 'share' | 'total';

export interface ClientList {
  search(filter: ClientListFilter, order: ClientOrder, page: PageRequest): Promise<Page<ClientRecord>>;
  /** The number of clients that `search` finds, at most `max`. */
  count(filter: ClientListFilter, max: number): Promise<number>;
  /** The ids that `search` finds, in its order, of one moment. */
  ids(filter: ClientListFilter, order: ClientOrder): Promise<readonly string[]>;
  /** The clients with these ids, unordered. */
  byIds(ids: readonly string[]): Promise<readonly ClientRecord[]>;
}
