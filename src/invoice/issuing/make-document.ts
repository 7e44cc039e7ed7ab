/** Makes the document of an invoice at its issue from the terms of the issue and the facts about seller and buyer. */

import { utcDateOf } from '../../receivable/date.ts';
import { claimExpiries } from '../../seller/claim-expiry.ts';
import { clauseAt } from '../../seller/clause.ts';
import { vatIdOf } from '../../seller/countries.ts';
import type { BankAccount, Clause, Party } from '../../seller/model.ts';
import { paymentReferenceOf } from '../../seller/payment-reference.ts';
import { displayNumberOf } from '../../seller/series.ts';
import { formatMoney } from '../../tariff/money.ts';
import { type IssuedDocument, printedNumber } from '../document.ts';
import type { Breach, Invoice } from '../model.ts';
import type { KnownDetails } from '../outcome.ts';
import type { CorrectedInvoice, IssuingFacts } from './facts.ts';
import type { IssueTerms } from './terms.ts';

export interface DocumentBasis {
  readonly terms: IssueTerms;
  readonly facts: IssuingFacts;
  readonly details: KnownDetails;
  /** Null for a licence. */
  readonly breach: Breach | null;
  readonly readings: IssuedDocument['readings'];
}

const DAY_MS = 86_400_000;

/** `issued` must have its number, moment of issue and tax. */
export function issuedDocument(
  issued: Invoice,
  { terms, facts, details, breach, readings }: DocumentBasis,
): IssuedDocument {
  const { seller, series, tax } = terms;
  const { currency, amountMinor, taxMinor, number, issuedAtMs } = issued;
  const issuedMs = issuedAtMs ?? 0;
  const displayNumber = displayNumberOf(series, number ?? 0, issuedMs);
  const clause =
    breach === null ? null : clauseAt(facts.clauses, seller.clauseFamily, currency, breach.fromMs);
  const bank = facts.banks.find((account) => account.currency === currency);
  return {
    version: 1,
    displayNumber,
    language: facts.buyer.language ?? seller.defaultLanguage,
    issuedOn: utcDateOf(issuedMs),
    dueOn: utcDateOf(issuedMs + (facts.buyer.termsDays ?? seller.termsDays) * DAY_MS),
    paymentReference: paymentReferenceOf(displayNumber),
    net: formatMoney(amountMinor, currency),
    tax: formatMoney(taxMinor, currency),
    payable: formatMoney(amountMinor + taxMinor, currency),
    taxRule: {
      ...{ appliesTo: tax.appliesTo, buyerScope: tax.buyerScope, category: tax.category },
      ...{ rateBp: tax.rateBp, exemptionCode: tax.exemptionCode, reason: tax.reason },
    },
    seller: { id: seller.id, ...partyOf(seller) },
    texts: seller.texts,
    logo: seller.logoHash,
    bank: bank === undefined ? null : bankOf(bank),
    buyer: buyerOf(issued.clientId, details, facts),
    coDebtors: facts.coDebtors
      .filter(({ fromMs, toMs }) => fromMs <= issuedMs && (toMs === null || issuedMs < toMs))
      .map(({ id, ground, party }) => ({ id, ground, ...partyOf(party) })),
    clause: clause === null ? null : citedClause(clause),
    claimExpiries:
      clause === null || breach === null ? [] : claimExpiries(clause.claimPeriods, breach.fromMs),
    readings: issued.origin === 'manual' ? [] : readings,
    corrects: facts.corrected === null ? null : correctedOf(facts.corrected),
    eInvoice: facts.buyer.eInvoice,
  };
}

function correctedOf(corrected: CorrectedInvoice): IssuedDocument['corrects'] {
  const { id, issuedAtMs } = corrected;
  return { id, displayNumber: printedNumber(corrected), issuedOn: utcDateOf(issuedAtMs ?? 0) };
}

function citedClause({
  id,
  variant,
  name,
  text,
  source,
  law,
  validFromMs,
}: Clause): IssuedDocument['clause'] {
  return { id, variant, name, text, source, law, validFrom: utcDateOf(validFromMs) };
}

function bankOf({ holder, iban, bic, accountNumber, routingNumber, bankName }: BankAccount) {
  return { holder, iban, bic, accountNumber, routingNumber, bankName };
}

/** The fields of a party alone, because the document has no other members. */
function partyOf(party: Party): Party {
  const { legalName, address, street, street2, postcode, city, region, country, email, phone } = party;
  const { contact, vatId, taxId, register, registerId, electronicAddress, electronicScheme } = party;
  return {
    ...{ legalName, address, street, street2, postcode, city, region, country, email, phone },
    ...{ contact, vatId, taxId, register, registerId, electronicAddress, electronicScheme },
  };
}

/** A tax id with the form of a VAT id is both, because clients have one field for them. */
function buyerOf(clientId: string, details: KnownDetails, { buyer }: IssuingFacts): IssuedDocument['buyer'] {
  const { street, street2, postcode, city, region, country, electronicAddress, electronicScheme } = buyer;
  return {
    ...{ clientId, legalName: details.legalName, address: details.address },
    ...{ street, street2, postcode, city, region, country, email: details.email },
    ...{ phone: null, contact: null, vatId: vatIdOf(details.taxId), taxId: details.taxId },
    ...{ register: null, registerId: null, electronicAddress, electronicScheme },
    ...{ buyerReference: buyer.buyerReference, orderNumber: buyer.orderNumber },
  };
}
