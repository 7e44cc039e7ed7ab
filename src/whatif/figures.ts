/** The figures of a what-if: sums over its clients. Pages of clients add up in any order. */

import type { Tariff } from '../tariff/tariff.ts';
import {
  type Charged,
  type Comparison,
  type CurvePoint,
  compareClient,
  type TermsReading,
} from './comparison.ts';
import { curveLimits } from './limit.ts';

export interface WhatIfFigures {
  /** Clients with usage in the range. */
  readonly clients: number;
  /** Those of them that cannot have a breach under any of the tariffs and were passed over (concern.ts). */
  readonly unconcerned: number;
  readonly now: Charged;
  readonly tried: Charged;
  readonly readings: readonly TermsReading[];
  readonly curve: readonly CurvePoint[];
}

/** The figures of no clients: with every reading and every point of the curve. */
export function noFigures(terms: Tariff): WhatIfFigures {
  const steps = compareClient({
    ...{ clientId: '', served: [], versions: [], terms },
    ...{ limits: curveLimits(terms), bucketSeconds: 60 },
  });
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done !== true) continue;
    const { client, readings, curve } = step.value;
    return { clients: 0, unconcerned: 0, now: client.now, tried: client.tried, readings, curve };
  }
}

/** `compared` must be under the same terms. */
export function addComparison(sum: WhatIfFigures, compared: Comparison): WhatIfFigures {
  const { client, readings, curve } = compared;
  return {
    clients: sum.clients + 1,
    unconcerned: sum.unconcerned,
    now: addCharged(sum.now, client.now),
    tried: addCharged(sum.tried, client.tried),
    readings: sum.readings.map((one, index) => ({ ...one, ...added(one, readings[index]!) })),
    curve: sum.curve.map((one, index) => ({
      ...{ ...one, ...added(one, curve[index]!) },
      clients: one.clients + curve[index]!.clients,
    })),
  };
}

function added(a: Billed, b: Billed): Billed {
  return { billedPosts: a.billedPosts + b.billedPosts, amountMinor: a.amountMinor + b.amountMinor };
}

type Billed = Pick<CurvePoint, 'billedPosts' | 'amountMinor'>;

export function addUnconcerned(sum: WhatIfFigures): WhatIfFigures {
  return { ...sum, clients: sum.clients + 1, unconcerned: sum.unconcerned + 1 };
}

function addCharged(a: Charged, b: Charged): Charged {
  const amounts: Record<string, bigint> = { ...a.amounts };
  for (const [currency, minor] of Object.entries(b.amounts)) {
    amounts[currency] = (amounts[currency] ?? 0n) + minor;
  }
  return {
    clients: a.clients + b.clients,
    breaches: a.breaches + b.breaches,
    months: a.months + b.months,
    billedPosts: a.billedPosts + b.billedPosts,
    amounts,
  };
}
