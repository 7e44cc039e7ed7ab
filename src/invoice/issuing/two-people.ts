/** The issuer of an invoice must be another person than its approver, unless the approver is alone. */

import { type FourEyesRules, issueNeedsSecondPerson } from '../../proposal/four-eyes.ts';
import type { Principal } from '../../proposal/model.ts';
import { isAlone, type KnownToken, type NotSecond, notSecond } from '../../proposal/second-person.ts';
import type { Invoice } from '../model.ts';
import type { SecondPersonRequired } from '../outcome.ts';

const WHY: Readonly<Record<NotSecond, string>> = {
  same: 'the same token approved it',
  admin_token: 'ADMIN_TOKEN does not count as a second person',
  made_by_first: 'the approver made the token of the issuer',
  made_first: 'the issuer made the token of the approver',
};

/** False if the invoice has no approver, or if the rule allows the same person for its amount. */
export function needsOtherIssuer(issued: Invoice, rules: FourEyesRules): boolean {
  const payableMinor = issued.amountMinor + issued.taxMinor;
  const claimMinor = payableMinor < 0n ? -payableMinor : payableMinor;
  return issued.approvedBy !== null && issueNeedsSecondPerson(rules, claimMinor, issued.currency);
}

/**
 * Call it if `needsOtherIssuer`. `tokens` are all active tokens. `isStrict`: the seller refuses a lone person.
 * `isAlone` is recorded in the audit log.
 */
export function otherIssuer(
  { approvedBy, approverTokenId, approvedAtMs }: Invoice,
  issuer: Principal,
  isStrict: boolean,
  tokens: readonly KnownToken[],
  nowMs: number,
): { readonly kind: 'allowed'; readonly isAlone: boolean } | SecondPersonRequired {
  const approver = { actor: approvedBy ?? '', tokenId: approverTokenId };
  const why = notSecond(approver, issuer, approvedAtMs ?? 0, tokens);
  if (why === null) return { kind: 'allowed', isAlone: false };
  if (!isAlone(approver, 'finance', tokens, nowMs)) {
    const hint = 'let another person with the role finance issue it';
    return { kind: 'second_person_required', reason: `${WHY[why]}; ${approver.actor} approved it`, hint };
  }
  if (!isStrict) return { kind: 'allowed', isAlone: true };
  return {
    kind: 'second_person_required',
    reason: 'the seller is strict, and there is no second person with the role finance',
    hint: 'create a token with the role finance for another person, who issues it',
  };
}
