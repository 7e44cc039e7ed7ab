/**
 * Which of several rules for one item must be told apart, as the switches of their kinds stand. A test that is left out
 * is not read: a plain list is counted 1.5 to 2 times as fast as one under test.
 */

import type { Counting } from './plan.ts';
import type { Way, WayEnd } from './ways.ts';

export type ItemWay = Way & { readonly end: Extract<WayEnd, { readonly kind: 'item' }> };

export function isItemWay(way: Way): way is ItemWay {
  return way.end.kind === 'item';
}

/**
 * The ways in the order of their rules, without those that make no difference to the count.
 * @param countings by rule; undefined where it is to be told what each rule finds.
 */
export function toldApart(ways: readonly ItemWay[], countings: readonly Counting[] | undefined): ItemWay[] {
  const sorted = [...ways].sort((a, b) => a.end.item.rule - b.end.item.rule);
  // What comes after an item without a test never gets its turn.
  const untested = sorted.findIndex(({ end }) => end.item.test === 0);
  const apart = untested === -1 ? sorted : sorted.slice(0, untested + 1);
  if (countings === undefined) return apart;
  const countingOf = (way: ItemWay | undefined) => way && countings[way.end.item.rule];
  // What fits no rule counts as little as what fits one that is switched off.
  while (countingOf(apart.at(-1)) === 'off') apart.pop();
  const last = apart.at(-1);
  if (last?.end.item.test !== 0) return apart;
  // What does not pass the test of the rule before falls to the last, and counts alike.
  const isAlike = (way: ItemWay | undefined) =>
    countingOf(way) === countingOf(last) && way?.end.item.idSlot === last.end.item.idSlot;
  while (apart.length > 1 && isAlike(apart.at(-2))) apart.splice(-2, 1);
  return apart;
}
