import { describe, expect, it } from 'vitest';
import type { BillingRules } from '../../../src/invoice/port.ts';
import { FOUR_EYES } from '../../../src/proposal/four-eyes.ts';
import { usageLedgerContract } from '../../meter/usage-ledger.contract.ts';
import { MemoryLedger } from './ledger.ts';

const RULES: BillingRules = {
  bucketSeconds: 60,
  latenessMs: 60_000,
  approval: 'manual',
  fourEyes: FOUR_EYES,
};

usageLedgerContract('memory', async () => {
  const ledger = new MemoryLedger({ rules: RULES });
  return { ledger, another: async () => ledger, drop: async () => {} };
});

describe('a ledger in memory', () => {
  it('shows an older state unchanged, and continues from it after a restore', async () => {
    const ledger = new MemoryLedger({ rules: RULES });
    await ledger.addUsage('c', [{ bucketMs: 0, posts: 1 }]);
    const before = ledger.state;
    await ledger.addUsage('c', [{ bucketMs: 0, posts: 2 }]);
    expect([...before.usage.get('c')!.values()].map((row) => row.posts)).toEqual([1]);
    expect([...ledger.state.usage.get('c')!.values()].map((row) => row.posts)).toEqual([3]);
    ledger.restore(before);
    await ledger.addUsage('c', [{ bucketMs: 0, posts: 4 }]);
    expect([...ledger.state.usage.get('c')!.values()].map((row) => row.posts)).toEqual([5]);
  });

  it('discards a transaction during which it was restored', async () => {
    const ledger = new MemoryLedger({ rules: RULES });
    const before = ledger.state;
    const failing = ledger.withAccount('c', async () => ledger.restore(before));
    await expect(failing).rejects.toThrow('failed over');
    await ledger.addUsage('c', [{ bucketMs: 0, posts: 1 }]);
    expect(ledger.state.usage.size).toBe(1);
  });

  it('moves existing and later usage', async () => {
    const ledger = new MemoryLedger({ rules: RULES });
    await ledger.addUsage('a', [
      { bucketMs: 0, posts: 1 },
      { bucketMs: 60_000, posts: 2 },
    ]);
    await ledger.move({
      identifierId: 'i',
      fromClientId: 'a',
      toClientId: 'b',
      fromMs: 60_000,
      toMs: Infinity,
    });
    const late = { clientId: 'a', identifierId: 'i', requests: 1, refused: 0, bytes: 0, uncounted: 0 };
    await ledger.take({
      journalId: 'j',
      firstSequence: 1,
      lastSequence: 1,
      usage: [
        { ...late, bucketMs: 0, posts: 4 },
        { ...late, bucketMs: 60_000, posts: 8 },
      ],
    });
    const postsOf = (client: string) => [...ledger.state.usage.get(client)!.values()].map((row) => row.posts);
    expect([postsOf('a'), postsOf('b')]).toEqual([[5], [10]]);
  });
});
