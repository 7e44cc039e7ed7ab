/** Groups callers by network: the widest prefix of which at least half the seen addresses are callers. */

import type { CallerActivity } from './activity.ts';

/** How many of the addresses seen in a network are callers. */
export class NetworkDensity {
  readonly #seen = new Map<string, number>();
  readonly #callers = new Map<string, number>();

  saw(network: string, isCaller: boolean): void {
    this.#seen.set(network, (this.#seen.get(network) ?? 0) + 1);
    if (isCaller) this.#callers.set(network, (this.#callers.get(network) ?? 0) + 1);
  }

  isDense(network: string): boolean {
    return (this.#callers.get(network) ?? 0) * 2 >= (this.#seen.get(network) ?? 0);
  }

  callers(network: string): number {
    return this.#callers.get(network) ?? 0;
  }
}

/**
 * Returns the callers by network. A caller without neighbours is a group of its own, by its id. A wide group whose callers
 * are all in one narrow network is named by that one.
 * @param seen every caller with usage. @param isCaller true for those that are grouped.
 */
export function networkGroups(
  seen: readonly CallerActivity[],
  isCaller: (one: CallerActivity) => boolean,
): Map<string, CallerActivity[]> {
  const density = new NetworkDensity();
  for (const one of seen) {
    for (const network of [one.network, one.wideNetwork]) density.saw(network, isCaller(one));
  }
  const found = new Map<string, CallerActivity[]>();
  for (const one of seen.filter(isCaller)) {
    const { network: narrow, wideNetwork: wide } = one;
    const isWide = density.isDense(wide) && density.callers(wide) > density.callers(narrow);
    const network = isWide ? wide : density.isDense(narrow) ? narrow : one.clientId;
    const members = found.get(network);
    if (members === undefined) found.set(network, [one]);
    else members.push(one);
  }
  return new Map(
    [...found].map(([network, members]) => [members.length > 1 ? network : members[0]!.clientId, members]),
  );
}
