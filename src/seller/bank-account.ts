/** Rules for the bank accounts that documents ask to pay to, and the actions on them that two people take. */

import { electronicFormatIBAN, isValidBIC, isValidIBAN } from 'ibantools';
import { z } from 'zod';
import type { FieldError } from '../tariff/terms.ts';
import type { BankAccount } from './model.ts';

export type AccountDetails = Pick<
  BankAccount,
  'currency' | 'holder' | 'iban' | 'bic' | 'accountNumber' | 'routingNumber' | 'bankName'
>;

const nullable = z.string().nullable();

/** What a proposal stores, in the form in which it was validated. */
export const bankAccountActionSchema = z.discriminatedUnion('action', [
  z.strictObject({
    action: z.literal('add'),
    id: z.uuid(),
    ...{ currency: z.string(), holder: z.string(), iban: nullable, bic: nullable },
    ...{ accountNumber: nullable, routingNumber: nullable, bankName: nullable },
    isDefault: z.boolean(),
  }),
  z.strictObject({ action: z.literal('make_default'), id: z.uuid() }),
]);
export type BankAccountAction = z.output<typeof bankAccountActionSchema>;

/** Without spaces, in capitals. */
export function electronicIban(text: string): string {
  return electronicFormatIBAN(text) ?? text;
}

/** Returns what is wrong with the numbers of an account, which has an IBAN, or an account number with routing number. */
export function accountFaults({ iban, bic, accountNumber, routingNumber }: AccountDetails): FieldError[] {
  const faults: FieldError[] = [];
  if (iban === null && accountNumber === null) {
    const hint = 'send an IBAN, or an account number with its routing number';
    faults.push({ field: 'iban', reason: 'is missing, and so is the account number', hint });
  }
  if (iban !== null && (accountNumber !== null || routingNumber !== null)) {
    const hint = 'send one of them: an IBAN contains both numbers';
    faults.push({ field: 'accountNumber', reason: 'and routing number are sent beside an IBAN', hint });
  }
  if (iban !== null && !isValidIBAN(iban)) {
    const hint = 'compare it with a statement of the account; its checksum or length is wrong';
    faults.push({ field: 'iban', reason: 'is not a valid IBAN', hint });
  }
  if (bic !== null && !isValidBIC(bic)) {
    const hint = 'use 8 or 11 characters, such as COBADEFFXXX';
    faults.push({ field: 'bic', reason: 'is not a valid BIC', hint });
  }
  if (iban === null && accountNumber !== null && routingNumber === null) {
    const hint = 'send the number that identifies the bank';
    faults.push({ field: 'routingNumber', reason: 'is missing for the account number', hint });
  }
  return faults;
}

/** True if both name the same account, in the same currency. */
export function isSameAccount(a: AccountDetails, b: AccountDetails): boolean {
  return (
    a.currency === b.currency &&
    a.iban === b.iban &&
    a.accountNumber === b.accountNumber &&
    a.routingNumber === b.routingNumber
  );
}
