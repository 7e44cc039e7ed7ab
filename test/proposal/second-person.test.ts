import { describe, expect, test } from 'vitest';
import { decisionRefusal } from '../../src/proposal/decide.ts';
import { FOUR_EYES, issueNeedsSecondPerson } from '../../src/proposal/four-eyes.ts';
import type { ActionProposal, Principal } from '../../src/proposal/model.ts';
import { isAlone, type KnownToken, notSecond } from '../../src/proposal/second-person.ts';

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 5, 1);
const ADMIN: Principal = { actor: 'ADMIN_TOKEN', tokenId: null };
const principal = (id: string): Principal => ({ actor: `${id} (token ${id})`, tokenId: id });

function token(id: string, createdBy = 'ADMIN_TOKEN', over: Partial<KnownToken> = {}): KnownToken {
  const { actor } = principal(id);
  const createdAtMs = NOW - 10 * DAY_MS;
  return { id, actor, roles: ['finance'], createdBy, createdAtMs, seenAtMs: createdAtMs, ...over };
}

const [ANN, BOB] = [principal('ann'), principal('bob')];
const TOKENS = [token('ann'), token('bob'), token('made-by-ann', ANN.actor)];

describe('M6: who is a second person', () => {
  test('the holder of another token that neither person made', () => {
    expect(notSecond(ANN, BOB, NOW, TOKENS)).toBeNull();
    expect(notSecond(BOB, principal('made-by-ann'), NOW, TOKENS)).toBeNull();
  });

  test('not the proposer, a token that the proposer made, its maker, or ADMIN_TOKEN', () => {
    expect(notSecond(ANN, ANN, NOW, TOKENS)).toBe('same');
    expect(notSecond(ANN, principal('made-by-ann'), NOW, TOKENS)).toBe('made_by_first');
    expect(notSecond(principal('made-by-ann'), ANN, NOW, TOKENS)).toBe('made_first');
    expect(notSecond(ANN, ADMIN, NOW, TOKENS)).toBe('admin_token');
  });

  test('beside ADMIN_TOKEN, a token that it made before it acted, not one that it made afterwards', () => {
    expect(notSecond(ADMIN, BOB, NOW, TOKENS)).toBeNull();
    const late = token('late', 'ADMIN_TOKEN', { createdAtMs: NOW });
    expect(notSecond(ADMIN, principal('late'), NOW, [late])).toBe('made_by_first');
  });
});

describe('M6: a person is alone', () => {
  test('without another token of the role that was seen within 90 days', () => {
    expect(isAlone(ADMIN, 'finance', [], NOW)).toBe(true);
    expect(isAlone(ANN, 'finance', [token('ann'), token('made-by-ann', ANN.actor)], NOW)).toBe(true);
    expect(isAlone(ANN, 'finance', TOKENS, NOW)).toBe(false);
    expect(isAlone(ANN, 'admin', TOKENS, NOW)).toBe(true);
    const seen = (seenAtMs: number) => [token('bob', 'ADMIN_TOKEN', { createdAtMs: 0, seenAtMs })];
    expect(isAlone(ANN, 'finance', seen(NOW - 90 * DAY_MS), NOW)).toBe(false);
    expect(isAlone(ANN, 'finance', seen(NOW - 90 * DAY_MS - 1), NOW)).toBe(true);
  });
});

describe('M6: a decision', () => {
  const proposal: ActionProposal = {
    ...{ id: 'p', kind: 'write_off', subject: 'invoices/1', payload: {}, subjectHash: 'as it was' },
    ...{ reason: 'insolvent', proposedBy: ANN, atMs: NOW },
    ...{ decidedBy: null, decidedAtMs: null, decision: null, decisionReason: null },
  };
  const refusal = (
    who: Principal,
    hash: string | null = 'as it was',
    decision: 'accepted' | 'rejected' | 'withdrawn' = 'accepted',
  ) => decisionRefusal(proposal, decision, who, TOKENS, hash);

  test('accepts by a second person alone, and only while the subject is unchanged', () => {
    expect(refusal(BOB)).toBeNull();
    expect(refusal(ANN)).toEqual({ kind: 'not_second', why: 'same' });
    expect(refusal(principal('made-by-ann'))).toEqual({ kind: 'not_second', why: 'made_by_first' });
    expect(refusal(ADMIN)).toEqual({ kind: 'not_second', why: 'admin_token' });
    expect(refusal(BOB, 'changed')).toEqual({ kind: 'stale' });
    expect(refusal(BOB, null)).toEqual({ kind: 'stale' });
  });

  test('rejects by anyone with the role, withdraws by the proposer alone', () => {
    expect(refusal(ANN, null, 'rejected')).toBeNull();
    expect(refusal(ADMIN, null, 'rejected')).toBeNull();
    expect(refusal(ANN, null, 'withdrawn')).toBeNull();
    expect(refusal(BOB, null, 'withdrawn')).toEqual({ kind: 'not_proposer' });
  });

  test('is final', () => {
    const decided = { ...proposal, decision: 'rejected', decidedBy: BOB } as const;
    expect(decisionRefusal(decided, 'accepted', BOB, TOKENS, 'as it was')).toEqual({
      ...{ kind: 'decided', decision: 'rejected', by: BOB.actor },
    });
  });
});

test('the issue of an invoice needs a second person as configured: always, never, or above an amount', () => {
  const needs = (issue: Parameters<typeof issueNeedsSecondPerson>[0]['issue'], minor: bigint) =>
    issueNeedsSecondPerson({ ...FOUR_EYES, issue }, minor, 'USD');
  expect(needs('different', 1n)).toBe(true);
  expect(needs('same', 10n ** 9n)).toBe(false);
  expect(needs({ above: '15000.02' }, 1_500_002n)).toBe(false);
  expect(needs({ above: '15000.02' }, 1_500_003n)).toBe(true);
  expect(needs({ above: '0.0001' }, 1n)).toBe(true);
});
