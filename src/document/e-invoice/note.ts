/** The note of an e-invoice (BT-22): what the document corrects, its legal basis, readings, liable parties and seal. */

import { dateText, decimalMoney } from '../format.ts';
import type { Claim } from '../input.ts';
import { DOCUMENT_TEXTS } from '../texts/language-texts.ts';

/** One note with a line for each fact, because Peppol permits one note. Empty if there is nothing to say. */
export function noteOf(claim: Claim): string {
  const { document, seal } = claim;
  const { invoice: words, signs } = DOCUMENT_TEXTS[document.language];
  const { corrects, coDebtors } = document;
  const names = coDebtors.map(({ legalName }) => legalName ?? '').join('; ');
  const paymentNote = document.texts[document.language]?.paymentNote ?? '';
  return [
    ...(corrects === null
      ? []
      : [words.correctionBasis(corrects.displayNumber, dateText(corrects.issuedOn, signs))]),
    ...basisOf(claim),
    ...readingsOf(claim),
    ...(coDebtors.length === 0 ? [] : [words.jointly, words.otherParties(names)]),
    ...(paymentNote === '' ? [] : [paymentNote]),
    ...(seal === null
      ? []
      : [
          `${words.contentHash} (SHA-256): ${seal.contentHash}`,
          `${words.usageHash} (SHA-256): ${seal.usageHash}`,
        ]),
  ].join('\n');
}

/** The clause by name, version, source and law. Its text is quoted in the PDF. */
function basisOf({ document: { clause, language } }: Claim): string[] {
  if (clause === null) return [];
  const { invoice: words, signs } = DOCUMENT_TEXTS[language];
  const inForce = words.clauseInForce(dateText(clause.validFrom, signs));
  return [
    `${words.basis}: ${clause.name}, ${inForce}`,
    words.clauseSource(clause.source),
    words.law(clause.law),
  ];
}

function readingsOf({ document, invoice }: Claim): string[] {
  const { invoice: words, signs } = DOCUMENT_TEXTS[document.language];
  const amounts = document.readings.flatMap(({ name, amount, isUsed }) => {
    if (amount === null) return [];
    const text = `${words.readingNames[name] ?? name}: ${decimalMoney(amount, invoice.currency, signs)}`;
    return [isUsed ? `${text} (${words.used})` : text];
  });
  return amounts.length === 0 ? [] : [`${words.readings}: ${amounts.join('; ')}`];
}
