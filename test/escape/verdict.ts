/** Whether an attack was counted, or refused before the platform received it. */

import type { Attack } from './attack.ts';
import type { Sent } from './hostile-origin.ts';

/** The metered usage of one attack. */
export type Metered = Readonly<Record<'posts' | 'uncounted' | 'refused', number>>;

/** Posts that the origin sent for one attack. */
export function servedTo(number: string, sent: readonly Sent[]): number {
  return sent.reduce((total, { attack, posts }) => total + (attack === number ? posts : 0), 0);
}

/** How an attack escaped the count. Null if it did not. */
export function escapeOf(
  { leavesAfter, isPipelined }: Attack,
  served: number,
  { posts, uncounted, refused }: Metered,
  statuses: readonly number[],
): string | null {
  // A false alarm is possible without posts: a parameter has two values, and the platform uses the one without posts.
  if (served > 0 && uncounted > 0) return `${uncounted} responses are uncounted`;
  // A form that proves unreadable beyond its bound was forwarded in part. No response bytes are delivered.
  const isCutOff = refused > 0 && statuses.every((status) => [400, 413, 415].includes(status));
  // Of two requests on one connection the platform may answer the other one, with one of these statuses too.
  const isPart = leavesAfter !== undefined || (isCutOff && isPipelined);
  if (isPart) return posts > served ? `${posts} posts are counted, of ${served}` : null;
  const expected = isCutOff ? 0 : served;
  return posts === expected ? null : `${posts} posts are counted, not ${expected}`;
}
