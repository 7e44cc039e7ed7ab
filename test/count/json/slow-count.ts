/** The slow, obvious count over JSON.parse that the streaming scanner must equal: all paths are followed by hand. */

import type { Step } from '../../../src/count/json/automaton/path.ts';
import type { PostSelector } from '../../../src/count/json/automaton/plan.ts';
import type { Where } from '../../../src/count/where.ts';

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** An item: the rule that it counts by, and the text of its id. */
export interface SlowItem {
  readonly rule: number;
  readonly id: string | null;
}

/** A partly matched selector: this many of its steps were taken. */
interface Way {
  readonly selector: PostSelector;
  readonly at: number;
}

class Misshapen extends Error {}

/** Posts, or 'shape' if the body has a value that no path allows. */
export function slowCount(body: Json, selectors: readonly PostSelector[]): number | 'shape' {
  const items = slowItems(body, selectors);
  return items === 'shape' ? items : items.length;
}

/** The items in the order of their ends. */
export function slowItems(body: Json, selectors: readonly PostSelector[]): SlowItem[] | 'shape' {
  const ways = selectors.map((selector): Way => ({ selector, at: 0 }));
  try {
    return follow(body, ways, false);
  } catch (error) {
    if (error instanceof Misshapen) return 'shape';
    throw error;
  }
}

function follow(value: Json, arrived: readonly Way[], isInArray: boolean): SlowItem[] {
  const ways = arrived.flatMap(withItself);
  const ended = ways.filter(({ selector, at }) => at === selector.path.length);
  const ending = ended.filter(({ selector }) => !selector.inside);
  const holding = ended.filter(({ selector }) => selector.inside);
  const isSingle = ending.some((way) => !isSpread(lastOf(way)) || lastOf(way)?.kind === 'itself');
  const isElement = ending.some((way) => isSpread(lastOf(way)));
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const hasScalars = ending.some((way) => way.selector.scalars === true);
  const isInList = value !== null && isElement && isInArray;
  const isPost = (isInList && hasScalars) || (isObject && (isSingle || isElement));
  const inside: SlowItem[] = [];
  let isExplained = isPost || isInList || isEmpty(value) || !ways.some(isStrict);
  if (Array.isArray(value)) {
    const below = ways.flatMap((way) => taken(way, null, isSingle));
    if (below.length > 0) isExplained = true;
    for (const element of value) inside.push(...follow(element, below, true));
  } else if (isObject) {
    for (const [name, member] of Object.entries(value)) {
      inside.push(
        ...follow(
          member,
          ways.flatMap((way) => taken(way, name, isSingle)),
          false,
        ),
      );
    }
    isExplained ||= holding.length === 0 || ways.some((way) => mayLeadOn(way, isSingle));
  } else if (typeof value === 'string' && holding.length > 0) {
    inside.push(...textItems(value, holding));
    isExplained = true;
  }
  if (!isExplained) throw new Misshapen();
  const item = isPost ? itemOf(value, ending) : undefined;
  return item === undefined ? inside : [...inside, item];
}

function isEmpty(value: Json): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return value === null || value === false || value === '';
}

function textItems(text: string, holding: readonly Way[]): SlowItem[] {
  if (!/^[ \t\r\n]*[{[]/.test(text)) return [];
  const selectors = holding.map(({ selector: { inside, ...rest } }) => ({ ...rest, path: inside! }));
  const items = slowItems(JSON.parse(text) as Json, selectors);
  if (items === 'shape') throw new Misshapen();
  return items;
}

function lastOf({ selector }: Way): Step | undefined {
  return selector.path.at(-1);
}

function isSpread(step: Step | undefined): boolean {
  return step !== undefined && step.kind !== 'name';
}

/** A step that may stay in its place continues from here too. */
function withItself(way: Way): Way[] {
  const isItself = way.selector.path[way.at]?.kind === 'itself';
  return isItself ? [way, ...withItself({ ...way, at: way.at + 1 })] : [way];
}

/** Whether nothing on the way was searched for. */
function isStrict({ selector, at }: Way): boolean {
  return !selector.path.slice(0, at + 1).some(({ deep }) => deep);
}

function mayLeadOn({ selector, at }: Way, isSingle: boolean): boolean {
  const step = selector.path[at];
  if (step === undefined) return false;
  return step.deep === true || step.kind === 'name' || (step.kind === 'any' && !isSingle);
}

/** Returns where a path continues below a member of that name, or below an element (null). */
function taken(way: Way, name: string | null, isSingle: boolean): Way[] {
  const step = way.selector.path[way.at];
  if (step === undefined) return [];
  const stays = step.deep ? [way] : [];
  const isFitting =
    step.kind === 'name'
      ? step.name === name
      : name === null || (step.kind === 'any' && (step.deep === true || !isSingle));
  return isFitting ? [...stays, { ...way, at: way.at + 1 }] : stays;
}

function itemOf(item: Json, ending: readonly Way[]): SlowItem | undefined {
  const [first] = ending
    .map(({ selector }) => selector)
    .filter(({ where }) => !where || passes(item, where))
    .filter(
      ({ sameOrigin }) => !sameOrigin || haveSameOrigin(sameOrigin.map((names) => memberOf(item, names))),
    )
    .sort((a, b) => a.rule - b.rule);
  return first === undefined ? undefined : { rule: first.rule, id: first.id ? idOf(item, first.id) : null };
}

function idOf(item: Json, names: readonly string[]): string | null {
  const value = memberOf(item, names);
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' && Buffer.byteLength(value) <= 512 ? value : null;
}

function passes(item: Json, where: Where): boolean {
  const value = memberOf(item, where.member);
  const isThere = value !== undefined && value !== null;
  switch (where.kind) {
    case 'present':
      return isThere;
    case 'absent':
      return !isThere;
    case 'contains':
      return typeof value === 'string' && value.includes(where.text);
    case 'equals':
      return value !== undefined && where.literals.some((literal) => literal === value) !== where.negated;
  }
}

function haveSameOrigin(members: ReadonlyArray<Json | undefined>): boolean {
  const [one, other] = members.map((member) => {
    const address = typeof member === 'string' ? member : memberOf(member ?? null, ['id']);
    return typeof address === 'string' ? /^https?:\/\/[^/]*/.exec(address)?.[0] : undefined;
  });
  return one !== undefined && one === other;
}

function memberOf(item: Json, names: readonly string[]): Json | undefined {
  let value: Json | undefined = item;
  for (const name of names) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, name))
      return undefined;
    value = value[name];
  }
  return value;
}
