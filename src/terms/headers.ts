/** The headers that state a policy on the platform's responses. The platform's own stay, and the stricter value wins. */

import { type Dictionary, parseDictionary, serializeDictionary, Token } from 'structured-headers';
import type { Policy } from './policy.ts';
import { tdmReservations } from './tdmrep.ts';
import { pathUsages } from './usage.ts';

/** What the headers state below a path prefix. */
interface PathTerms {
  readonly path: string;
  readonly usage: Dictionary;
  readonly isReserved: boolean;
}

interface TermsUrls {
  /** URL reference of the licence. */
  readonly licence: string;
  readonly licenceType: string;
  /** URL reference of the policy that TDMRep names. */
  readonly tdmPolicy: string;
}

export class TermsHeaders {
  /** The longest path first. */
  readonly #paths: readonly PathTerms[];
  readonly #link: string;
  readonly #tdmPolicy: string;

  constructor(policy: Policy, { licence, licenceType, tdmPolicy }: TermsUrls) {
    const reservations = tdmReservations(policy);
    this.#paths = pathUsages(policy, null)
      .map(({ path, members }) => ({
        path,
        usage: dictionaryOf(members),
        isReserved: reservations.findLast((one) => path.startsWith(one.path))?.isReserved ?? false,
      }))
      .toReversed();
    this.#link = `<${licence}>; rel="license"; type="${licenceType}"`;
    this.#tdmPolicy = tdmPolicy;
  }

  /**
   * Adds the headers for a path to those of a response.
   * @param headers flat list; it is changed.
   */
  addTo(headers: string[], path: string): void {
    headers.push('Link', this.#link);
    const terms = this.#paths.find((one) => path.startsWith(one.path));
    if (terms === undefined) return;
    if (terms.usage.size > 0) addUsage(headers, terms.usage);
    if (terms.isReserved) addReservation(headers, this.#tdmPolicy);
  }
}

function dictionaryOf(members: ReadonlyMap<string, string>): Dictionary {
  return new Map([...members].map(([key, value]) => [key, [new Token(value), new Map()]]));
}

/** Joins the platform's statement and ours, member by member. A statement that cannot be parsed states nothing. */
function addUsage(headers: string[], usage: Dictionary): void {
  const stated = takeField(headers, 'content-usage');
  const merged: Dictionary = stated.length === 0 ? new Map() : (parsedUsage(stated.join(', ')) ?? new Map());
  for (const [key, member] of usage) {
    if (!merged.has(key) || !isRefusal(merged.get(key)!)) merged.set(key, member);
  }
  headers.push('Content-Usage', serializeDictionary(merged));
}

/** Adds the reservation unless the platform states one itself, with a policy of its own. */
function addReservation(headers: string[], policyUrl: string): void {
  const stated = takeField(headers, 'tdm-reservation');
  if (stated.some((value) => value.trim() === '1')) {
    headers.push('TDM-Reservation', '1');
    return;
  }
  takeField(headers, 'tdm-policy');
  headers.push('TDM-Reservation', '1', 'TDM-Policy', policyUrl);
}

function parsedUsage(value: string): Dictionary | null {
  try {
    return parseDictionary(value);
  } catch {
    return null;
  }
}

function isRefusal([value]: readonly unknown[]): boolean {
  return value instanceof Token && value.toString() === 'n';
}

/** Removes a field from the list and returns its values. */
function takeField(headers: string[], lowerName: string): string[] {
  const values: string[] = [];
  for (let at = headers.length - 2; at >= 0; at -= 2) {
    const name = headers[at]!;
    if (name.length !== lowerName.length || name.toLowerCase() !== lowerName) continue;
    values.unshift(headers[at + 1]!);
    headers.splice(at, 2);
  }
  return values;
}
