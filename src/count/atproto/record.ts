/** Decides whether a decoded record is a post, and by which selector. */

import { valuePasses, type Where } from '../where.ts';
import type { RecordPlan } from './plan.ts';

export type DagMap = Readonly<Record<string, unknown>>;

/** The first selector that matches the value of a block; -1 if it is not a post. */
export function selectorOf(plan: RecordPlan, value: unknown): number {
  const type = memberOf(value, '$type');
  if (typeof type !== 'string') return -1;
  return plan.tests.findIndex(
    (test) => test.type === type && (test.where === null || passes(test.where, value)),
  );
}

/** A DAG-CBOR map, as opposed to a list, bytes or a link. */
export function isMap(value: unknown): value is DagMap {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return !(value instanceof Uint8Array) && (value as { asCID?: unknown }).asCID !== value;
}

/** Undefined if it is absent, which DAG-CBOR values never are. */
export function memberOf(value: unknown, name: string): unknown {
  // Own members only, because a map may contain any name, including `__proto__` and `constructor`.
  return isMap(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function passes(where: Where, record: unknown): boolean {
  return valuePasses(where, where.member.reduce(memberOf, record));
}
