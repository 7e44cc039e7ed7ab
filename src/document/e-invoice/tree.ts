/**
 * The form in which @e-invoice-eu/core takes an invoice: the elements of UBL 2.1 as JSON, with text for all values. The
 * library's own type needs literal types of all code lists, so this is a wider one; the library checks the values.
 */

import type { EInvoiceSyntax } from '../../invoice/issuing/e-invoice-facts.ts';
import { formatMoney } from '../../tariff/money.ts';
import type { Claim } from '../input.ts';

export type TreeValue = string | Tree | readonly TreeValue[];
export interface Tree {
  readonly [name: string]: TreeValue;
}

/** Leaves out what is null. */
export function present(fields: Readonly<Record<string, TreeValue | null>>): Tree {
  return Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, TreeValue] => entry[1] !== null),
  );
}

/** An amount with its currency, from minor units. */
export function amountTree(name: string, minor: bigint, currency: string): Tree {
  return { [name]: formatMoney(minor, currency), [`${name}@currencyID`]: currency };
}

export function isXRechnung(format: EInvoiceSyntax): boolean {
  return format === 'xrechnung-cii' || format === 'xrechnung-ubl';
}

/** 1 for invoices and supplements; -1 for credit notes, whose amounts an e-invoice states as positive. */
export function signOf({ invoice }: Claim): 1n | -1n {
  return invoice.kind === 'credit_note' ? -1n : 1n;
}
