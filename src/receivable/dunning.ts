/** When an overdue invoice reaches its next level of dunning, and what holds dunning back. */

import { addDays } from './date.ts';
import type { Receivable } from './model.ts';

export interface DunningLevel {
  /** From 1, without gaps. */
  readonly level: number;
  readonly daysAfterDue: number;
  /** False: only a person reminds at this level, and the levels after it wait. */
  readonly isAutomatic: boolean;
}

/** For sellers without levels of their own. */
export const DUNNING_LEVELS: readonly DunningLevel[] = [
  { level: 1, daysAfterDue: 3, isAutomatic: true },
  { level: 2, daysAfterDue: 14, isAutomatic: true },
  { level: 3, daysAfterDue: 28, isAutomatic: true },
];

/** What decides about the dunning of one invoice. */
export interface DunningCase {
  readonly receivable: Pick<Receivable, 'balanceMinor' | 'dueOn' | 'disputeId' | 'dunningLevel'>;
  /** UTC date of the latest dunning; null before the first. */
  readonly lastOn: string | null;
  /** The client is on billing hold. */
  readonly isHeld: boolean;
  /** A proposal about the invoice waits for its decision. */
  readonly hasProposal: boolean;
}

export type DunningObstacle = 'paid' | 'not_due' | 'disputed' | 'held' | 'proposal' | 'no_level';

export interface PlannedDunning {
  readonly level: number;
  /** UTC date from which the level is due. */
  readonly on: string;
  readonly isAutomatic: boolean;
}

/** Returns what holds dunning back on `today`, or the next level. A person may remind before the level is due. */
export function nextDunning(
  { receivable, lastOn, isHeld, hasProposal }: DunningCase,
  levels: readonly DunningLevel[],
  today: string,
): PlannedDunning | DunningObstacle {
  if (receivable.balanceMinor === 0n) return 'paid';
  if (receivable.disputeId !== null) return 'disputed';
  if (isHeld) return 'held';
  if (hasProposal) return 'proposal';
  if (today <= receivable.dueOn) return 'not_due';
  const inOrder = levels.toSorted((a, b) => a.level - b.level);
  const next = inOrder.find(({ level }) => level > receivable.dunningLevel);
  if (next === undefined) return 'no_level';
  const last = inOrder.findLast(({ level }) => level <= receivable.dunningLevel);
  const { level, daysAfterDue, isAutomatic } = next;
  const byDueDate = addDays(receivable.dueOn, daysAfterDue);
  // The time between two levels is what the earlier letter left the client, however late it was sent.
  const byLetter =
    lastOn === null ? byDueDate : addDays(lastOn, Math.max(1, daysAfterDue - (last?.daysAfterDue ?? 0)));
  return { level, on: byDueDate > byLetter ? byDueDate : byLetter, isAutomatic };
}

/** True if the job reminds at this level on `today`. */
export function isRemindedByItself(next: PlannedDunning | DunningObstacle, today: string): boolean {
  return typeof next !== 'string' && next.isAutomatic && next.on <= today;
}
