import { describe, expect, it } from 'vitest';
import { batchOf } from '../../../src/meter/batch.ts';
import { inForce } from '../../../src/meter/chain/configurations.ts';
import { type DecidedUnder, epochAfter } from '../../../src/meter/chain/epochs.ts';
import { Meter } from '../../../src/meter/meter.ts';
import { MemoryJournal } from '../memory-journal.ts';
import { usageOf } from '../usages.ts';

const MINUTE_MS = 60_000;

describe('epochAfter', () => {
  const last = { policyVersion: 1, rightsSequence: 5, atMs: 1_000 };

  it.each<[string, typeof last | null, DecidedUnder | null, number, boolean]>([
    ['before the first policy', null, null, 1_000, false],
    ['at the first policy', null, { policyVersion: 1, rightsSequence: 0 }, 1_000, true],
    ['without a change', last, { policyVersion: 1, rightsSequence: 5 }, 10 * MINUTE_MS, false],
    ['at a change of the policy', last, { policyVersion: 2, rightsSequence: 5 }, 1_001, true],
    [
      'at a change of the registry within a minute',
      last,
      { policyVersion: 1, rightsSequence: 6 },
      MINUTE_MS,
      false,
    ],
    ['a minute after', last, { policyVersion: 1, rightsSequence: 9 }, 1_000 + MINUTE_MS, true],
  ])('%s', (_name, before, now, nowMs, begins) => {
    expect(epochAfter(before, now, nowMs)).toEqual(begins ? { ...now, atMs: nowMs } : undefined);
  });
});

it('the meter writes an epoch with the first record that it applies to, once, and again after a failure', () => {
  const journal = new MemoryJournal('j');
  const now = { ms: 1_000, under: null as DecidedUnder | null };
  const turns: Array<() => void> = [];
  const meter = new Meter({
    journal,
    decidedUnder: () => now.under,
    endOfTurn: (run) => turns.push(run),
    onWritten: () => {},
    onGap: () => {},
    later: () => {},
    nowMs: () => now.ms,
  });
  const write = (): void => {
    meter.record(usageOf({ posts: 1 }), () => {});
    turns.shift()?.();
  };
  write();
  now.under = { policyVersion: 1, rightsSequence: 3 };
  journal.broken = true;
  write();
  journal.broken = false;
  write();
  write();
  now.under = { policyVersion: 2, rightsSequence: 4 };
  write();
  return journal.read(0, 10).then((records) => {
    expect(records.map(({ epoch }) => epoch?.policyVersion)).toEqual([undefined, 1, undefined, 2]);
    const { epochs } = batchOf('j', records);
    expect(epochs).toEqual([
      { sequence: 2, policyVersion: 1, rightsSequence: 3, atMs: 1_000 },
      { sequence: 4, policyVersion: 2, rightsSequence: 4, atMs: 1_000 },
    ]);
    expect(inForce(epochs!, 3, 4).map(({ policyVersion }) => policyVersion)).toEqual([1, 2]);
    expect(inForce(epochs!, 3, 3).map(({ policyVersion }) => policyVersion)).toEqual([1]);
    expect(inForce(epochs!, 1, 1)).toEqual([]);
  });
});
