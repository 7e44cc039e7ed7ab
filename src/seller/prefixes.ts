/** Prefixes of number series: which are allowed, and which would give two invoices the same printed number. */

export const MAX_PREFIX_LENGTH = 12;

/** True for printable ASCII that neither begins nor ends with a space. */
export function isSeriesPrefix(text: string): boolean {
  return text.length <= MAX_PREFIX_LENGTH && /^[ -~]*$/.test(text) && text.trim() === text;
}

/**
 * True if a number of one series can read like a number of the other. After the prefix come a year, a dash and digits, so
 * `A` and `A1` collide (A12), and so do `A` and `A2026-`.
 */
export function doPrefixesCollide(a: string, b: string): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  return long.startsWith(short) && /^[\d-]*$/.test(long.slice(short.length));
}
