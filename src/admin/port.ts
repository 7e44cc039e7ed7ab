/**
 * The ports of the admin API: the ledger's records, and a few capabilities of the process. Writes take an `Actor` and add
 * a row to the audit log in the same transaction. Expected refusals are return values, not errors.
 */

import type { ClientPolicy } from '../admit/policy.ts';
import type { MoveSnapshot } from '../callers/move-preview.ts';
import type { IdentifierMove, MoveRefusal } from '../identify/move-refusal.ts';
import type { BillingDetails, Breach, Invoice, InvoiceKind, InvoiceStatus } from '../invoice/model.ts';
import type { KnownDetails } from '../invoice/outcome.ts';
import type { InvoiceState, StateRules } from '../invoice/state.ts';
import type { JournalGap } from '../meter/gaps.ts';
import type { BillingHoldCode } from '../meter/port.ts';
import type { UniqueDay } from '../meter/unique/count.ts';
import type { ReceivableLabel } from '../receivable/label.ts';
import type { TotalsSource } from '../report/client-totals.ts';
import type { InvoiceSummary } from '../report/invoice-view.ts';
import type { UsageSum } from '../report/series.ts';
import type { ClientClass } from '../rights/asker.ts';
import type { BuyerSettings } from '../seller/model.ts';
import type { BreachState } from '../tariff/breach.ts';
import type { RetirementRefusal } from '../tariff/retirement.ts';
import type { TariffVersion } from '../tariff/tariff.ts';
import type { FieldError } from '../tariff/terms.ts';

export const ROLES = ['operator', 'finance', 'viewer', 'admin', 'rights'] as const;
/**
 * `viewer` reads. `operator` also writes clients, identifiers and tariffs. `finance` also writes billing details and
 * invoices. `rights` also writes settings of the registry of rights, and policies. `admin` also manages sellers, tokens and sessions.
 */
export type Role = (typeof ROLES)[number];

/** The actor of a write and its time (epoch milliseconds). */
export interface Actor {
  readonly actor: string;
  readonly atMs: number;
}

/** Requests a page of at most `limit` items after the item with the key `after`; null starts at the first item. */
export interface PageRequest {
  readonly limit: number;
  readonly after: string | null;
}

/** `next` is the key after which the next page starts; null on the last page. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** Omitted fields keep their value; null clears a field. */
export type BillingChange = { readonly [K in keyof BillingDetails]?: string | null | undefined };

/** Omitted fields keep their value. */
export type BuyerChange = { readonly [K in keyof BuyerSettings]?: BuyerSettings[K] | undefined };

