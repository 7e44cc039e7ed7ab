/** The point from which a client is recomputed, with values worked out by hand. */

import { describe, expect, it } from 'vitest';
import type { Breach } from '../../src/invoice/model.ts';
import { recomputeBefore, recomputeFrom } from '../../src/invoice/recompute-from.ts';
import { DEFAULT_TARIFF, type Tariff } from '../../src/tariff/tariff.ts';
import type { Period } from '../../src/tariff/timeline.ts';

const at = (moment: string) => Date.parse(`2026-${moment}Z`);
const FOR_EVER = Number.POSITIVE_INFINITY;
const MARCH = at('03-01T00:00');

const period = (tariff: Tariff, fromMs = 0, toMs = FOR_EVER): Period => ({
  fromMs,
  toMs,
  versionId: 'v',
  tariff,
});
const damages = (windowSeconds: number) => period({ ...DEFAULT_TARIFF, windowSeconds });
const {
  threshold: _t,
  basis: _b,
  windowSeconds: _w,
  onThreshold: _o,
  whenUnknown: _u,
  ...charge
} = DEFAULT_TARIFF;
const licensed = (toMs: number) => period({ ...charge, kind: 'licence', included: 5 }, 0, toMs);
const reaching = (stretchFromMs: number) => ({ stretchFromMs }) as Breach;

describe('the first point', () => {
  it('lies one longest window before the earliest change', () => {
    const changedMs = at('03-10T12:00');
    expect(recomputeFrom(changedMs, [damages(3_600), damages(86_400)], 60)).toBe(at('03-09T12:00'));
    expect(recomputeFrom(changedMs, [], 60)).toBe(changedMs);
  });

  it('lies after every bucket if nothing changed', () => {
    expect(recomputeFrom(null, [damages(3_600)], 60)).toBe(FOR_EVER);
  });
});

describe('moving back from it', () => {
  const pointMs = at('03-09T12:00');

  it('keeps the point if no breach spans it', () => {
    expect(recomputeBefore(pointMs, [], [damages(3_600)])).toBe(pointMs);
    expect(recomputeBefore(pointMs, [reaching(pointMs)], [damages(3_600)])).toBe(pointMs);
  });

  it('moves to the start of the earliest breach that reaches the point', () => {
    const [early, late] = [at('03-07T01:00'), at('03-08T01:00')];
    expect(recomputeBefore(pointMs, [reaching(late), reaching(early)], [damages(3_600)])).toBe(early);
    expect(recomputeBefore(FOR_EVER, [reaching(late)], [])).toBe(late);
  });

  it.each([
    ['that is still in force', FOR_EVER, MARCH],
    ['that ended in the month', at('03-02T00:00'), MARCH],
    ['that ended when the month began', MARCH, pointMs],
    ['that ended before', at('02-20T00:00'), pointMs],
  ])('moves to the start of the month for a licence %s', (_what, toMs, expected) => {
    expect(recomputeBefore(pointMs, [], [licensed(toMs), damages(3_600)])).toBe(expected);
  });

  it('returns FOR_EVER if nothing changed and nothing is open, with or without a licence', () => {
    expect(recomputeBefore(FOR_EVER, [], [licensed(FOR_EVER)])).toBe(FOR_EVER);
  });
});
