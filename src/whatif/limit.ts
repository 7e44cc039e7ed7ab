/** The limit of a tariff, which a curve varies: the threshold of damages, the included posts of a licence. */

import type { DamagesTariff, LicenceTariff, Tariff } from '../tariff/tariff.ts';

/** A tariff with a limit. */
export type LimitedTariff = DamagesTariff | LicenceTariff;

/** Undefined for an exempt tariff, which has none. */
export function limitOf(tariff: Tariff): number | undefined {
  if (tariff.kind === 'exempt') return undefined;
  return tariff.kind === 'damages' ? tariff.threshold : tariff.included;
}

export function withLimit(tariff: LimitedTariff, limit: number): LimitedTariff {
  return tariff.kind === 'damages' ? { ...tariff, threshold: limit } : { ...tariff, included: limit };
}

const CURVE_POINTS = 24;
/** The curve has this many points to an octave. */
const POINTS_AN_OCTAVE = 8;
/** Index of the point that is the limit of the terms themselves: the first point is half of it. */
const OWN_POINT = 8;

/**
 * Returns the limits of the curve, rising: from half of the terms' own limit to 3.7 times it, 24 unless a small limit
 * makes some equal. They are rounded to three digits, except for the terms' own. Empty for a limit of 0 or without one.
 */
export function curveLimits(terms: Tariff): number[] {
  const own = limitOf(terms);
  if (own === undefined || own === 0) return [];
  const limits = Array.from({ length: CURVE_POINTS }, (_, index) =>
    index === OWN_POINT ? own : rounded(own * 2 ** ((index - OWN_POINT) / POINTS_AN_OCTAVE)),
  );
  return [...new Set(limits)];
}

function rounded(limit: number): number {
  return Math.min(Number.MAX_SAFE_INTEGER, Math.max(1, Math.round(Number(limit.toPrecision(3)))));
}
