import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isBillingStalled, observe, processEvent, SOUND } from '../../src/notify/condition.ts';

/** Observes one value a second and returns the seconds at which a change was reported. */
function changes(observed: readonly boolean[]): [second: number, change: string][] {
  let state = SOUND;
  return observed.flatMap((isBad, second) => {
    const seen = observe(state, isBad, second * 1_000);
    state = seen.state;
    return seen.change === null ? [] : [[second, seen.change] as [number, string]];
  });
}

const seconds = (count: number, isBad: boolean) => Array.from({ length: count }, () => isBad);

describe('a condition', () => {
  it('is reported after a minute, and so is its end', () => {
    expect(changes([...seconds(5, false), ...seconds(100, true), ...seconds(100, false)])).toEqual([
      [65, 'raised'],
      [165, 'cleared'],
    ]);
  });

  it('that comes and goes within a minute is not reported', () => {
    const flapping = Array.from({ length: 600 }, (_, at) => at % 59 !== 0);
    expect(changes(flapping)).toEqual([]);
  });

  it('alternates, and every change has lasted a minute', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(100), fc.boolean()), { maxLength: 20 }), (runs) => {
        const observed = runs.flatMap(([count, isBad]) => seconds(count, isBad));
        let isRaised = false;
        for (const [second, change] of changes(observed)) {
          expect(change).toBe(isRaised ? 'cleared' : 'raised');
          isRaised = !isRaised;
          expect(observed.slice(second - 60, second + 1)).toEqual(seconds(61, isRaised));
        }
      }),
    );
  });
});

it('names the process and the reason', () => {
  expect(processEvent('clock', 'gw-1:8788', 'the clock is off', 7)).toEqual({
    type: 'clock.wrong',
    subject: 'processes/gw-1:8788',
    clientId: null,
    atMs: 7,
    data: { process: 'gw-1:8788', reason: 'the clock is off' },
  });
  expect(processEvent('ledger', 'gw-1', null, 7)).toMatchObject({
    type: 'ledger.back',
    data: { process: 'gw-1' },
  });
});

it.each([
  [60_000, 600_000, false],
  [60_000, 600_001, true],
  [1_000, 299_000, false],
  [1_000, 301_000, true],
])('billing every %i ms without a run for %i ms is stalled: %s', (intervalMs, ageMs, isStalled) => {
  expect(isBillingStalled(0, intervalMs, ageMs)).toBe(isStalled);
});
