import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ClockFlag, MeterClock, STEP_MS } from '../../../src/meter/clock/clock.ts';

const startMs = Date.UTC(2026, 2, 1, 12);
const MAX_SKEW_MS = 60_000;
const HOUR_MS = 3_600_000;

/** A machine whose clocks the test changes, and the ledger's clock, which is correct. */
class Machine {
  trueMs = startMs;
  wallMs: number;
  monotonicMs = 5_000.25;
  readonly clock: MeterClock;

  constructor({ wallOffMs = 0, hasArbiter = true } = {}) {
    this.wallMs = startMs + wallOffMs;
    const [wallMs, monotonicMs] = [() => this.wallMs, () => this.monotonicMs];
    this.clock = new MeterClock({ wallMs, monotonicMs, hasArbiter, maxSkewMs: MAX_SKEW_MS });
  }

  pass(ms: number): void {
    this.trueMs += ms;
    this.wallMs += ms;
    this.monotonicMs += ms;
  }

  suspend(ms: number): void {
    this.trueMs += ms;
    this.wallMs += ms;
  }

  /** The ledger's reading is from the middle of the `tookMs` that have passed. */
  ask(tookMs = 0): boolean {
    const { monotonicMs } = this;
    return this.clock.confirm({
      ledgerNowMs: this.trueMs - tookMs / 2,
      sentMonotonicMs: monotonicMs - tookMs,
      receivedMonotonicMs: monotonicMs,
    });
  }

  get state(): [offMs: number, flagged: ClockFlag] {
    return [this.clock.nowMs() - this.trueMs, this.clock.flagged];
  }
}

describe('the metering clock', () => {
  it("equals the machine's clock while all clocks agree", () => {
    const machine = new Machine();
    expect(machine.state).toEqual([0, 'unconfirmed']);
    machine.ask();
    machine.pass(1_234);
    expect(machine.state).toEqual([0, 'ok']);
    expect(machine.clock.skewMs).toBeCloseTo(0);
  });

  it('reports that the ledger has not been read lately, and continues', () => {
    const machine = new Machine();
    machine.ask();
    machine.pass(HOUR_MS);
    expect(machine.state).toEqual([0, 'unconfirmed']);
    machine.ask();
    expect(machine.state).toEqual([0, 'ok']);
  });

  it.each([HOUR_MS, -HOUR_MS, 30_000, -30_000])('does not follow a step of %i ms', (stepMs) => {
    const machine = new Machine();
    machine.ask();
    machine.wallMs += stepMs;
    machine.pass(1_000);
    expect(machine.clock.isDoubtful).toBe(true);
    expect(machine.state).toEqual([0, 'stepped']);
    machine.ask();
    machine.pass(1_000);
    expect(machine.clock.isDoubtful).toBe(false);
    expect(machine.state).toEqual([0, Math.abs(stepMs) > MAX_SKEW_MS ? 'skewed' : 'stepped']);
    expect(machine.clock.skewMs).toBeCloseTo(stepMs);
    machine.wallMs -= stepMs;
    expect(machine.state[0]).toBe(0);
    machine.ask();
    expect(machine.state).toEqual([0, 'ok']);
  });

  it('follows small steps forward, and does not move during small steps back', () => {
    const machine = new Machine();
    machine.ask();
    machine.wallMs += 1_500;
    expect(machine.state).toEqual([1_500, 'ok']);
    machine.wallMs -= 1_500;
    expect(machine.state).toEqual([1_500, 'ok']);
    machine.pass(1_000);
    expect(machine.state).toEqual([500, 'ok']);
    machine.pass(1_000);
    expect(machine.state).toEqual([0, 'ok']);
  });

  it("follows a step towards the ledger's clock", () => {
    const machine = new Machine({ wallOffMs: -40_000 });
    machine.ask();
    expect(machine.state).toEqual([-40_000, 'ok']);
    machine.wallMs += 40_000;
    expect(machine.state).toEqual([-40_000, 'stepped']);
    machine.ask();
    expect(machine.state).toEqual([0, 'ok']);
  });

  it('follows the jump after a suspension of the machine once the ledger has confirmed it', () => {
    const machine = new Machine();
    machine.ask();
    machine.suspend(8 * HOUR_MS);
    expect(machine.state).toEqual([-8 * HOUR_MS, 'stepped']);
    machine.ask();
    expect(machine.state).toEqual([0, 'ok']);
  });

  it.each([10 * 60_000, -10 * 60_000])(
    'follows the ledger if the machine is off by %i ms from the start',
    (wallOffMs) => {
      const machine = new Machine({ wallOffMs });
      machine.ask();
      expect(machine.state).toEqual([0, 'skewed']);
      machine.pass(HOUR_MS);
      expect(machine.state).toEqual([0, 'skewed']);
    },
  );

  it("does not move until the correct time has come if it was ahead at the ledger's reading", () => {
    const machine = new Machine({ wallOffMs: 10 * 60_000 });
    const saidMs = machine.clock.nowMs();
    machine.ask();
    machine.pass(9 * 60_000);
    expect(machine.clock.nowMs()).toBe(saidMs);
    machine.pass(2 * 60_000);
    expect(machine.state).toEqual([0, 'skewed']);
  });

  it('ignores a reading that took long', () => {
    const machine = new Machine();
    machine.pass(5_000);
    expect(machine.ask(2_001)).toBe(false);
    expect(machine.state).toEqual([0, 'unconfirmed']);
    expect(machine.ask(2_000)).toBe(true);
    expect(machine.clock.skewMs).toBeCloseTo(0);
  });

  it('follows a step forward and no step back if there is no arbiter', () => {
    const machine = new Machine({ hasArbiter: false });
    expect(machine.state).toEqual([0, 'ok']);
    machine.suspend(8 * HOUR_MS);
    expect(machine.state).toEqual([0, 'ok']);
    machine.wallMs -= HOUR_MS;
    machine.pass(1_000);
    expect(machine.state).toEqual([0, 'stepped']);
    machine.wallMs += HOUR_MS;
    expect(machine.state).toEqual([0, 'ok']);
  });

  it('continues from the last usage if there is no arbiter and the machine was set back while it was off', () => {
    const machine = new Machine({ wallOffMs: -HOUR_MS, hasArbiter: false });
    machine.clock.resume(startMs);
    expect(machine.state).toEqual([0, 'stepped']);
    machine.pass(60_000);
    expect(machine.state).toEqual([0, 'stepped']);
    machine.wallMs += 2 * HOUR_MS;
    expect(machine.state).toEqual([HOUR_MS, 'ok']);
  });

  it.each([
    ['is within the bound', -MAX_SKEW_MS, false],
    ['is ahead', HOUR_MS, false],
    ['is decided by the ledger', -HOUR_MS, true],
  ])('follows the clock of a machine that was off if it %s', (_what, wallOffMs, hasArbiter) => {
    const machine = new Machine({ wallOffMs, hasArbiter });
    machine.clock.resume(startMs);
    expect(machine.clock.nowMs()).toBe(startMs + wallOffMs);
    expect(machine.clock.flagged).not.toBe('stepped');
  });
});

