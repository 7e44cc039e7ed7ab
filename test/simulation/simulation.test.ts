import { describe, expect, it } from 'vitest';
import { hashOf, type Outcome, simulate } from './simulate.ts';
import { Tally } from './tally.ts';

const RUNS = 2_000;
const FIRST_SEED = 1_000_000;

describe('the simulation', () => {
  it('depends only on its seed', async () => {
    const hashes = async (seeds: readonly number[]) => {
      const found: string[] = [];
      for (const seed of seeds) found.push(hashOf(await simulate(seed, new Tally())));
      return found;
    };
    const first = await hashes([1, 2, 3]);
    expect(await hashes([3, 2, 1])).toEqual(first.toReversed());
    expect(new Set(first).size).toBe(3);
  });

  it(`finds nothing wrong in ${RUNS} runs, and every kind of fault has struck`, {
    timeout: 600_000,
  }, async () => {
    const tally = new Tally();
    const failed: Outcome[] = [];
    for (let seed = FIRST_SEED; seed < FIRST_SEED + RUNS && failed.length === 0; seed++) {
      const outcome = await simulate(seed, tally);
      if (outcome.fault !== undefined) failed.push(outcome);
    }
    const reports = failed.map(
      ({ seed, fault, trace }) => `seed ${seed}: ${String(fault)}\n${trace.slice(-40).join('\n')}`,
    );
    expect(reports).toEqual([]);
    expect(STRUCK.filter((kind) => !tally.counts.has(kind))).toEqual([]);
  });
});

/** Events that must have occurred at least once, or the runs prove less than they claim. */
const STRUCK = [
  'billing: died in a transaction',
  'billing: two at once',
  'disk: EIO',
  'disk: ENOSPC',
  'disk: EROFS',
  'disk: failed sync forgot what it had',
  'gateway: killed',
  'gateway: lost power, and records with it',
  'gateway: stopped',
  'issued: credit_note',
  'issued: invoice',
  'issued: supplement',
  'journal: damage passed over',
  'journal: torn tail cut',
  'ledger: answer lost',
  'ledger: connection broken in a transaction',
  'ledger: request late',
  'ledger: request lost',
  'ledger: request twice',
  'ledger: transaction broken off',
  'check: client charged',
  'check: gap in the ledger',
  'on hold: operator',
  'people: identifier moved',
  'people: issue issued',
  'people: issue on_hold',
  'people: tariff corrected',
  'response broken off',
  'response delivered whole',
  'shipping: rewound ledger seen',
  'window: answer lost',
  'window: request late',
  'window: request lost',
  'window: request twice',
];
