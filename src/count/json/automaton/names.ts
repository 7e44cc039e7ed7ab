/** The member names that lead on from one place, looked up by their bytes in the body. */

import { sameBytes } from '../bytes.ts';
import type { PlanNode } from './plan.ts';

export interface NamedChild {
  readonly name: Uint8Array;
  readonly child: PlanNode;
  /** Its number among the names of its place. */
  readonly index: number;
}

/** Up to this many names are compared one by one; more are hashed, such as the aliases of a GraphQL request. */
const FEW_NAMES = 8;

export class Names {
  readonly list: readonly NamedChild[];
  readonly #byHash: ReadonlyMap<number, readonly NamedChild[]> | null;

  constructor(list: readonly NamedChild[]) {
    this.list = list;
    this.#byHash = list.length <= FEW_NAMES ? null : byHash(list);
  }

  get size(): number {
    return this.list.length;
  }

  /** The child whose name is in `bytes` from `from` to `to`. */
  find(bytes: Uint8Array, from: number, to: number): NamedChild | null {
    const candidates = this.#byHash === null ? this.list : this.#byHash.get(hash(bytes, from, to));
    if (candidates === undefined) return null;
    for (const named of candidates) if (sameBytes(bytes, from, to, named.name)) return named;
    return null;
  }
}

export const NO_NAMES = new Names([]);

function byHash(list: readonly NamedChild[]): Map<number, NamedChild[]> {
  const groups = new Map<number, NamedChild[]>();
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
