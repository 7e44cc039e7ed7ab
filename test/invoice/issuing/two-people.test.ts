/** Issue by another person than the approver, a lone person, and a strict seller (M6). */

import { expect, it } from 'vitest';
import { UNDOCUMENTED } from '../../../src/invoice/document.ts';
import { needsOtherIssuer, otherIssuer } from '../../../src/invoice/issuing/two-people.ts';
import type { Invoice } from '../../../src/invoice/model.ts';
import { FOUR_EYES } from '../../../src/proposal/four-eyes.ts';
import type { KnownToken } from '../../../src/proposal/second-person.ts';

const NOW_MS = Date.UTC(2026, 5, 1);
const DAY_MS = 86_400_000;

function approved(approverTokenId: string | null): Invoice {
  return {
    ...{ id: 'i', number: null, kind: 'invoice', status: 'approved', clientId: 'acme', breachId: 'b' },
    ...{ monthMs: null, correctsId: null, currency: 'USD', amountMinor: 100_00n, lines: [], billTo: null },
    ...{ approvedAtMs: NOW_MS - DAY_MS, issuedAtMs: null, rejection: null, createdAtMs: 0, updatedAtMs: 0 },
    ...UNDOCUMENTED,
    ...{ approvedBy: approverTokenId ?? 'ADMIN_TOKEN', approverTokenId },
  } as Invoice;
}

const token = (id: string, createdBy: string, seenDaysAgo = 1, roles = ['finance']): KnownToken => ({
  ...{ id, actor: id, roles, createdBy, createdAtMs: NOW_MS - 100 * DAY_MS },
  seenAtMs: NOW_MS - seenDaysAgo * DAY_MS,
});
const ANN = token('ann', 'ADMIN_TOKEN');
const BOB = token('bob', 'ADMIN_TOKEN');

it.each([
  ['another person issues it', 'ann', 'bob', [ANN, BOB], false, { kind: 'allowed', isAlone: false }],
  ['the approver issues it', 'ann', 'ann', [ANN, BOB], false, { kind: 'second_person_required' }],
  ['ADMIN_TOKEN issues it', 'ann', null, [ANN, BOB], false, { kind: 'second_person_required' }],
  ['ADMIN_TOKEN does both', null, null, [ANN], false, { kind: 'second_person_required' }],
  [
    'a token that the approver made issues it',
    'ann',
    'cid',
    [ANN, BOB, token('cid', 'ann')],
    false,
    { kind: 'second_person_required' },
  ],
  ['a lone approver issues it', 'ann', 'ann', [ANN], false, { kind: 'allowed', isAlone: true }],
  ['ADMIN_TOKEN is alone', null, null, [], false, { kind: 'allowed', isAlone: true }],
  [
    'the other was not seen for 91 days',
    'ann',
    'ann',
    [ANN, token('bob', 'ADMIN_TOKEN', 91)],
    false,
    { kind: 'allowed', isAlone: true },
  ],
  [
    'the other has another role',
    'ann',
    'ann',
    [ANN, token('bob', 'ADMIN_TOKEN', 1, ['viewer'])],
    false,
    { kind: 'allowed', isAlone: true },
  ],
  ['a strict seller has one person', 'ann', 'ann', [ANN], true, { kind: 'second_person_required' }],
] as const)('%s', (_what, approver, issuer, tokens, isStrict, expected) => {
  const who = { actor: issuer ?? 'ADMIN_TOKEN', tokenId: issuer };
  expect(otherIssuer(approved(approver), who, isStrict, tokens, NOW_MS)).toMatchObject(expected);
});

it('depends on the amount if the rule has a limit, and needs an approver', () => {
  const rules = (issue: typeof FOUR_EYES.issue) => ({ ...FOUR_EYES, issue });
  const one = approved('ann');
  expect(needsOtherIssuer(one, rules('different'))).toBe(true);
  expect(needsOtherIssuer(one, rules('same'))).toBe(false);
  expect(needsOtherIssuer(one, rules({ above: '100.00' }))).toBe(false);
  expect(needsOtherIssuer({ ...one, taxMinor: 1n }, rules({ above: '100.00' }))).toBe(true);
  expect(needsOtherIssuer({ ...one, approvedBy: null }, rules('different'))).toBe(false);
});
