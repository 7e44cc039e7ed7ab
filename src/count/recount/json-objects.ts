/** Finds objects in fully parsed JSON. */

import type { JSONValue } from 'json-p3';

/** All objects at any depth for which `isWanted` returns true. */
export function objectsIn(value: JSONValue, isWanted: (value: JSONValue) => boolean): JSONValue[] {
  if (typeof value !== 'object' || value === null) return [];
  const below = Object.values(value).flatMap((member) => objectsIn(member, isWanted));
  return isWanted(value) ? [value, ...below] : below;
}
