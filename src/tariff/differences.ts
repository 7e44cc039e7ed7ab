/** How tariffs differ, and which version of one tariff is in force. */

import type { Tariff, TariffVersion } from './tariff.ts';
import { tariffToJson } from './terms.ts';

/** Names of the terms, as in the JSON of a tariff, that are not equal in both. */
export function differingTerms(tariff: Tariff, other: Tariff): string[] {
  const [one, two] = [tariff, other].map((terms) => tariffToJson(terms) as Record<string, unknown>);
  return [...new Set([...Object.keys(one!), ...Object.keys(two!)])].filter(
    (name) => one![name] !== two![name],
  );
}

/** The version that applies at a moment; undefined before the first. `versions` are of one tariff and not retired. */
export function versionAt<Version extends TariffVersion>(
  versions: readonly Version[],
  atMs: number,
): Version | undefined {
  return versions
    .filter(({ validFromMs }) => validFromMs <= atMs)
    .toSorted((a, b) => a.validFromMs - b.validFromMs || a.version - b.version)
    .at(-1);
}
