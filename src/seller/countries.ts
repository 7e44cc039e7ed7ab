/** Member states of the European Union (ISO 3166-1 alpha-2), and the VAT ids that begin with a country. */

const EU_MEMBERS = new Set(
  'AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK'.split(' '),
);
/** Prefixes of VAT ids that differ from the country's code, and of countries outside the Union. */
const OTHER_PREFIXES = new Set(['EL', 'XI', 'GB', 'CH', 'NO']);

export function isInEu(country: string | null): boolean {
  return country !== null && EU_MEMBERS.has(country);
}

/** Returns the tax id without spaces, dots and dashes if it has the form of a VAT id; null otherwise. */
export function vatIdOf(taxId: string | null): string | null {
  const text = (taxId ?? '').replace(/[ .-]/g, '').toUpperCase();
  const prefix = text.slice(0, 2);
  if (!EU_MEMBERS.has(prefix) && !OTHER_PREFIXES.has(prefix)) return null;
  return /^[A-Z]{2}[A-Z0-9+*]{2,13}$/.test(text) && /\d/.test(text) ? text : null;
}
