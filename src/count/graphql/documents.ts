/** Finds the document of a request: its own, one that the operator has listed, or one that was seen with its hash. */

import { LRUCache } from 'lru-cache';
import type { GraphqlParameters } from './parameters.ts';

/** SHA-256 of the text's UTF-8, in lower-case hex. Node and workerd provide it differently. */
export type Sha256Hex = (text: string) => string;

/** Size of the cache of automatically persisted queries, in characters. */
const MAX_REMEMBERED_LENGTH = 4 * 1024 * 1024;

export class Documents {
  readonly #listed: ReadonlyMap<string, string>;
  /** By SHA-256. */
  readonly #seen = new LRUCache<string, string>({
    maxSize: MAX_REMEMBERED_LENGTH,
    sizeCalculation: (text) => text.length + 64,
  });

  /** @param listed by id. */
  constructor(listed: Readonly<Record<string, string>>) {
    this.#listed = new Map(Object.entries(listed));
  }

  /** The document; null if it is unknown, or if two are named and the upstream may execute either. */
  find({ query, ids, sha256 }: GraphqlParameters, sha256Hex: Sha256Hex): string | null {
    if (query !== null) return this.#sent(query, ids, sha256, sha256Hex);
    const named = ids.map((id) => this.#listed.get(id));
    if (sha256 !== null) named.push(this.#listed.get(sha256) ?? this.#seen.get(sha256));
    const [first] = named;
    return first !== undefined && named.every((text) => text === first) ? first : null;
  }

  knowsAll(ids: readonly string[]): boolean {
    return ids.every((id) => this.#listed.has(id));
  }

  #sent(query: string, ids: readonly string[], sha256: string | null, sha256Hex: Sha256Hex): string | null {
    const all = sha256 === null ? ids : [...ids, sha256];
    for (const id of all) if ((this.#listed.get(id) ?? query) !== query) return null;
    if (sha256 === null || this.#listed.has(sha256) || this.#seen.get(sha256) === query) return query;
    // The upstream refuses a hash that is not the document's, or executes the document that it has under that hash.
    if (sha256Hex(query) !== sha256) return null;
    this.#seen.set(sha256, query);
    return query;
  }
}
