/** Gathers user agents and routes of unknown callers in memory: a few comparisons per response, bounded for any requests. */

import { DEFAULT_TARIFF, type Tariff } from '../tariff/tariff.ts';
import { FrequentValues } from './frequent-values.ts';
import type { TraitSums } from './port.ts';

/** Callers gathered between two takes. At the limit, others are not gathered until the next take. About 1 KB each. */
const MAX_CALLERS = 20_000;
/** Characters kept of a value. */
const MAX_LENGTH = 200;

interface Gathered {
  readonly userAgents: FrequentValues;
  readonly routes: FrequentValues;
  /** True if the caller was seen since the last take. */
  isNew: boolean;
}

export class CallerTraits {
  readonly #callers = new Map<string, Gathered>();

  /** @param requests 0 for posts of a stream that is still running, otherwise 1. */
  saw(clientId: string, userAgent: string, route: string, requests: 0 | 1, posts: number): void {
    let caller = this.#callers.get(clientId);
    if (caller === undefined) {
      if (this.#callers.size >= MAX_CALLERS) return;
      caller = { userAgents: new FrequentValues(), routes: new FrequentValues(), isNew: true };
      this.#callers.set(clientId, caller);
    }
    caller.isNew = true;
    caller.userAgents.add(userAgent, requests, posts);
    caller.routes.add(route, requests, posts);
  }

  /**
   * Returns what was gathered of the callers that are kept, and forgets it. Others stay in memory until they are kept, the
   * day ends or memory is full.
   * @param isKept true if the caller took enough posts to be kept. Called only for callers seen since the last take.
   */
  take(isKept: (clientId: string) => boolean, isEndOfDay: boolean): TraitSums[] {
    const forgets = isEndOfDay || this.#callers.size >= MAX_CALLERS;
    const taken: TraitSums[] = [];
    for (const [clientId, caller] of this.#callers) {
      const kept = caller.isNew && isKept(clientId);
      caller.isNew = false;
      if (kept) taken.push(...sumsOf(clientId, caller));
      if (kept || forgets) this.#callers.delete(clientId);
    }
    return taken;
  }
}

function sumsOf(clientId: string, { userAgents, routes }: Gathered): TraitSums[] {
  return [
    ...userAgents.counts.map((count): TraitSums => ({ clientId, trait: 'user_agent', ...count })),
    ...routes.counts.map((count): TraitSums => ({ clientId, trait: 'route', ...count })),
  ];
}

/** Share of the threshold above which a caller's traits are kept. */
const KEPT_SHARE = 0.001;

/** True if a caller with this total took enough posts for its traits to be kept. */
export function keepsTraits(tariff: Tariff, total: number): boolean {
  const { threshold } = tariff.kind === 'damages' ? tariff : DEFAULT_TARIFF;
  return total > threshold * KEPT_SHARE;
}

/** The User-Agent field, cut to 200 characters; empty if there is none. @param headers flat list as received. */
export function userAgentOf(headers: readonly string[]): string {
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at]!;
    // Comparing lengths first avoids the lower-casing of almost every header.
    if (name.length === 10 && name.toLowerCase() === 'user-agent') return traitText(headers[at + 1]!);
  }
  return '';
}

const UNUSUAL = /[^\x20-\x7e]/;

/** Copies a long or unusual value, so that it does not keep the whole header in memory and PostgreSQL takes it as text. */
function traitText(value: string): string {
  if (value.length <= MAX_LENGTH && !UNUSUAL.test(value)) return value;
  return Array.from(value.slice(0, 2 * MAX_LENGTH).replaceAll(/[\p{Cc}\p{Cs}]/gu, '\ufffd'))
    .slice(0, MAX_LENGTH)
    .join('');
}
