/** Which actions of money need a second person, and which role that person has. */

import { parseMoney } from '../tariff/money.ts';
import type { ProposalKind } from './model.ts';

/** `above`: only invoices above this amount, in major units of their currency. */
export type IssueRule = 'different' | 'same' | { readonly above: string };

/** The configuration `billing.fourEyes`. True: the action needs a second person. */
export interface FourEyesRules {
  readonly bankAccount: boolean;
  readonly writeOff: boolean;
  readonly creditNote: boolean;
  /** Whether the issuer must be another person than the approver. */
  readonly issue: IssueRule;
}

export const FOUR_EYES: FourEyesRules = {
  bankAccount: true,
  writeOff: true,
  creditNote: true,
  issue: 'different',
};

type Switch = Exclude<keyof FourEyesRules, 'issue'>;
const SWITCH: Readonly<Record<ProposalKind, Switch>> = {
  bank_account: 'bankAccount',
  write_off: 'writeOff',
  credit_note: 'creditNote',
};

/** The role that proposes and decides an action of this kind. */
export const DECIDING_ROLE: Readonly<Record<ProposalKind, 'finance' | 'admin'>> = {
  bank_account: 'admin',
  write_off: 'finance',
  credit_note: 'finance',
};

export function needsSecondPerson(kind: ProposalKind, rules: FourEyesRules): boolean {
  return rules[SWITCH[kind]];
}

/** True if the issuer of an invoice with this amount must be another person than its approver. */
export function issueNeedsSecondPerson(
  { issue }: FourEyesRules,
  payableMinor: bigint,
  currency: string,
): boolean {
  if (typeof issue === 'string') return issue === 'different';
  const above = parseMoney(issue.above, currency);
  // An amount with more decimal places than the currency has cannot be compared: the stricter rule applies.
  return !above.ok || payableMinor > above.minor;
}
