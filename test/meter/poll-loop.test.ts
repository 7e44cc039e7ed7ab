import { afterEach, describe, expect, it } from 'vitest';
import { BackgroundLoop } from '../../src/meter/poll-loop.ts';
import { SimulatedTiming } from './simulated-timing.ts';

const START = Date.UTC(2026, 2, 1);

describe('a poll loop that is notified of work', () => {
  let flow: BackgroundLoop;
  afterEach(() => flow.stop());

  function start(step: () => boolean = () => false, options: { maxQuietMs?: number } = {}) {
    const timing = new SimulatedTiming(START);
    const stepsMs: number[] = [];
    flow = new BackgroundLoop({
      timing,
      idleMs: 100,
      quietMs: () => 1_000,
      ...options,
      step: async () => {
        stepsMs.push(timing.nowMs() - START);
        return step();
      },
    });
    flow.start();
    return { timing, stepsMs };
  }

  it('polls rarely while there is no work', async () => {
    const { timing, stepsMs } = start();
    await timing.advance(3_500);
    expect(stepsMs).toEqual([0, 1_000, 2_000, 3_000]);
  });

  it('doubles its pause up to a limit, until work is announced', async () => {
    const { timing, stepsMs } = start(() => false, { maxQuietMs: 3_000 });
    await timing.advance(9_500);
    flow.announce();
    await timing.advance(3_500);
    expect(stepsMs).toEqual([0, 1_000, 3_000, 6_000, 9_000, 9_500, 10_500, 12_500]);
  });

  it('starts at once if it has paused long enough, and never later than its shortest pause', async () => {
    const { timing, stepsMs } = start();
    await timing.advance(500);
    flow.announce();
    await timing.advance(30);
    flow.announce();
    flow.announce();
    await timing.advance(400);
    expect(stepsMs).toEqual([0, 500, 600]);
  });

  it('does not lose work that is announced during a step', async () => {
    let isFirst = true;
    const { timing, stepsMs } = start(() => {
      if (isFirst) flow.announce();
      isFirst = false;
      return false;
    });
    await timing.advance(900);
    expect(stepsMs).toEqual([0, 100]);
  });

  it('starts at once when it is woken', async () => {
    const { timing, stepsMs } = start();
    await timing.advance(30);
    flow.wake();
    await timing.advance(30);
    expect(stepsMs).toEqual([0, 30]);
  });
});
