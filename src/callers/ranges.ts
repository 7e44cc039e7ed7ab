/** Proposes the address ranges by which callers that are named as one client are recognised from then on. */

import { CALLER } from '../meter/client-id.ts';
import type { CallerActivity } from './activity.ts';
import { NetworkDensity } from './network-groups.ts';

/** Chosen callers in a network from which the whole network is proposed. */
const MIN_CHOSEN = 3;

/**
 * Returns the whole /24 or /48 where at least 3 chosen callers are at least half of the seen addresses, and the chosen
 * callers' own addresses elsewhere: a range also bills its client for strangers in it.
 */
export function proposedRanges(chosen: readonly CallerActivity[], seen: readonly CallerActivity[]): string[] {
  const density = new NetworkDensity();
  const isChosen = new Set(chosen);
  for (const one of seen) if (!one.isRange) density.saw(one.network, isChosen.has(one));
  const ranges = chosen.map((one) => {
    const { network } = one;
    const isWhole = density.isDense(network) && density.callers(network) >= MIN_CHOSEN;
    return isWhole ? network : ownRange(one.clientId);
  });
  return [...new Set(ranges)].sort();
}

/** The range of a caller's own address or prefix. */
export function ownRange(clientId: string): string {
  const text = clientId.slice(CALLER.length);
  if (text.includes('/')) return text;
  return `${text}/${text.includes(':') ? 128 : 32}`;
}
