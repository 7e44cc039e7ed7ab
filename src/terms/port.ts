/** What the terms need from outside: the stored versions of the policy. */

import type { PolicyVersion } from './policy.ts';

/** A version as the store takes it. The store assigns the number and computes the hash. */
export type NewPolicyVersion = Omit<PolicyVersion, 'version' | 'sha256'>;

/** At most `limit` versions with a number below `below`; null starts at the newest. */
interface PolicyVersionRange {
  readonly limit: number;
  readonly below: number | null;
}

/** Versions are never changed or removed. A change adds a version and a row to the audit log. */
export interface PolicyVersionStore {
  addPolicyVersion(version: NewPolicyVersion): Promise<PolicyVersion>;
  /** Returns null if there is no such version. */
  policyVersion(version: number): Promise<PolicyVersion | null>;
  /** Newest first. */
  policyVersions(range: PolicyVersionRange): Promise<readonly PolicyVersion[]>;
  /** The version in force at a moment, in epoch milliseconds; null if none was. */
  policyInForce(atMs: number): Promise<PolicyVersion | null>;
}

export interface SitePage {
  readonly status: number;
  /** The value of a header by its lower-case name; null if there is none. */
  header(name: string): string | null;
  /** Its first bytes. */
  readonly body: Uint8Array;
  /** True if the body was longer. */
  readonly isCut: boolean;
}

/** Reads paths of one site. Redirects are not followed, and the answer is not encoded. */
export interface SiteReader {
  readonly origin: string;
  /** Returns null if there is no response. */
  read(path: string): Promise<SitePage | null>;
}

/** What the administration of policies needs. */
export interface TermsDesk {
  readonly versions: PolicyVersionStore;
  /** The platform behind the gateway; null in a process that does not know it. */
  readonly platform: SiteReader | null;
}
