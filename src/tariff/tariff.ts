/** A tariff: what posts cost a client. Plain data; the rules are in the files beside it. */

export type Basis = 'all' | 'excess';
export type Rounding = 'prorated' | 'completed' | 'started';
export type OnThreshold = 'bill' | 'refuse';
/**
 * What a tariff that refuses does while the window store is unreachable. `failOpen` decides by the total of this
 * process. `failClosed` refuses everything. Billing does not depend on it.
 */
export type WhenUnknown = 'failOpen' | 'failClosed';
/**
 * What is billed. `deliveries`: every post as often as it was served. `unique`: every post once a UTC day, by its
 * id; a post without a known id as often as it was served.
 */
export type CountUnit = 'deliveries' | 'unique';

/** Price per block, in the currency's minor unit. */
export interface Price {
  readonly priceMinor: bigint;
  /** Number of posts that the price buys. */
  readonly block: number;
  readonly rounding: Rounding;
  /** ISO 4217. */
  readonly currency: string;
}

/** What is counted, and what it costs. */
export interface Charge extends Price {
  readonly count: CountUnit;
}

/** The clause and version of the terms or contract behind the tariff, for evidence; undefined if none is named. */
type Clause = string | undefined;

/** The clause on liquidated damages: more than `threshold` posts in any window are charged (design, section 2). */
export interface DamagesTariff extends Charge {
  readonly kind: 'damages';
  readonly threshold: number;
  readonly basis: Basis;
  readonly windowSeconds: number;
  readonly onThreshold: OnThreshold;
  readonly whenUnknown: WhenUnknown;
  readonly clause?: Clause;
}

/** A contract: `included` posts per calendar month (UTC), and a price beyond. */
export interface LicenceTariff extends Charge {
  readonly kind: 'licence';
  readonly included: number;
  readonly clause?: Clause;
}

/** Metered but never billed. */
export interface ExemptTariff {
  readonly kind: 'exempt';
}

export type Tariff = DamagesTariff | LicenceTariff | ExemptTariff;

/** A tariff with its start. `clientId` null is the default tariff, which applies to clients without their own. */
export interface TariffVersion {
  readonly id: string;
  readonly clientId: string | null;
  /** Counts up from 1 per client, or for the default. */
  readonly version: number;
  /** Epoch milliseconds UTC, on a bucket's start. */
  readonly validFromMs: number;
  /** Null returns the client to the default tariff. */
  readonly tariff: Tariff | null;
}

/**
 * Version 1 of the default tariff of every ledger. Its terms name no clause because they are older than the field.
 */
const FIRST_VERSION_ID = '00000000-0000-7000-8000-000000000001';
const FIRST_CLAUSE = 'X\'s terms of service, section "Liquidated Damages", in force since 15 November 2024';

/** The clause of a version; null if none is named. */
export function clauseOf(versionId: string, tariff: Tariff | null): string | null {
  const named = tariff === null || tariff.kind === 'exempt' ? undefined : tariff.clause;
  return named ?? (versionId === FIRST_VERSION_ID ? FIRST_CLAUSE : null);
}

/** The rule of `FIRST_CLAUSE`. */
export const DEFAULT_TARIFF: DamagesTariff = {
  kind: 'damages',
  count: 'deliveries',
  threshold: 1_000_000,
  priceMinor: 1_500_000n,
  block: 1_000_000,
  basis: 'all',
  rounding: 'prorated',
  currency: 'USD',
  windowSeconds: 86_400,
  onThreshold: 'bill',
  whenUnknown: 'failOpen',
};

/** Window of clients whose tariff has none (licence, exempt), in milliseconds. Their total is shown too. */
export const DEFAULT_WINDOW_MS = DEFAULT_TARIFF.windowSeconds * 1000;
