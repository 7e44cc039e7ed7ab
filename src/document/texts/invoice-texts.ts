/** The words of invoices, supplements, credit notes and letters before action, and those that all documents share. */

import type { TaxCategory } from '../../seller/model.ts';
import type { Rounding } from '../../tariff/tariff.ts';

export interface InvoiceTexts extends HeadTexts, LineTexts, CountingTexts, PaymentTexts, CheckTexts {}

interface HeadTexts {
  readonly titles: {
    readonly damages: string;
    readonly damagesSupplement: string;
    readonly licence: string;
    readonly licenceSupplement: string;
    readonly creditNote: string;
    readonly letter: string;
  };
  readonly draftMark: string;
  readonly number: string;
  readonly issuedOn: string;
  readonly dueOn: string;
  readonly reference: string;
  readonly buyerReference: string;
  readonly orderNumber: string;
  readonly clientId: string;
  readonly corrects: string;
  readonly correctsOf: (number: string, date: string) => string;
  readonly to: string;
  readonly register: string;
  readonly vatId: string;
  readonly taxId: string;
  readonly copyOf: (copy: number, copies: number, name: string) => string;
  readonly jointly: string;
  readonly ground: (ground: string) => string;
  readonly otherParties: (names: string) => string;
  readonly page: (page: number, pages: number) => string;
  readonly amounts: {
    readonly damages: string;
    readonly licence: string;
    readonly credit: string;
    readonly letter: string;
  };
  readonly payBy: (date: string) => string;
  readonly credited: string;
  readonly letterNotice: string;
  readonly letterDemand: (amount: string, date: string) => string;
  readonly letterConsequence: string;
  readonly answerBy: string;
  readonly writtenOn: string;
}

interface LineTexts {
  readonly basis: string;
  readonly clauseInForce: (date: string) => string;
  readonly clauseSource: (source: string) => string;
  readonly law: (law: string) => string;
  readonly licenceBasis: string;
  readonly noClause: string;
  readonly correctionBasis: (number: string, date: string) => string;
  readonly lines: string;
  readonly columns: {
    readonly position: string;
    readonly item: string;
    readonly posts: string;
    readonly price: string;
    readonly amount: string;
  };
  readonly damagesItem: (limit: string, window: string) => string;
  readonly damagesItemBare: string;
  readonly licenceItem: (month: string, included: string) => string;
  readonly licenceItemBare: (month: string) => string;
  readonly uniquePosts: string;
  readonly excessOnly: string;
  /** Both moments include the time of day. */
  readonly span: (from: string, to: string) => string;
  readonly peak: (posts: string, window: string, at: string) => string;
  readonly less: { readonly invoice: string; readonly supplement: string; readonly credit_note: string };
  readonly lessOf: (what: string, number: string, date: string) => string;
  readonly creditFor: (position: string) => string;
  readonly reason: (reason: string) => string;
  readonly price: (price: string, posts: string) => string;
  readonly roundings: Readonly<Record<Rounding, string>>;
  readonly net: string;
  readonly tax: string;
  readonly taxCategories: Readonly<Record<TaxCategory, string>>;
  readonly taxCategory: (name: string, code: string) => string;
  readonly total: string;
}

interface CountingTexts {
  readonly counting: string;
  readonly countingRules: (window: string) => string;
  readonly countingDoubt: string;
  readonly partlyCharged: (posts: string, billed: string) => string;
  readonly chart: (window: string) => string;
  readonly chartAlt: (peak: string, at: string, threshold: string, from: string, to: string) => string;
  readonly threshold: string;
  readonly rollingTotal: string;
  readonly breach: string;
  readonly unmetered: string;
  readonly identifiers: string;
  readonly identifierKinds: {
    readonly api_key: string;
    readonly cidr: string;
    readonly agent: string;
    readonly address: string;
  };
  readonly identifier: string;
  readonly kind: string;
  readonly noGaps: string;
  readonly gaps: (spans: string) => string;
  readonly readings: string;
  readonly readingsIntro: string;
  readonly reading: string;
  readonly used: string;
  readonly readingNames: Readonly<Record<string, string>>;
}

interface PaymentTexts {
  readonly payment: string;
  readonly payWithoutAccount: (amount: string, date: string) => string;
  readonly payInto: (amount: string, date: string) => string;
  readonly nothingToPay: string;
  readonly holder: string;
  readonly accountNumber: string;
  readonly routingNumber: string;
  readonly bank: string;
  readonly objection: string;
  readonly objectionAndExpiry: string;
  readonly objectionText: (contact: string, date: string) => string;
  readonly objectionKept: string;
  readonly expires: (label: string, date: string) => string;
}

interface CheckTexts {
  readonly check: string;
  readonly checkText: string;
  readonly contentHash: string;
  readonly usageHash: string;
  readonly chainsHash: string;
  readonly checkCommand: string;
  readonly attached: (names: string) => string;
  readonly approved: (by: string, at: string) => string;
  readonly issued: (by: string, at: string) => string;
}
