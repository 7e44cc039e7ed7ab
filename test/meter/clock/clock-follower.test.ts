import { describe, expect, it } from 'vitest';
import { MeterClock } from '../../../src/meter/clock/clock.ts';
import { followClock } from '../../../src/meter/clock/clock-follower.ts';
import { SimulatedTiming } from '../simulated-timing.ts';

const startMs = Date.UTC(2026, 2, 1);

/** A machine whose clock is off by `wallOffMs`, and a ledger whose clock is right. */
function rig({ wallOffMs = 0, isAway = false } = {}) {
  const timing = new SimulatedTiming(startMs);
  const state = { wallOffMs, isAway, asked: 0 };
  const wallMs = () => timing.monotonicMs() + state.wallOffMs;
  const monotonicMs = () => timing.monotonicMs();
  const clock = new MeterClock({ wallMs, monotonicMs, hasArbiter: true });
  const errors: string[] = [];
  const ledger = {
    clockMs: async () => {
      state.asked += 1;
      if (state.isAway) throw new Error('away');
      return timing.nowMs();
    },
  };
  const following = followClock({ clock, ledger, timing, onError: ({ message }) => errors.push(message) });
  return { timing, clock, state, errors, following, offMs: () => clock.nowMs() - timing.nowMs() };
}

describe('the clock follower', () => {
  it('waits for the first reading from the ledger, so that no usage is metered by a wrong clock', async () => {
    const { timing, clock, following, offMs, state } = rig({ wallOffMs: 600_000 });
    await timing.advance(0);
    const follower = await following;
    expect([offMs(), clock.flagged, state.asked]).toEqual([0, 'skewed', 1]);
    const stopping = follower.stop();
    await timing.advance(0);
    await stopping;
  });

  it('does not wait long for an unreachable ledger, and retries with pauses', async () => {
    const { timing, clock, errors, following, offMs, state } = rig({ wallOffMs: 5_000, isAway: true });
    await timing.advance(2_000);
    const follower = await following;
    expect([offMs(), clock.flagged]).toEqual([5_000, 'unconfirmed']);
    await timing.advance(60_000);
    expect(errors.length).toBeLessThan(40);
    expect(new Set(errors)).toEqual(new Set(['away']));
    state.isAway = false;
    await timing.advance(10_000);
    expect([offMs(), clock.flagged, clock.skewMs]).toEqual([5_000, 'ok', 5_000]);
    const stopping = follower.stop();
    await timing.advance(0);
    await stopping;
  });

  it("reads the ledger's clock every ten seconds, and within one second after a step", async () => {
    const { timing, clock, following, offMs, state } = rig();
    await timing.advance(0);
    const follower = await following;
    await timing.advance(60_000);
    expect(state.asked).toBe(7);
    state.wallOffMs = 7_200_000;
    expect([offMs(), clock.flagged]).toEqual([0, 'stepped']);
    await timing.advance(1_000);
    expect([offMs(), clock.flagged, state.asked]).toEqual([0, 'skewed', 8]);
    const stopping = follower.stop();
    await timing.advance(0);
    await stopping;
  });
});
