/** A receivable for tests of pure rules. */

import type { Receivable } from '../../src/receivable/model.ts';

export function receivable(over: Partial<Receivable> = {}): Receivable {
  return {
    invoiceId: 'i1',
    clientId: 'globex',
    sellerId: 'default',
    currency: 'USD',
    payableMinor: 1_500_002n,
    balanceMinor: 1_500_002n,
    paidMinor: 0n,
    creditedMinor: 0n,
    writtenOffMinor: 0n,
    dueOn: '2026-03-31',
    disputeId: null,
    dunningLevel: 0,
    ...over,
  };
}
