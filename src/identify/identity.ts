/** Who asks, as far as a request shows it. */

import type { Place } from './credentials.ts';

/** A request that was recognised: by a registered identifier, or as a client of its own by its address. */
export interface Identity {
  readonly clientId: string;
  readonly identifierId: string;
  /** The client's address as believed (through trusted proxies only), in canonical form. */
  readonly address: string;
}

export type IdentifyResult =
  | {
      readonly kind: 'identified';
      readonly identity: Identity;
      /** Present if keys of ours are taken out of the request. */
      readonly secrets?: readonly Place[];
    }
  /** A credential that we do not know: refused, never ignored (design, section 5). */
  | { readonly kind: 'bad_credential' /** By its address. */; readonly caller: Identity };
