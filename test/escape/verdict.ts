/** Whether an attack was counted, or refused before the platform was asked. */

import type { Attack } from './attack.ts';
import type { Sent } from './hostile-origin.ts';

/** What was metered of one attack. */
export type Metered = Readonly<Record<'posts' | 'uncounted' | 'refused', number>>;

/** Posts that the origin sent to one attack. */
export function servedTo(number: string, sent: readonly Sent[]): number {
  return sent.reduce((total, { attack, posts }) => total + (attack === number ? posts : 0), 0);
}

/** How an attack escaped the count; null if it did not. */
export function escapeOf(
  { leavesAfter, isPipelined }: Attack,
  served: number,
  { posts, uncounted, refused }: Metered,
  statuses: readonly number[],
): string | null {
  // What holds no posts may raise an alarm: two values of a parameter, of which the platform takes the harmless one.
  if (served > 0 && uncounted > 0) return `${uncounted} responses are uncounted`;
  // A form that turns out unreadable behind its bound was forwarded in part; nothing of an answer is delivered.
  const isCutOff = refused > 0 && statuses.every((status) => [400, 413, 415].includes(status));
  // Of two requests on one connection the platform may answer the other one, with one of these statuses too.
  const isPart = leavesAfter !== undefined || (isCutOff && isPipelined);
  if (isPart) return posts > served ? `${posts} posts are counted, of ${served}` : null;
  const expected = isCutOff ? 0 : served;
  return posts === expected ? null : `${posts} posts are counted, not ${expected}`;
}
