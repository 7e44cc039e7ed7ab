/** What identification needs from outside: the directory of clients, refreshed in the background. */

import type { ClientPolicy } from '../admit/policy.ts';
import type { ClientClass } from '../rights/asker.ts';
import type { TariffVersion } from '../tariff/tariff.ts';
import type { PolicyVersion } from '../terms/policy.ts';

interface ClientEntry {
  readonly id: string;
  readonly name: string;
  /** The class of its requests. Absent if no operator chose one. */
  readonly askerClass?: ClientClass;
}

export type IdentifierEntry = {
  readonly id: string;
  readonly clientId: string;
} & (
  | { readonly kind: 'api_key' /** Hex of HMAC-SHA256(secret, key). */; readonly keyHash: string }
  | { readonly kind: 'cidr'; readonly cidr: string }
  | {
      readonly kind: 'agent' /** Token of the catalogue, or the https URL of a signer. */;
      readonly agent: string;
    }
);

/**
 * Everything that identification and admission read, at one moment. Clients that are only an address are not
 * included.
 */
export interface DirectorySnapshot {
  readonly clients: readonly ClientEntry[];
  readonly identifiers: readonly IdentifierEntry[];
  readonly tariffs: readonly TariffVersion[];
  /** By client, including unknown callers (`addr:`, `net:`). */
  readonly policies: readonly ClientPolicyEntry[];
  /** The published policy in force and those to come. Unordered, and may include some that are over. */
  readonly policyVersions: readonly PolicyVersion[];
}

export interface ClientPolicyEntry {
  readonly clientId: string;
  readonly policy: ClientPolicy;
}

export interface DirectorySource {
  load(): Promise<DirectorySnapshot>;
  /**
   * Calls `changed` within a second of a change by any process, and after every reconnect. Returns a function that
   * stops it.
   */
  watch(changed: () => void): Promise<() => Promise<void>>;
  /**
   * The secret that keys the hashes of API keys: the configured one, or one that the ledger keeps for all processes.
   */
  keySecret(): Promise<Buffer>;
}
