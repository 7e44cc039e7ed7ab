/**
 * What the administration needs from outside: the ledger's records, and a few capabilities of the process. Writes take
 * `Who` and leave a row in the audit log in the same transaction; expected refusals come back as values.
 */

import type { ClientPolicy } from '../admit/policy.ts';
import type { BillingDetails, Breach, BreachState, Invoice, InvoiceStatus } from '../invoice/model.ts';
import type { JournalGap, ParkingCode } from '../meter/port.ts';
import type { ClientPosts } from '../report/client-totals.ts';
import type { InvoiceSummary } from '../report/invoice-view.ts';
import type { UsageSum } from '../report/series.ts';
import type { UniqueDay } from '../report/unique.ts';
import type { RetirementRefusal } from '../tariff/retirement.ts';
import type { TariffVersion } from '../tariff/tariff.ts';

export const ROLES = ['operator', 'finance', 'viewer'] as const;
/** `viewer` reads; `operator` writes clients, identifiers, tariffs and tokens; `finance` billing details and invoices. */
export type Role = (typeof ROLES)[number];

/** Who does a write, and when (epoch milliseconds). */
export interface Who {
  readonly actor: string;
  readonly atMs: number;
}

/** A page of at most `limit` items after the one with the key `after`; null: from the start. */
export interface PageAsk {
  readonly limit: number;
  readonly after: string | null;
}

/** `next`: the key to ask the next page after; null: this was the last. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

export type BillingFields = { readonly [K in keyof BillingDetails]: string | null };

/** What is left out stays as it is; null empties. */
export type BillingChange = { readonly [K in keyof BillingDetails]?: string | null | undefined };

