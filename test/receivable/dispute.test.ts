import { expect, test } from 'vitest';
import { answerFault, openingFault, resolutionFault } from '../../src/receivable/dispute.ts';
import { DISPUTE_OUTCOMES, type Dispute } from '../../src/receivable/model.ts';

const OPEN: Dispute = {
  ...{ id: 'd', invoiceId: 'i', openedAtMs: 1, openedBy: 'finance', ground: 'counting' },
  ...{ text: 'too many', disputedMinor: 50n },
  ...{ answeredAtMs: null, answeredBy: null, answer: null },
  ...{ resolvedAtMs: null, resolvedBy: null, outcome: null, outcomeText: null },
};
const ANSWERED: Dispute = { ...OPEN, answeredAtMs: 2, answeredBy: 'finance', answer: 'no' };
const RESOLVED: Dispute = { ...OPEN, resolvedAtMs: 3, resolvedBy: 'finance', outcome: 'rejected' };

test('an issued invoice is disputed once at a time, up to its payable amount', () => {
  const book = { payableMinor: 100n, disputeId: null };
  expect(openingFault(book, 100n)).toBeNull();
  expect(openingFault(book, 101n)).toBe('exceeds_payable');
  expect(openingFault({ ...book, disputeId: 'd' }, 1n)).toBe('already_disputed');
  expect(openingFault(null, 1n)).toBe('no_book');
});

test('a dispute is answered once, before it is resolved', () => {
  expect(answerFault(OPEN)).toBeNull();
  expect(answerFault(ANSWERED)).toBe('already_answered');
  expect(answerFault(RESOLVED)).toBe('already_resolved');
  expect(answerFault(null)).toBe('not_found');
});

test('it is resolved once, with or without an answer; only an outcome for the client carries a credit', () => {
  expect(resolutionFault(ANSWERED, 'rejected', false)).toBeNull();
  expect(resolutionFault(RESOLVED, 'upheld', false)).toBe('already_resolved');
  expect(resolutionFault(null, 'upheld', false)).toBe('not_found');
  const credited = DISPUTE_OUTCOMES.filter((outcome) => resolutionFault(OPEN, outcome, true) === null);
  expect(credited).toEqual(['upheld', 'partly_upheld', 'settled']);
});
