/** The slow, obvious count over JSON.parse that the streaming scanner must equal: all paths are followed by hand. */

import type { Step } from '../../../src/count/json/path.ts';
import type { PostSelector } from '../../../src/count/json/plan.ts';
import type { Where } from '../../../src/count/where.ts';

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** A selector on its way: the steps that are left, and the last one that was taken. */
interface Way {
  readonly selector: PostSelector;
  readonly left: readonly Step[];
  readonly last: Step['kind'] | 'root';
}

/** Posts, or 'shape' where something stands that no path promises. */
export function slowCount(body: Json, selectors: readonly PostSelector[]): number | 'shape' {
  const ways = selectors.map((selector): Way => ({ selector, left: selector.path, last: 'root' }));
  return follow(body, ways, false);
}

function follow(value: Json, ways: readonly Way[], isInArray: boolean): number | 'shape' {
  if (ways.length === 0) return 0;
  const ending = ways.filter(({ left }) => left.length === 0);
  const isSingle = ending.some(({ last }) => last !== 'any');
  const isElement = ending.some(({ last }) => last === 'any');
  const isArray = Array.isArray(value);
  const isObject = typeof value === 'object' && value !== null && !isArray;
  const isPost = value !== null && ((isElement && isInArray) || (isObject && (isSingle || isElement)));
  let posts =
    isPost && ending.some(({ selector }) => !selector.where || passes(value, selector.where)) ? 1 : 0;
  if (isArray) {
    const below = taken(ways, (step) => step.kind === 'any');
    if (below.length === 0) return isPost || value.length === 0 ? posts : 'shape';
    for (const element of value) {
      const inside = follow(element, below, true);
      if (inside === 'shape') return inside;
      posts += inside;
    }
    return posts;
  }
  if (isObject) {
    for (const [name, member] of Object.entries(value)) {
      const below = taken(ways, (step) => (step.kind === 'any' ? !isSingle : step.name === name));
      const inside = follow(member, below, false);
      if (inside === 'shape') return inside;
      posts += inside;
    }
    return posts;
  }
  const isNothing = value === null || value === false || value === '';
  return isPost || isNothing ? posts : 'shape';
}

function taken(ways: readonly Way[], fits: (step: Step) => boolean): Way[] {
  return ways.flatMap(({ selector, left: [step, ...left] }) =>
    step !== undefined && fits(step) ? [{ selector, left, last: step.kind }] : [],
  );
}

function passes(item: Json, { member, negated, literals }: Where): boolean {
  let value: Json | undefined = item;
  for (const name of member) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, name))
      return false;
    value = value[name];
  }
  if (value === undefined) return false;
  return literals.some((literal) => literal === value) !== negated;
}
