/** The creditor reference of an invoice, ISO 11649: `RF`, two check digits, and the number without signs. */

/** ISO 11649 allows 25 characters, four of which are `RF` and the check digits. */
const MAX_REFERENCE = 21;

/** Returns the reference of a displayed number. Its last 21 letters and digits count. */
export function paymentReferenceOf(displayNumber: string): string {
  const reference = displayNumber
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, '')
    .slice(-MAX_REFERENCE);
  const check = 98 - mod97(`${reference}RF00`);
  return `RF${String(check).padStart(2, '0')}${reference}`;
}

/** True if the text is a creditor reference with right check digits. Spaces and case are ignored. */
export function isPaymentReference(text: string): boolean {
  const compact = text.replace(/\s/g, '').toUpperCase();
  return /^RF\d{2}[0-9A-Z]{1,21}$/.test(compact) && mod97(compact.slice(4) + compact.slice(0, 4)) === 1;
}

/** ISO 7064 MOD 97-10: letters count as 10 to 35. */
function mod97(text: string): number {
  let rest = 0;
  for (const character of text) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest;
}
