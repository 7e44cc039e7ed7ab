/** A tariff: what posts cost a client. Plain data; the rules over it are beside it. */

export type Basis = 'all' | 'excess';
export type Rounding = 'prorated' | 'completed' | 'started';
export type OnThreshold = 'bill' | 'refuse';
/**
 * What a tariff that refuses does while the window store is away. `failOpen`: it decides by what this process knows.
 * `failClosed`: it refuses everything. Billing does not depend on it.
 */
export type WhenUnknown = 'failOpen' | 'failClosed';
/**
 * What is billed. `deliveries`: every post as often as it was served. `unique`: every post once a UTC day, by its id;
 * one without a known id as often as it was served.
 */
export type Counted = 'deliveries' | 'unique';

/** Price per block, in the currency's minor unit. */
export interface Price {
  readonly priceMinor: bigint;
  /** Posts that the price buys. */
  readonly block: number;
  readonly rounding: Rounding;
  /** ISO 4217. */
  readonly currency: string;
}

/** What is counted, and what it costs. */
export interface Charge extends Price {
  readonly count: Counted;
}

/** The clause and version of the terms or contract that a tariff rests on, for evidence; undefined if none is named. */
type Clause = string | undefined;

/** The clause on liquidated damages: more than `threshold` posts in any window are owed for (design, section 2). */
export interface DamagesTariff extends Charge {
  readonly kind: 'damages';
  readonly threshold: number;
  readonly basis: Basis;
  readonly windowSeconds: number;
  readonly onThreshold: OnThreshold;
  readonly whenUnknown: WhenUnknown;
  readonly clause?: Clause;
}

/** A deal: `included` posts a calendar month (UTC), and a price beyond. */
export interface LicenceTariff extends Charge {
  readonly kind: 'licence';
  readonly included: number;
  readonly clause?: Clause;
}

/** Metered, never billed. */
export interface ExemptTariff {
  readonly kind: 'exempt';
}

export type Tariff = DamagesTariff | LicenceTariff | ExemptTariff;

/** A tariff as it holds from a moment on. `clientId` null: the default tariff of all that have none of their own. */
export interface TariffVersion {
  readonly id: string;
  readonly clientId: string | null;
  /** Counts up from 1 per client, or for the default. */
  readonly version: number;
  /** Epoch milliseconds UTC, on a bucket's start. */
  readonly validFromMs: number;
  /** Null: from then on the client follows the default tariff again. */
  readonly tariff: Tariff | null;
}

/** Version 1 of the default tariff of every ledger; its terms name no clause, since they are older than the field. */
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

/** The window of those whose tariff has none (licence, exempt): their total is shown all the same. */
export const USUAL_WINDOW_MS = DEFAULT_TARIFF.windowSeconds * 1000;