export interface ClientRecord {
  readonly id: string;
  readonly name: string;
  /** `address`: a caller known by its address alone; `prefix`: a range of such callers. The ledger made both. */
  readonly source: 'operator' | 'address' | 'prefix';
  readonly billing: BillingFields;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export interface NewClient {
  readonly id: string;
  readonly name: string;
  readonly billing: BillingChange;
}

export interface ClientPatch {
  readonly name?: string | undefined;
  readonly billing?: BillingChange | undefined;
}

export interface ClientStore {
  createClient(client: NewClient, who: Who): Promise<ClientRecord | 'taken'>;
  client(id: string): Promise<ClientRecord | null>;
  /** In the order of their ids. */
  clients(page: PageAsk): Promise<Page<ClientRecord>>;
  patchClient(id: string, patch: ClientPatch, who: Who): Promise<ClientRecord | null>;
}

export interface IdentifierRecord {
  readonly id: string;
  readonly clientId: string;
  readonly kind: 'api_key' | 'cidr';
  readonly cidr: string | null;
  /** The last four characters of a key. */
  readonly keyHint: string | null;
  readonly createdAtMs: number;
  readonly revokedAtMs: number | null;
}

export type NewIdentifier = { readonly id: string; readonly clientId: string } & (
  | { readonly kind: 'api_key'; readonly keyHash: string; readonly keyHint: string }
  | { readonly kind: 'cidr' /** In canonical network form. */; readonly cidr: string }
);

export type AddIdentifierResult =
  | { readonly kind: 'added'; readonly identifier: IdentifierRecord }
  | { readonly kind: 'unknown_client' }
  /** A client that is a mere address gets no identifiers: it is its own. */
  | { readonly kind: 'address_client' }
  /** The same key, or the same range, is active already. */
  | { readonly kind: 'taken'; readonly clientId: string }
  | { readonly kind: 'overlaps'; readonly clientId: string; readonly cidr: string };

export interface IdentifierStore {
  addIdentifier(identifier: NewIdentifier, who: Who): Promise<AddIdentifierResult>;
  /** Oldest first, revoked ones included. */
  identifiers(clientId: string, page: PageAsk): Promise<Page<IdentifierRecord>>;
  /** Revoking what is revoked changes nothing. Null: the client has no such identifier. */
  revokeIdentifier(clientId: string, id: string, who: Who): Promise<IdentifierRecord | null>;
}

/** Usage of an identifier that belongs to another client than it was metered for. */
export interface NewMove {
  readonly identifierId: string;
  readonly fromClientId: string;
  readonly toClientId: string;
  /** Starts of buckets; `untilMs` null: for good. */
  readonly fromMs: number;
  readonly untilMs: number | null;
  readonly reason: string;
}

export type MoveResult =
  /** `posts`: of the usage that was in the ledger; what still comes follows. */
  | { readonly kind: 'moved'; readonly id: number; readonly posts: number }
  | { readonly kind: 'unknown_client' }
  | { readonly kind: 'unknown_identifier' }
  | { readonly kind: 'unknown_target' }
  /** The other client is known by its address alone: nobody can be billed for it. */
  | { readonly kind: 'address_target' }
  | { readonly kind: 'overlaps'; readonly clientId: string; readonly cidr: string }
  /** One of the two is billed by unique posts in that time, which are kept per client and cannot be taken apart. */
  | { readonly kind: 'counts_unique'; readonly clientId: string };

export interface MoveStore {
  /** Moves an identifier with its usage, what is there and what still comes; both clients are billed anew. */
  moveIdentifier(move: NewMove, who: Who): Promise<MoveResult>;
}

export interface PolicyRecord {
  readonly clientId: string;
  readonly policy: ClientPolicy;
  readonly setAtMs: number;
  readonly setBy: string;
}

export interface PolicyStore {
  policy(clientId: string): Promise<PolicyRecord | null>;
  /** In the order of the ids of the clients, expired ones too. */
  policies(page: PageAsk): Promise<Page<PolicyRecord>>;
  /** Replaces the policy of the client. Returns null if the client does not exist. */
  setPolicy(clientId: string, policy: ClientPolicy, who: Who): Promise<PolicyRecord | null>;
  /** Returns what was removed. Null: the client has no policy. */
  removePolicy(clientId: string, who: Who): Promise<PolicyRecord | null>;
}

export interface TariffRecord extends TariffVersion {
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly reason: string;
  /** Null while the version applies, or will. */
  readonly retirement: TariffRetirement | null;
}

export interface TariffRetirement {
  readonly atMs: number;
  readonly actor: string;
  readonly reason: string;
  /** Id of the version that took its place; null: it was withdrawn. */
  readonly supersededBy: string | null;
}

/** `version` is counted by the store. */
export interface NewTariffVersion extends Omit<TariffVersion, 'version'> {
  /** Id of the version of the same tariff and moment that it replaces; null: none. */
  readonly supersedes: string | null;
  readonly reason: string;
}

export type AddTariffResult =
  | { readonly kind: 'added'; readonly version: TariffRecord }
  | { readonly kind: 'unknown_client' }
  | { readonly kind: 'same_moment'; readonly version: TariffRecord }
  | { readonly kind: 'unknown_version' }
  | RetirementRefusal;

export type WithdrawTariffResult =
  | { readonly kind: 'withdrawn'; readonly version: TariffRecord }
  | { readonly kind: 'unknown_version' }
  | RetirementRefusal;

export interface TariffStore {
  /** Adds a version and marks what billing has to compute anew, in one transaction. */
  addTariffVersion(version: NewTariffVersion, who: Who): Promise<AddTariffResult>;
  /** Takes a version back before it applies. */
  withdrawTariffVersion(
    clientId: string | null,
    id: string,
    reason: string,
    who: Who,
  ): Promise<WithdrawTariffResult>;
  /** Null: the tariff has no such version. */
  tariffVersion(clientId: string | null, id: string): Promise<TariffRecord | null>;
  /** Newest first, retired ones included. `clientId` null: the default tariff's. */
  tariffVersions(clientId: string | null, page: PageAsk): Promise<Page<TariffRecord>>;
  /** Every version, not retired, that can apply to these clients: their own and the default's, in no particular order. */
  tariffsFor(clientIds: readonly string[]): Promise<readonly TariffVersion[]>;
  /** Every version of every tariff that is not retired, in no particular order. */
  allTariffVersions(): Promise<readonly TariffVersion[]>;
}

export interface InvoiceDetail extends InvoiceSummary {
  readonly lines: Invoice['lines'];
  /** The tariff versions of the lines. */
  readonly tariffs: readonly TariffVersion[];
}

/** A client's usage in one hour. */
export interface ClientHour extends UsageSum {
  readonly clientId: string;
}

export type ClientScope = { readonly only: readonly string[] } | { readonly except: readonly string[] };

export interface UsageView {
  /**
   * The usage in [fromMs, toMs) of all clients, added up by hour: all hours of a client follow each other, oldest first;
   * hours without usage absent. `atMs`: the start of the hour, of which the range may hold a part.
   */
  hourlyUsage(fromMs: number, toMs: number, page: PageAsk): Promise<Page<ClientHour>>;
  /** A client's usage in [fromMs, toMs), added up over steps of `grainMs` from the epoch; steps without usage absent. */
  usage(clientId: string, fromMs: number, toMs: number, grainMs: number): Promise<readonly UsageSum[]>;
  /** Posts in [fromMs, toMs) of each client that has usage there, in no particular order. */
  postsByClient(fromMs: number, toMs: number, scope: ClientScope): Promise<readonly ClientPosts[]>;
  /** Different posts by UTC day, of the days with posts that [fromMs, toMs) touches; each day whole. */
  uniqueDays(clientId: string, fromMs: number, toMs: number): Promise<readonly UniqueDay[]>;
}

export interface BreachView {
  /** Newest first. */
  breaches(filter: BreachFilter, page: PageAsk): Promise<Page<Breach>>;
  breach(id: string): Promise<Breach | null>;
}

export interface InvoiceView {
  /** Newest first. */
  invoices(filter: InvoiceFilter, page: PageAsk): Promise<Page<InvoiceSummary>>;
  invoice(id: string): Promise<InvoiceDetail | null>;
}

export interface BreachFilter {
  readonly clientId?: string | undefined;
  /** Left out: all but the void ones. */
  readonly state?: BreachState | undefined;
}

export interface InvoiceFilter {
  readonly clientId?: string | undefined;
  readonly status?: InvoiceStatus | undefined;
}

export interface TokenRecord {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly revokedAtMs: number | null;
}

export interface NewToken {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly Role[];
  /** Hex of SHA-256 over the token. */
  readonly hash: string;
}

export interface TokenStore {
  createToken(token: NewToken, who: Who): Promise<TokenRecord>;
  /** Oldest first, revoked ones included. */
  tokens(page: PageAsk): Promise<Page<TokenRecord>>;
  /** Revoking what is revoked changes nothing. Null: there is no such token. */
  revokeToken(id: string, who: Who): Promise<TokenRecord | null>;
  /** The token with this hash that is not revoked. */
  tokenByHash(hash: string): Promise<TokenRecord | null>;
}

export interface ParkingRecord {
  readonly id: string;
  /** Null: all clients. */
  readonly clientId: string | null;
  readonly code: ParkingCode;
  readonly reason: string;
  readonly parkedAtMs: number;
  readonly parkedBy: string;
  readonly releasedAtMs: number | null;
  readonly releasedBy: string | null;
  readonly releaseReason: string | null;
}

export interface ParkingFilter {
  readonly clientId?: string | undefined;
  /** Those that were released, or (left out, false) those that hold. */
  readonly released?: boolean | undefined;
}

export interface ParkingStore {
  /** Newest first. Of a client: what was parked for all, too. */
  parkings(filter: ParkingFilter, page: PageAsk): Promise<Page<ParkingRecord>>;
  /** Stops billing of a client by an operator's word. Null: it is stopped so already; `unknown_client`: there is none. */
  parkClient(clientId: string, reason: string, who: Who): Promise<ParkingRecord | 'unknown_client' | null>;
  /** Null: there is no such parking; `released`: it was released before. */
  releaseParking(id: string, reason: string, who: Who): Promise<ParkingRecord | 'released' | null>;
}

export interface GapRecord extends JournalGap {
  readonly journalId: string;
  readonly sequence: number;
}

export interface GapView {
  /** What gateways served without being able to meter it, newest first by the sequence of its journal. */
  gaps(page: PageAsk): Promise<Page<GapRecord>>;
}

export interface AuditRecord {
  readonly id: number;
  readonly atMs: number;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly reason: string | null;
  readonly before: unknown;
  readonly after: unknown;
}

export interface AuditStore {
  /** Newest first. */
  audit(filter: { readonly subject?: string | undefined }, page: PageAsk): Promise<Page<AuditRecord>>;
}

export type AdminStore = ClientStore &
  IdentifierStore &
  MoveStore &
  PolicyStore &
  TariffStore &
  UsageView &
  BreachView &
  InvoiceView &
  TokenStore &
  ParkingStore &
  GapView &
  AuditStore;

/** Random secrets and their hashes. */
export interface SecretBox {
  /** `pmk_` and 32 random bytes, base64url. */
  newKey(): string;
  /** Hex of HMAC-SHA256(secret of the ledger, key). */
  hashKey(key: string): string;
  /** `pmt_` and 32 random bytes, base64url. */
  newToken(): string;
  /** Hex of SHA-256. */
  hashToken(token: string): string;
  /** Compares in a time that does not depend on where they differ. */
  same(a: string, b: string): boolean;
}

/** Counts failed log-ins per peer, so that guessing is slow. */
export interface FailureThrottle {
  /** Seconds until `peer` may try again; 0: at once. */
  blockedSeconds(peer: string): Promise<number>;
  /** Counts a failure. 0: it was one of those that `peer` may have; else the seconds until it may try again. */
  failed(peer: string): Promise<number>;
}

export interface AdminLog {
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}

/** Answers null while well, else what is wrong, for a person to read. */
export type ReadinessCheck = () => Promise<string | null>;
