import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CountsLook, lastMinutes, withLook } from '../../src/notify/last-minutes.ts';
import { raisedRoutes } from '../../src/notify/route-conditions.ts';
import type { RouteSums } from '../../src/report/routes/port.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const sums = (outcome: RouteSums['outcome'], responses: number): RouteSums => {
  return { route: '/posts', outcome, responses, posts: responses, bytes: responses };
};

/** Looks once a minute at responses that arrive by the minute. */
function looksAt(byMinute: readonly number[]): CountsLook[] {
  let looks: CountsLook[] = [];
  for (let minute = 0; minute <= byMinute.length; minute++) {
    const currentMs = Math.floor((minute * MINUTE_MS) / HOUR_MS) * HOUR_MS;
    const hours = [currentMs - HOUR_MS, currentMs].map((hourMs) => {
      const inHour = byMinute.slice(0, minute).filter((_, at) => {
        return at * MINUTE_MS >= hourMs && at * MINUTE_MS < hourMs + HOUR_MS;
      });
      return {
        hourMs,
        routes: [
          sums(
            'shape',
            inHour.reduce((all, one) => all + one, 0),
          ),
        ],
      };
    });
    looks = withLook(looks, { atMs: minute * MINUTE_MS, hours });
  }
  return looks;
}

describe('the counts of the last minutes', () => {
  it('are the responses of the last ten minutes, also across the hour, from few looks', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50), { minLength: 10, maxLength: 200 }), (byMinute) => {
        const looks = looksAt(byMinute);
        const found = lastMinutes(looks)!.reduce((all, { responses }) => all + responses, 0);
        expect(found).toBe(byMinute.slice(-10).reduce((all, one) => all + one, 0));
        expect(looks.length).toBeLessThanOrEqual(11);
      }),
    );
  });

  it('are unknown in the first ten minutes, and after a pause', () => {
    const looks = looksAt([1, 1, 1]);
    expect(lastMinutes(looks)).toBeNull();
    const later = withLook(looksAt(Array(20).fill(1)), { atMs: 3 * HOUR_MS, hours: [] });
    expect(lastMinutes(later)).toBeNull();
  });

  it('raise what the hours would hide', () => {
    const hour = [sums('counted', 100_000), sums('shape', 30)];
    const minutes = [sums('counted', 900), sums('shape', 30)];
    const spans = { week: [], day: [sums('counted', 100_000)], recent: hour };
    expect(raisedRoutes({ ...spans, minutes: hour }, 0)).toEqual([]);
    expect(raisedRoutes({ ...spans, minutes }, 0)).toMatchObject([
      { type: 'uncounted.rising', data: { uncounted: 30, responses: 930 } },
    ]);
  });
});
