/** The member names that lead on from one place, looked up by their bytes in the body. */

import { sameBytes } from '../bytes.ts';

export interface NamedChild<Child> {
  readonly name: Uint8Array;
  readonly child: Child;
  /** Its number among the names of its place. */
  readonly index: number;
}

/** Up to this many names are compared one by one; more are hashed, such as the aliases of a GraphQL request. */
const FEW_NAMES = 8;

export class Names<Child> {
  readonly list: readonly NamedChild<Child>[];
  readonly #byHash: ReadonlyMap<number, readonly NamedChild<Child>[]> | null;

  constructor(list: readonly NamedChild<Child>[]) {
    this.list = list;
    this.#byHash = list.length <= FEW_NAMES ? null : byHash(list);
  }

  get size(): number {
    return this.list.length;
  }

  /** The child whose name is in `bytes` from `from` to `to`. */
  find(bytes: Uint8Array, from: number, to: number): NamedChild<Child> | null {
    const candidates = this.#byHash === null ? this.list : this.#byHash.get(hash(bytes, from, to));
    if (candidates === undefined) return null;
    for (const named of candidates) if (sameBytes(bytes, from, to, named.name)) return named;
    return null;
  }
}

export const NO_NAMES: Names<never> = new Names([]);

function byHash<Child>(list: readonly NamedChild<Child>[]): Map<number, NamedChild<Child>[]> {
  const groups = new Map<number, NamedChild<Child>[]>();
  for (const named of list) {
    const key = hash(named.name, 0, named.name.length);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [named]);
    else group.push(named);
  }
  return groups;
}

/** FNV-1a. Names come from the operator or the request; a collision only costs a comparison. */
function hash(bytes: Uint8Array, from: number, to: number): number {
  let h = 0x811c9dc5;
  for (let at = from; at < to; at++) h = Math.imul(h ^ bytes[at]!, 0x01000193);
  return h;
}
