/** Adds to the CII of @e-invoice-eu/core 2.3.4 what that version loses: the corrected invoice, and accounts without an IBAN. */

import type { IssuedDocument } from '../../invoice/document.ts';

const AFTER_TOTALS = '</ram:SpecifiedTradeSettlementHeaderMonetarySummation>';

/** Returns the XML with BG-3 and the right element of BT-84. */
export function completedCii(xml: string, { corrects, bank }: IssuedDocument): string {
  const referenced = corrects === null ? xml : withReference(xml, corrects);
  return bank?.iban === null ? withProprietaryAccount(referenced) : referenced;
}

/** The library reads the number from another level of BG-3 than its own schema demands (gflohr/e-invoice-eu#455). */
function withReference(
  xml: string,
  { displayNumber, issuedOn }: NonNullable<IssuedDocument['corrects']>,
): string {
  const reference = [
    AFTER_TOTALS,
    '<ram:InvoiceReferencedDocument>',
    `<ram:IssuerAssignedID>${escaped(displayNumber)}</ram:IssuerAssignedID>`,
    '<ram:FormattedIssueDateTime>',
    `<qdt:DateTimeString format="102">${issuedOn.replaceAll('-', '')}</qdt:DateTimeString>`,
    '</ram:FormattedIssueDateTime>',
    '</ram:InvoiceReferencedDocument>',
  ];
  return xml.replace(AFTER_TOTALS, () => reference.join(''));
}

/** The library writes every account as an IBAN. Another account belongs into `ram:ProprietaryID`, after the name. */
function withProprietaryAccount(xml: string): string {
  return xml.replace(
    /<ram:IBANID>([^<]*)<\/ram:IBANID>(\s*)(<ram:AccountName>[^<]*<\/ram:AccountName>)/,
    '$3$2<ram:ProprietaryID>$1</ram:ProprietaryID>',
  );
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
