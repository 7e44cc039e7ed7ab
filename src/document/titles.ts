/** What a document is called, whom it is for, and the liable parties that have a copy. */

import type { IssuedDocument } from '../invoice/document.ts';
import type { InvoiceKind } from '../invoice/model.ts';
import type { Language } from '../seller/language.ts';
import type { DocumentTexts } from './texts/texts.ts';

/** The title of an invoice is the seller's. Corrections keep the product's titles, so that they are recognized. */
export function titleOf(
  kind: InvoiceKind,
  document: IssuedDocument,
  language: Language,
  { invoice: { titles } }: DocumentTexts,
): string {
  const isDamages = document.taxRule.appliesTo === 'damages';
  if (kind === 'credit_note') return titles.creditNote;
  if (kind === 'supplement') return isDamages ? titles.damagesSupplement : titles.licenceSupplement;
  return document.texts[language]?.title || (isDamages ? titles.damages : titles.licence);
}

/** All liable parties in the order of their copies: the buyer, then the co-debtors. */
export function liableParties({ buyer, coDebtors }: IssuedDocument) {
  return [buyer, ...coDebtors];
}

/** The party that copy `copy` (from 1) is addressed to. Throws RangeError if there is no such copy. */
export function addresseeOf(document: IssuedDocument, copy: number) {
  const party = liableParties(document)[copy - 1];
  if (party === undefined) throw new RangeError(`There is no copy ${copy} of this document.`);
  return party;
}

/** The line that names the copy and the joint liability; null if there is a single party. */
export function copyLine(document: IssuedDocument, copy: number, { invoice }: DocumentTexts): string | null {
  const parties = liableParties(document);
  if (parties.length === 1) return null;
  const ground = document.coDebtors[copy - 2]?.ground;
  const others = parties.filter((_, at) => at !== copy - 1).map(({ legalName }) => legalName ?? '');
  const name = addresseeOf(document, copy).legalName ?? '';
  return [
    invoice.copyOf(copy, parties.length, name),
    invoice.jointly,
    invoice.otherParties(others.join('; ')),
    ...(ground ? [invoice.ground(ground)] : []),
  ].join(' ');
}
