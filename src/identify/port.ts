/** What identifying needs from outside: the directory of clients, kept fresh in the background. */

import type { ClientPolicy } from '../admit/policy.ts';
import type { TariffVersion } from '../tariff/tariff.ts';

interface ClientEntry {
  readonly id: string;
  readonly name: string;
}

export type IdentifierEntry = {
  readonly id: string;
  readonly clientId: string;
} & (
  | { readonly kind: 'api_key' /** Hex of HMAC-SHA256(secret, key). */; readonly keyHash: string }
  | { readonly kind: 'cidr'; readonly cidr: string }
);

/** Everything that identifying and admitting read, at one moment. Clients that are a mere address are not in it. */
export interface DirectorySnapshot {
  readonly clients: readonly ClientEntry[];
  readonly identifiers: readonly IdentifierEntry[];
  readonly tariffs: readonly TariffVersion[];
  /** By client, unknown callers (`addr:`, `net:`) among them. */
  readonly policies: readonly ClientPolicyEntry[];
}

export interface ClientPolicyEntry {
  readonly clientId: string;
  readonly policy: ClientPolicy;
}

export interface DirectorySource {
  load(): Promise<DirectorySnapshot>;
  /** Calls `changed` within a second of a change by any process, and after every reconnect. Returns a stop. */
  watch(changed: () => void): Promise<() => Promise<void>>;
  /** The secret that keys the hashes of API keys: the one given, or one that the ledger keeps for all processes. */
  keySecret(): Promise<Buffer>;
}
