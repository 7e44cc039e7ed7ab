/**
 * When a tariff version may be retired: superseded by another with the same start, or withdrawn before it applies.
 */

export type RetirementRefusal =
  | { readonly kind: 'retired' }
  /** The issued invoice `number` has a line of the version. */
  | { readonly kind: 'invoiced'; readonly number: number }
  | { readonly kind: 'applies' };

interface Retirable {
  readonly isRetired: boolean;
  readonly validFromMs: number;
}

/** `invoiceNumber` is an issued invoice with a line of the version, or null if none exists. */
export function supersedeRefusal(
  { isRetired }: Retirable,
  invoiceNumber: number | null,
): RetirementRefusal | null {
  if (isRetired) return { kind: 'retired' };
  return invoiceNumber === null ? null : { kind: 'invoiced', number: invoiceNumber };
}

export function withdrawRefusal(
  { isRetired, validFromMs }: Retirable,
  nowMs: number,
): RetirementRefusal | null {
  if (isRetired) return { kind: 'retired' };
  return validFromMs > nowMs ? null : { kind: 'applies' };
}