describe('for any behaviour of the clocks', () => {
  const stepMs = fc.oneof(
    fc.integer({ min: -5_000, max: 5_000 }),
    fc.integer({ min: -90_000, max: 90_000 }),
    fc.integer({ min: -30 * 24 * HOUR_MS, max: 30 * 24 * HOUR_MS }),
  );
  const event = fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(90_000) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('ask' as const), ms: fc.nat(3_000) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('step' as const), ms: stepMs }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('suspend' as const), ms: fc.nat(8 * HOUR_MS) }) },
  );
  const happen = (machine: Machine, { kind, ms }: { readonly kind: string; readonly ms: number }) => {
    if (kind === 'pass') machine.pass(ms);
    if (kind === 'step') machine.wallMs += ms;
    if (kind === 'suspend') machine.suspend(ms);
    if (kind === 'ask') {
      machine.pass(ms);
      machine.ask(ms);
    }
  };
  const story = fc.array(event, { maxLength: 60 });

  it('it never runs backwards, and returns whole milliseconds', () => {
    fc.assert(
      fc.property(story, stepMs, fc.boolean(), (events, wallOffMs, hasArbiter) => {
        const machine = new Machine({ wallOffMs, hasArbiter });
        let saidMs = machine.clock.nowMs();
        for (const one of events) {
          happen(machine, one);
          const nowMs = machine.clock.nowMs();
          expect(nowMs).toBeGreaterThanOrEqual(saidMs);
          expect(Number.isInteger(nowMs)).toBe(true);
          saidMs = nowMs;
        }
      }),
      { numRuns: 500 },
    );
  });

  it("it never exceeds the ledger's clock by more than the bound, once that clock has been read", () => {
    fc.assert(
      fc.property(story, stepMs, (events, wallOffMs) => {
        const machine = new Machine({ wallOffMs });
        machine.ask();
        for (const one of events) {
          happen(machine, one);
          expect(machine.clock.nowMs() - machine.trueMs).toBeLessThanOrEqual(MAX_SKEW_MS + STEP_MS);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('it is correct within the bound as soon as the ledger has been read', () => {
    fc.assert(
      fc.property(story, stepMs, (events, wallOffMs) => {
        const machine = new Machine({ wallOffMs });
        machine.ask();
        for (const one of events) happen(machine, one);
        machine.ask();
        expect(Math.abs(machine.clock.nowMs() - machine.trueMs)).toBeLessThanOrEqual(MAX_SKEW_MS + STEP_MS);
      }),
      { numRuns: 500 },
    );
  });

  it("it equals the machine's clock again once that clock has been correct for the bound", () => {
    fc.assert(
      fc.property(story, (events) => {
        const machine = new Machine();
        machine.ask();
        for (const one of events) happen(machine, one);
        machine.wallMs = machine.trueMs;
        machine.ask();
        machine.pass(MAX_SKEW_MS + STEP_MS);
        expect(machine.clock.nowMs()).toBe(machine.trueMs);
      }),
      { numRuns: 500 },
    );
  });
});
