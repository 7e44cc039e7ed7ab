/** The identity of a caller, as far as a request shows it. */

import type { Place } from './credentials.ts';

/** An identified request: by a registered identifier, or as a client of its own by its address. */
export interface Identity {
  readonly clientId: string;
  readonly identifierId: string;
  /** The client's address from the peer or trusted proxies, in canonical form. */
  readonly address: string;
  /** Present for a caller that is metered by its range: the id for its own address. */
  readonly ownId?: string;
  /** Present for an unknown caller that has not taken a place yet; it takes one when it is served. */
  readonly newcomer?: Newcomer;
}

export interface Newcomer {
  /** The client under which its refused requests are metered, so that they do not create clients of their own. */
  rangeId(): string;
  takePlace(): void;
}

export interface IdentifiedRequest {
  readonly kind: 'identified';
  readonly identity: Identity;
  /** `agent`: by an agent that the request proves. `address`: an unknown caller. */
  readonly by: 'key' | 'range' | 'agent' | 'address';
  /** Keys of ours that are removed from the request. Present for a client identified by a key. */
  readonly secrets?: readonly Place[];
  /** Present for a client identified by a key: the caller by its address. */
  readonly caller?: () => Identity;
}

export type IdentifyResult =
  | IdentifiedRequest
  /** A credential that we do not know: it is refused, never ignored (design, section 5). */
  | { readonly kind: 'bad_credential' /** By its address. */; readonly caller: Identity };
