/** The report of unknown callers: reads their usage, groups them, and judges each group as if it were one client. */

import type { PostsAt } from '../tariff/posts.ts';
import { DEFAULT_TARIFF, type TariffVersion } from '../tariff/tariff.ts';
import { timelineOf, windowMsOf } from '../tariff/timeline.ts';
import { CallerActivities, type CallerActivity } from './activity.ts';
import { type JudgedAsOne, judgeAsOne } from './as-one.ts';
import { type CallerGroup, type Grouping, groupCallers } from './groups.ts';
import type { CallerLedger } from './port.ts';
import { proposedRanges } from './ranges.ts';

export interface CallersAsked {
  readonly by: Grouping;
  /** Whole buckets. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Callers with fewer posts are not grouped. */
  readonly minPosts: number;
  /** Groups returned. */
  readonly limit: number;
  /** Keys of the groups that are judged together. */
  readonly chosen: readonly string[];
}

export interface CallersReport {
  /** Callers with usage, and those of them that are grouped. */
  readonly seen: number;
  readonly grouped: number;
  /** Groups, of which the report has those with the most posts. */
  readonly groups: number;
  readonly items: ReadonlyArray<{ readonly group: CallerGroup; readonly asOne: JudgedAsOne }>;
  /** The chosen groups as one client, each caller once; null if none is chosen. */
  readonly chosen: ChosenCallers | null;
  /** Of the default tariff at the end of the range; null if it has none. */
  readonly threshold: number | null;
}

export interface ChosenCallers {
  readonly asOne: JudgedAsOne;
  /** Sorted. */
  readonly callerIds: readonly string[];
  /** Ranges that would recognise the callers. */
  readonly ranges: readonly string[];
  /** Chosen keys that name no group, or one that may not be named. */
  readonly unknownKeys: readonly string[];
}

export async function reportCallers(
  ledger: CallerLedger,
  asked: CallersAsked,
  defaults: readonly TariffVersion[],
  bucketSeconds: number,
): Promise<CallersReport> {
  const { fromMs, toMs } = asked;
  const seen = await activitiesOf(ledger, fromMs, toMs);
  const groups = groupCallers(asked.by, seen, asked.minPosts);
  const shown = groups.slice(0, asked.limit);
  const chosen = chooseCallers(groups, asked.chosen);
  const minutes = await ledger.minutes(
    [...shown.map(({ members }) => members), chosen.callers].flatMap((members, group) =>
      members.map(({ clientId }) => ({ group, clientId })),
    ),
    fromMs,
    toMs,
  );
  const tariff = tariffAt(defaults, bucketSeconds, toMs);
  const judge = (posts: readonly PostsAt[] = []) =>
    judgeAsOne(posts, defaults, bucketSeconds, windowMsOf(tariff, bucketSeconds));
  return {
    seen: seen.length,
    grouped: groups.reduce((sum, { members }) => sum + members.length, 0),
    groups: groups.length,
    items: shown.map((group, at) => ({ group, asOne: judge(minutes.get(at)) })),
    chosen:
      asked.chosen.length === 0
        ? null
        : {
            asOne: judge(minutes.get(shown.length)),
            callerIds: chosen.callers.map(({ clientId }) => clientId).sort(),
            ranges: proposedRanges(chosen.callers, seen),
            unknownKeys: chosen.unknownKeys,
          },
    threshold: tariff.kind === 'damages' ? tariff.threshold : null,
  };
}

async function activitiesOf(ledger: CallerLedger, fromMs: number, toMs: number): Promise<CallerActivity[]> {
  const activities = new CallerActivities();
  for await (const hours of ledger.hours(fromMs, toMs)) activities.addHours(hours);
  activities.addTraits(await ledger.traits(fromMs, toMs));
  return activities.all();
}

/** The callers of the groups with these keys, each once. */
function chooseCallers(groups: readonly CallerGroup[], keys: readonly string[]) {
  const byKey = new Map(groups.filter(({ mayBeNamed }) => mayBeNamed).map((group) => [group.key, group]));
  const callers = new Set(keys.flatMap((key) => byKey.get(key)?.members ?? []));
  return { callers: [...callers], unknownKeys: keys.filter((key) => !byKey.has(key)) };
}

function tariffAt(defaults: readonly TariffVersion[], bucketSeconds: number, atMs: number) {
  const period = timelineOf('', defaults, bucketSeconds).findLast(({ fromMs }) => fromMs <= atMs);
  return period?.tariff ?? DEFAULT_TARIFF;
}
