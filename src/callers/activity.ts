/** What is known of each unknown caller in a range of time, built from its hours of usage and its traits. */

import { type Address, parseAddress } from '../identify/address.ts';
import { CALLER, isCaller, RANGE } from '../meter/client-id.ts';
import type { ValueCount } from './frequent-values.ts';
import { networkOf, wideNetworkOf } from './network.ts';
import type { CallerHour, TraitSums } from './port.ts';

const HOUR_MS = 3_600_000;

export interface CallerActivity {
  readonly clientId: string;
  /** The /24 or /48 of its address, and the /16 or /32. */
  readonly network: string;
  readonly wideNetwork: string;
  /** True for a range of callers (`net:`), which is never billed. */
  readonly isRange: boolean;
  posts: number;
  requests: number;
  /** Posts by hour of the day, UTC. */
  readonly hours: number[];
  /** Most posts first. Empty for a caller below 0.1 % of the threshold. */
  readonly userAgents: ValueCount[];
  readonly routes: ValueCount[];
}

/** Collects the activity of callers page by page. */
export class CallerActivities {
  readonly #byId = new Map<string, CallerActivity>();

  addHours(hours: readonly CallerHour[]): void {
    for (const { clientId, hourMs, posts, requests } of hours) {
      const caller = this.#byId.get(clientId) ?? this.#add(clientId);
      if (caller === null) continue;
      caller.posts += posts;
      caller.requests += requests;
      caller.hours[(hourMs / HOUR_MS) % 24]! += posts;
    }
  }

  /** Traits of callers without usage are ignored. */
  addTraits(sums: readonly TraitSums[]): void {
    for (const { clientId, trait, value, requests, posts } of sums) {
      const caller = this.#byId.get(clientId);
      (trait === 'route' ? caller?.routes : caller?.userAgents)?.push({ value, requests, posts });
    }
    for (const { userAgents, routes } of this.#byId.values()) {
      userAgents.sort(byPosts);
      routes.sort(byPosts);
    }
  }

  /** The caller with the most posts first. */
  all(): CallerActivity[] {
    return [...this.#byId.values()].sort((a, b) => b.posts - a.posts || (a.clientId < b.clientId ? -1 : 1));
  }

  /** Returns null for `net:unknown`, which has no address. */
  #add(clientId: string): CallerActivity | null {
    const address = addressOf(clientId);
    if (address === null) return null;
    const caller: CallerActivity = {
      clientId,
      network: networkOf(address),
      wideNetwork: wideNetworkOf(address),
      ...{ isRange: !isCaller(clientId), posts: 0, requests: 0 },
      hours: new Array<number>(24).fill(0),
      userAgents: [],
      routes: [],
    };
    this.#byId.set(clientId, caller);
    return caller;
  }
}

/** The address that the id of a caller or range of callers names; null if it names none. */
export function addressOf(clientId: string): Address | null {
  const start = [CALLER, RANGE].find((prefix) => clientId.startsWith(prefix));
  return start === undefined ? null : parseAddress(clientId.slice(start.length).split('/')[0]!);
}

function byPosts(a: ValueCount, b: ValueCount): number {
  return b.posts - a.posts || b.requests - a.requests || (a.value < b.value ? -1 : 1);
}