export interface ClientRecord {
  readonly id: string;
  readonly name: string;
  /**
   * `address` is a caller identified by its address alone, `prefix` a range of such callers. The ledger creates both.
   */
  readonly source: 'operator' | 'address' | 'prefix';
  readonly billing: KnownDetails;
  /** What its documents need beyond the billing details. */
  readonly buyer: BuyerSettings;
  /** The class of its requests; null if no operator chose one. */
  readonly askerClass: ClientClass | null;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export interface NewClient {
  readonly id: string;
  readonly name: string;
  readonly billing: BillingChange;
  readonly askerClass?: ClientClass | null;
}

export interface ClientPatch {
  readonly name?: string | undefined;
  readonly billing?: BillingChange | undefined;
  readonly buyer?: BuyerChange | undefined;
  readonly askerClass?: ClientClass | null | undefined;
}

export interface ClientStore {
  createClient(client: NewClient, who: Actor): Promise<ClientRecord | 'taken'>;
  client(id: string): Promise<ClientRecord | null>;
  /** Returns the faults if the patch would make the client contradict itself, null if it does not exist. */
  patchClient(
    id: string,
    patch: ClientPatch,
    who: Actor,
  ): Promise<ClientRecord | { readonly faults: readonly FieldError[] } | null>;
}

export interface IdentifierRecord {
  readonly id: string;
  readonly clientId: string;
  readonly kind: 'api_key' | 'cidr' | 'agent';
  readonly cidr: string | null;
  /** The last four characters of a key. */
  readonly keyHint: string | null;
  /** Token of the catalogue, or the URL of a signer. */
  readonly agent: string | null;
  readonly createdAtMs: number;
  readonly revokedAtMs: number | null;
}

export type NewIdentifier = { readonly id: string; readonly clientId: string } & (
  | { readonly kind: 'api_key'; readonly keyHash: string; readonly keyHint: string }
  | { readonly kind: 'cidr' /** In canonical form. */; readonly cidr: string }
  | { readonly kind: 'agent' /** In canonical form. */; readonly agent: string }
);

export type AddIdentifierResult =
  | { readonly kind: 'added'; readonly identifier: IdentifierRecord }
  | { readonly kind: 'unknown_client' }
  /** The client is identified by its address alone and cannot have other identifiers. */
  | { readonly kind: 'address_client' }
  /** The same key, range or agent is already active. */
  | { readonly kind: 'taken'; readonly clientId: string }
  | { readonly kind: 'overlaps'; readonly clientId: string; readonly cidr: string };

export interface IdentifierStore {
  addIdentifier(identifier: NewIdentifier, who: Actor): Promise<AddIdentifierResult>;
  /** Oldest first, revoked ones included. */
  identifiers(clientId: string, page: PageRequest): Promise<Page<IdentifierRecord>>;
  /** Revoking a revoked identifier changes nothing. Returns null if the client has no such identifier. */
  revokeIdentifier(clientId: string, id: string, who: Actor): Promise<IdentifierRecord | null>;
}

/** A move of the usage of an identifier that was metered for the wrong client. */
export interface NewMove extends IdentifierMove {
  readonly reason: string;
}

export type MoveResult =
  /** `posts` covers the usage in the ledger at the time of the move. Usage that arrives later is moved too. */
  { readonly kind: 'moved'; readonly id: number; readonly posts: number } | MoveRefusal;

export interface MoveStore {
  /** Moves an identifier with its present and later usage. Billing recomputes both clients. */
  moveIdentifier(move: NewMove, who: Actor): Promise<MoveResult>;
  /** Runs `work` on one snapshot that it cannot change, without locks. */
  readMove<T>(work: (snapshot: MoveSnapshot) => Promise<T>): Promise<T>;
}

export interface PolicyRecord {
  readonly clientId: string;
  readonly policy: ClientPolicy;
  readonly setAtMs: number;
  readonly setBy: string;
}

export interface PolicyStore {
  policy(clientId: string): Promise<PolicyRecord | null>;
  /** Ordered by client id, expired policies included. */
  policies(page: PageRequest): Promise<Page<PolicyRecord>>;
  /** Replaces the policy of the client. Returns null if the client does not exist. */
  setPolicy(clientId: string, policy: ClientPolicy, who: Actor): Promise<PolicyRecord | null>;
  /** Returns the removed policy, or null if the client has none. */
  removePolicy(clientId: string, who: Actor): Promise<PolicyRecord | null>;
}

export interface TariffRecord extends TariffVersion {
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly reason: string;
  /** Null unless the version was superseded or withdrawn. */
  readonly retirement: TariffRetirement | null;
}

export interface TariffRetirement {
  readonly atMs: number;
  readonly actor: string;
  readonly reason: string;
  /** Id of the version that replaced it; null if it was withdrawn. */
  readonly supersededBy: string | null;
}

/** The store assigns `version`. */
export interface NewTariffVersion extends Omit<TariffVersion, 'version'> {
  /** Id of the version of the same tariff and start time that it replaces; null if it replaces none. */
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
  /** Adds a version and marks the clients that billing must recompute, in one transaction. */
  addTariffVersion(version: NewTariffVersion, who: Actor): Promise<AddTariffResult>;
  /** Withdraws a version before it takes effect. */
  withdrawTariffVersion(
    clientId: string | null,
    id: string,
    reason: string,
    who: Actor,
  ): Promise<WithdrawTariffResult>;
  /** Returns null if the tariff has no such version. */
  tariffVersion(clientId: string | null, id: string): Promise<TariffRecord | null>;
  /** Newest first, retired versions included. If `clientId` is null, the versions of the default tariff. */
  tariffVersions(clientId: string | null, page: PageRequest): Promise<Page<TariffRecord>>;
  /** The versions, not retired, that can apply to these clients: their own and the default tariff's. Unordered. */
  tariffsFor(clientIds: readonly string[]): Promise<readonly TariffVersion[]>;
  /** Every version of every tariff that is not retired. Unordered. */
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

export interface UsageQueries extends Pick<TotalsSource, 'postsByClient'> {
  /** Posts of a client in [fromMs, toMs) by identifier. Identifiers without posts are absent. */
  postsByIdentifier(clientId: string, fromMs: number, toMs: number): Promise<ReadonlyMap<string, number>>;
  /**
   * The usage of all clients in [fromMs, toMs) by hour. The hours of a client are consecutive, oldest first; hours
   * without usage are absent. `atMs` is the start of the hour, even if the range covers only a part of it.
   */
  hourlyUsage(fromMs: number, toMs: number, page: PageRequest): Promise<Page<ClientHour>>;
  /** A client's usage in [fromMs, toMs) by steps of `grainMs` from the epoch. Steps without usage are absent. */
  usage(clientId: string, fromMs: number, toMs: number, grainMs: number): Promise<readonly UsageSum[]>;
  /** Unique posts of each UTC day with posts that overlaps [fromMs, toMs). Each figure covers the whole day. */
  uniqueDays(clientId: string, fromMs: number, toMs: number): Promise<readonly UniqueDay[]>;
}

export interface BreachQueries {
  /** Newest first. */
  breaches(filter: BreachFilter, page: PageRequest): Promise<Page<Breach>>;
  breach(id: string): Promise<Breach | null>;
}

export interface InvoiceQueries {
  /** In the order of `filter.sort`. */
  invoices(filter: InvoiceFilter, page: PageRequest): Promise<Page<InvoiceSummary>>;
  invoice(id: string): Promise<InvoiceDetail | null>;
}

export interface BreachFilter {
  readonly clientId?: string | undefined;
  /** Default: every state except void. */
  readonly state?: BreachState | undefined;
}

/** Fields by which invoices are ordered; a minus reverses the order. Invoices without the field come last. */
export const INVOICE_SORTS = [
  ...(['created', '-created', 'number', '-number'] as const),
  ...(['amount', '-amount', 'issued', '-issued'] as const),
  ...(['due', '-due', 'open', '-open'] as const),
] as const;
export type InvoiceSort = (typeof INVOICE_SORTS)[number];

/** Omitted fields select every invoice. Spans of time are half open, spans of amounts include both ends. */
export interface InvoiceFilter {
  readonly clientId?: string | undefined;
  readonly status?: InvoiceStatus | undefined;
  /** The state at one time, by the rules of `invoiceStateOf`. */
  readonly state?: { readonly is: InvoiceState; readonly rules: StateRules } | undefined;
  readonly kind?: InvoiceKind | undefined;
  readonly currency?: string | undefined;
  /** Text in the client's id, name or legal name, or the invoice's number or id. */
  readonly q?: string | undefined;
  readonly issuedFromMs?: number | undefined;
  readonly issuedToMs?: number | undefined;
  readonly amountFromMinor?: bigint | undefined;
  readonly amountToMinor?: bigint | undefined;
  /** The label as at a UTC date, by the rules of `standingOf`. */
  readonly label?: { readonly is: ReceivableLabel; readonly today: string } | undefined;
  /** UTC dates, both inclusive. */
  readonly dueFrom?: string | undefined;
  readonly dueTo?: string | undefined;
  /** What is owed. */
  readonly openFromMinor?: bigint | undefined;
  readonly openToMinor?: bigint | undefined;
  /** Default: `-created`. Amounts are ordered within their currency. */
  readonly sort?: InvoiceSort | undefined;
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
  /** SHA-256 of the token, in hex. */
  readonly hash: string;
}

export interface TokenStore {
  createToken(token: NewToken, who: Actor): Promise<TokenRecord>;
  /** Oldest first, revoked ones included. */
  tokens(page: PageRequest): Promise<Page<TokenRecord>>;
  /** Revoking a revoked token changes nothing. Returns null if the token does not exist. */
  revokeToken(id: string, who: Actor): Promise<TokenRecord | null>;
  /** Returns the active token with this hash, or null. */
  tokenByHash(hash: string): Promise<TokenRecord | null>;
  /** True if an active token has the role admin. */
  hasAdminToken(): Promise<boolean>;
}

export interface BillingHoldRecord {
  readonly id: string;
  /** Null if the hold covers all clients. */
  readonly clientId: string | null;
  readonly code: BillingHoldCode;
  readonly reason: string;
  readonly heldAtMs: number;
  readonly heldBy: string;
  readonly releasedAtMs: number | null;
  readonly releasedBy: string | null;
  readonly releaseReason: string | null;
}

export interface BillingHoldFilter {
  readonly clientId?: string | undefined;
  /** True selects released holds. Default: holds in force. */
  readonly released?: boolean | undefined;
}

export interface BillingHoldStore {
  /** Newest first. The holds of a client include those that cover all clients. */
  billingHolds(filter: BillingHoldFilter, page: PageRequest): Promise<Page<BillingHoldRecord>>;
  /**
   * Puts the billing of a client on hold at an operator's request. Returns null if an operator's hold is already in
   * force, `unknown_client` if the client does not exist.
   */
  holdClient(
    clientId: string,
    reason: string,
    who: Actor,
  ): Promise<BillingHoldRecord | 'unknown_client' | null>;
  /** Returns null if the hold does not exist, `released` if it was released before. */
  releaseBillingHold(id: string, reason: string, who: Actor): Promise<BillingHoldRecord | 'released' | null>;
}

export interface GapRecord extends JournalGap {
  readonly journalId: string;
  readonly sequence: number;
}

export interface GapQueries {
  /** Traffic that gateways served but could not meter, newest first by journal sequence. */
  gaps(page: PageRequest): Promise<Page<GapRecord>>;
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

export interface AuditFilter {
  readonly subject?: string | undefined;
  /** This subject and everything below its path. */
  readonly under?: string | undefined;
  readonly action?: string | undefined;
  /** Text within the actor's name. */
  readonly actor?: string | undefined;
  /** Text within the subject, the reason, or what changed. */
  readonly q?: string | undefined;
  /** Entries at this time or later. */
  readonly fromMs?: number | undefined;
  /** Entries before this time. */
  readonly toMs?: number | undefined;
}

export interface AuditStore {
  /** Newest first. */
  audit(filter: AuditFilter, page: PageRequest): Promise<Page<AuditRecord>>;
}

export type AdminStore = ClientStore &
  IdentifierStore &
  MoveStore &
  PolicyStore &
  TariffStore &
  UsageQueries &
  BreachQueries &
  InvoiceQueries &
  TokenStore &
  BillingHoldStore &
  GapQueries &
  AuditStore;

/** Random secrets and their hashes. */
export interface Secrets {
  /** Returns `pmk_` and 32 random bytes in base64url. */
  newKey(): string;
  /** Returns HMAC-SHA256 of the key under POSTMETER_SECRET, in hex. */
  hashKey(key: string): string;
  /** Returns `pmt_` and 32 random bytes in base64url. */
  newToken(): string;
  /** Returns a secret that signs webhooks (Standard Webhooks): `whsec_` and 32 random bytes in base64. */
  newSigningSecret(): string;
  /** Returns the SHA-256 of the token, in hex. */
  hashToken(token: string): string;
  /** Compares in constant time. */
  same(a: string, b: string): boolean;
}

/** Counts failed authentications per peer, to slow down guessing. */
export interface FailureThrottle {
  /** Returns the seconds until `peer` may try again; 0 if it may try now. */
  blockedSeconds(peer: string): Promise<number>;
  /** Counts a failure. Returns the seconds until `peer` may try again; 0 if it is within its limit. */
  failed(peer: string): Promise<number>;
}

export interface AdminLog {
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}

/** Resolves to null if the check passes, otherwise to a description of the problem for a human reader. */
export type ReadinessCheck = () => Promise<string | null>;
