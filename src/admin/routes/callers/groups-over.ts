/** Networks of unknown callers that are together over the threshold, for the overview. */

import { reportCallers } from '../../../callers/report.ts';
import { bucketOf } from '../../../meter/usage.ts';
import type { AdminDeps } from '../../deps.ts';
import { asOneJson } from './callers.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Groups that are judged: those with the most posts. */
const MAX_GROUPS = 20;

type Deps = Pick<AdminDeps, 'store' | 'callers' | 'rules'>;
type GroupOver = { readonly key: string } & ReturnType<typeof asOneJson>;

/**
 * The returned function computes the groups of the last 24 hours at most once a minute, because a live page asks every
 * few seconds.
 */
export function groupsOver({ store, callers, rules }: Deps): (nowMs: number) => Promise<GroupOver[]> {
  let minute = Number.NaN;
  let latest: Promise<GroupOver[]>;
  const compute = async (nowMs: number): Promise<GroupOver[]> => {
    const { bucketSeconds } = rules;
    const toMs = bucketOf(nowMs, bucketSeconds) + bucketSeconds * 1000;
    const asked = {
      by: 'network',
      fromMs: toMs - DAY_MS,
      toMs,
      minPosts: 1,
      limit: MAX_GROUPS,
      chosen: [],
    } as const;
    const { items, threshold } = await reportCallers(
      callers,
      asked,
      await store.tariffsFor([]),
      bucketSeconds,
    );
    return items
      .filter(({ group }) => group.members.length > 1)
      .map(({ group, asOne }) => ({ key: group.key, ...asOneJson(asOne, group.members.length, threshold) }))
      .filter(({ share }) => share !== null && share > 1);
  };
  return (nowMs) => {
    const current = Math.floor(nowMs / MINUTE_MS);
    if (current !== minute) {
      minute = current;
      latest = compute(nowMs).catch((error: unknown) => {
        minute = Number.NaN;
        throw error;
      });
    }
    return latest;
  };
}
