/** Sellers, the legal entities that claim, and what belongs to them: bank accounts, number series, tax rules, clauses. */

import type { Language, Translated } from './language.ts';

/** The seller that the migration creates. Its name is empty until an administrator completes it. */
export const DEFAULT_SELLER = 'default';
/** The number series that the migration binds to the default seller. Its numbers continue those given before. */
export const DEFAULT_SERIES = 'invoices';

/** Name, address and registers of a party. Null: not known. */
export interface Party {
  readonly legalName: string | null;
  /** The address as free text, used if the parts are missing. */
  readonly address: string | null;
  readonly street: string | null;
  readonly street2: string | null;
  readonly postcode: string | null;
  readonly city: string | null;
  readonly region: string | null;
  /** ISO 3166-1 alpha-2. */
  readonly country: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  readonly contact: string | null;
  readonly vatId: string | null;
  readonly taxId: string | null;
  /** Name of the commercial register, and the number in it. */
  readonly register: string | null;
  readonly registerId: string | null;
  /** Address for e-invoices, and its scheme (EAS code list, `EM` for mail). */
  readonly electronicAddress: string | null;
  readonly electronicScheme: string | null;
}

/** What a seller's documents say besides their facts. Empty fields take the product's text. */
export interface SellerTexts {
  readonly title?: string | undefined;
  readonly intro?: string | undefined;
  readonly paymentNote?: string | undefined;
  readonly footer?: string | undefined;
}

export interface Seller extends Party {
  readonly id: string;
  readonly defaultLanguage: Language;
  /** Days from issue to the due date. */
  readonly termsDays: number;
  readonly texts: Readonly<Partial<Record<Language, SellerTexts>>>;
  /** Family of clauses that its invoices cite; null: none. */
  readonly clauseFamily: string | null;
  /** True if the lone holder of an action that needs two people is refused. */
  readonly isStrict: boolean;
  readonly logo: { readonly type: 'image/png'; readonly bytes: Uint8Array } | null;
  readonly archivedAtMs: number | null;
}

export interface BankAccount {
  readonly id: string;
  readonly sellerId: string;
  /** ISO 4217. */
  readonly currency: string;
  readonly holder: string;
  readonly iban: string | null;
  readonly bic: string | null;
  readonly accountNumber: string | null;
  readonly routingNumber: string | null;
  readonly bankName: string | null;
  readonly isDefault: boolean;
  readonly archivedAtMs: number | null;
}

export interface NumberSeries {
  readonly series: string;
  readonly sellerId: string;
  readonly kinds: readonly ('invoice' | 'supplement' | 'credit_note')[];
  readonly prefix: string;
  /** Digits of the number, filled with zeros; 0: as many as it has. */
  readonly width: number;
  /** True if it starts at 1 in every calendar year (UTC), which its numbers then name. */
  readonly isYearly: boolean;
  readonly archivedAtMs: number | null;
}

export const CLAIM_KINDS = ['damages', 'licence'] as const;
export type ClaimKind = (typeof CLAIM_KINDS)[number];
export const BUYER_SCOPES = ['any', 'domestic', 'eu', 'abroad'] as const;
export type BuyerScope = (typeof BUYER_SCOPES)[number];
/** Categories of EN 16931 (UNTDID 5305) that an invoice may have. */
export const TAX_CATEGORIES = ['O', 'S', 'Z', 'E', 'AE', 'G', 'K'] as const;
export type TaxCategory = (typeof TAX_CATEGORIES)[number];

export interface TaxRule {
  readonly id: string;
  readonly sellerId: string;
  readonly appliesTo: ClaimKind;
  readonly buyerScope: BuyerScope;
  readonly category: TaxCategory;
  /** Hundredths of a percent. */
  readonly rateBp: number;
  /** VATEX code; null: none. */
  readonly exemptionCode: string | null;
  readonly reason: Translated;
  readonly validFromMs: number;
}

/** A span after which a claim under a clause expires. */
export interface ClaimPeriod {
  readonly label: Translated;
  readonly months: number;
}

/** A version of the terms that a claim rests on. */
export interface Clause {
  readonly id: string;
  /** Versions of the same terms, in all currencies. */
  readonly family: string;
  /** The variant of the terms, such as `us` or `eu`. */
  readonly variant: string;
  readonly name: string;
  /** The quoted text. */
  readonly text: string;
  /** Where it was published. */
  readonly source: string;
  readonly law: string;
  readonly currency: string;
  readonly priceMinor: bigint;
  readonly thresholdPosts: number;
  readonly claimPeriods: readonly ClaimPeriod[];
  readonly validFromMs: number;
}

/** A further party that is liable for the debts of a client. */
export interface CoDebtor {
  readonly id: string;
  readonly clientId: string;
  readonly party: Party;
  /** Why it is liable. */
  readonly ground: string;
  readonly fromMs: number;
  /** Null: still liable. */
  readonly toMs: number | null;
}

export const E_INVOICE_FORMATS = ['none', 'facturx', 'xrechnung-ubl', 'xrechnung-cii', 'ubl', 'cii'] as const;
export type EInvoiceFormat = (typeof E_INVOICE_FORMATS)[number];

/** What a client's documents need beyond its billing details. Null: the seller's value, or unknown. */
export interface BuyerSettings {
  readonly street: string | null;
  readonly street2: string | null;
  readonly postcode: string | null;
  readonly city: string | null;
  readonly region: string | null;
  readonly country: string | null;
  readonly buyerReference: string | null;
  readonly orderNumber: string | null;
  readonly electronicAddress: string | null;
  readonly electronicScheme: string | null;
  readonly language: Language | null;
  readonly termsDays: number | null;
  readonly eInvoice: EInvoiceFormat;
  readonly sellerId: string | null;
}
