import { expect, test } from 'vitest';
import { UNDOCUMENTED } from '../../../src/invoice/document.ts';
import type { BillingRules } from '../../../src/invoice/port.ts';
import { FOUR_EYES } from '../../../src/proposal/four-eyes.ts';
import { ownItems } from '../../../src/report/inbox/inbox.ts';
import type { InboxItem } from '../../../src/report/inbox/item.ts';
import type { FinalDraft, InboxFacts } from '../../../src/report/inbox/port.ts';

const NOW_MS = Date.UTC(2026, 2, 1);
const RULES: BillingRules = { bucketSeconds: 60, latenessMs: 0, approval: 'manual', fourEyes: FOUR_EYES };
const JANE = { actor: 'jane', tokenId: 'token-jane', roles: ['finance'] };
const JOE = { actor: 'joe', tokenId: 'token-joe', roles: ['finance'] };
const token = ({ actor, tokenId }: typeof JANE) => ({
  ...{ id: tokenId, actor, roles: ['finance'], createdBy: 'ADMIN_TOKEN' },
  ...{ createdAtMs: NOW_MS - 1_000, seenAtMs: NOW_MS - 1_000 },
});

/** A draft that Jane approved. The rules of the inbox read no other members. */
const APPROVED = {
  state: 'to_issue',
  found: {
    invoice: {
      ...UNDOCUMENTED,
      ...{
        id: '1',
        currency: 'USD',
        amountMinor: 1_500_002n,
        approvedBy: 'jane',
        approvedAtMs: NOW_MS - 500,
      },
      approverTokenId: 'token-jane',
    },
    issuing: { seller: { isStrict: false } },
  },
} as unknown as FinalDraft;
const ITEM: InboxItem = {
  ...{ kind: 'to_issue', subject: 'invoices/1', title: 'draft acme', clientId: 'acme', sinceMs: NOW_MS },
  ...{
    money: null,
    why: 'jane approved it',
    action: { name: 'Issue', href: '/invoices/1' },
    roles: ['finance'],
  },
};
const facts = (...tokens: InboxFacts['tokens']): InboxFacts => ({
  ...{ drafts: [APPROVED], tokens, proposals: [], owed: [], payments: [], holds: [] },
  ...{ messages: [], coDebtors: [], documents: [] },
});

test('an invoice waits for another person than its approver, unless the approver is alone', () => {
  const both = facts(token(JANE), token(JOE));
  expect(ownItems([ITEM], both, JANE, RULES, NOW_MS)).toEqual([]);
  expect(ownItems([ITEM], both, JOE, RULES, NOW_MS)).toEqual([ITEM]);
  expect(ownItems([ITEM], facts(token(JANE)), JANE, RULES, NOW_MS)).toEqual([ITEM]);
  const same: BillingRules = { ...RULES, fourEyes: { ...FOUR_EYES, issue: 'same' } };
  expect(ownItems([ITEM], both, JANE, same, NOW_MS)).toEqual([ITEM]);
});

test('what no role of the person acts on does not wait for the person', () => {
  const viewer = { ...JOE, roles: ['viewer', 'operator'] };
  expect(ownItems([ITEM], facts(token(JOE)), viewer, RULES, NOW_MS)).toEqual([]);
});
