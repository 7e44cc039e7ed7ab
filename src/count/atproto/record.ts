/** Says whether a decoded record is a post, and by which selector. */

import type { Where } from '../where.ts';
import { valuePasses } from '../where-value.ts';
import type { RecordPlan } from './plan.ts';

export type DagMap = Readonly<Record<string, unknown>>;

/** The first selector that fits the value of a block; -1 where it is no post. */
export function selectorOf(plan: RecordPlan, value: unknown): number {
  const type = memberOf(value, '$type');
  if (typeof type !== 'string') return -1;
  return plan.tests.findIndex(
    (test) => test.type === type && (test.where === null || passes(test.where, value)),
  );
}

/** A map of DAG-CBOR: no list, bytes or link. */
export function isMap(value: unknown): value is DagMap {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return !(value instanceof Uint8Array) && (value as { asCID?: unknown }).asCID !== value;
}

/** Undefined where there is none, which no value of DAG-CBOR is. */
export function memberOf(value: unknown, name: string): unknown {
  // Own members only: a map may hold any name, `__proto__` and `constructor` too.
  return isMap(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function passes(where: Where, record: unknown): boolean {
  return valuePasses(where, where.member.reduce(memberOf, record));
}
