import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AttemptResult, nextStep } from '../../src/notify/plan.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const WAITS_MS = [
  5_000,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  ...[2, 5, 10, 14, 20, 24].map((hours) => hours * HOUR_MS),
];
const failed: AttemptResult = { status: 500, isTaken: false, retryAfter: null };
const NOW = Date.UTC(2026, 2, 2);

describe('the plan of attempts', () => {
  it('has ten attempts, with the waits of the design, and then gives up', () => {
    const waits = Array.from({ length: 10 }, (_, at) => {
      const next = nextStep(failed, at + 1, NOW, 0.5);
      return next.kind === 'again' ? next.dueAtMs - NOW : next.kind;
    });
    expect(waits).toEqual([...WAITS_MS, 'given_up']);
  });

  it('varies each wait by at most a fifth', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (tries, chance) => {
          const next = nextStep(failed, tries, NOW, chance);
          if (next.kind !== 'again') throw new Error(next.kind);
          const share = (next.dueAtMs - NOW) / WAITS_MS[tries - 1]!;
          expect(share).toBeGreaterThanOrEqual(0.8);
          expect(share).toBeLessThanOrEqual(1.2);
        },
      ),
    );
  });

  it.each([
    ['120', 120_000],
    ['Mon, 02 Mar 2026 01:00:00 GMT', HOUR_MS],
    ['999999999', 24 * HOUR_MS],
    ['1', 5_000],
    ['soon', 5_000],
    ['Sun, 01 Mar 2026 00:00:00 GMT', 5_000],
  ])('honours Retry-After %s, within a day and not before the plan', (retryAfter, waitMs) => {
    const next = nextStep({ status: 429, isTaken: false, retryAfter }, 1, NOW, 0.5);
    expect(next).toEqual({ kind: 'again', dueAtMs: NOW + waitMs });
  });

  it('ends with a success, and for ever with 410', () => {
    expect(nextStep({ status: 204, isTaken: true, retryAfter: null }, 3, NOW, 0)).toEqual({ kind: 'sent' });
    expect(nextStep({ status: 410, isTaken: false, retryAfter: null }, 1, NOW, 0)).toEqual({ kind: 'gone' });
  });
});
