/** The sums of the overview: recent minutes, clients over and near their thresholds, and how many responses were counted. */

import type { CountingReport } from '../routes/port.ts';
import { isUncounted } from '../routes/route-view.ts';
import type { ClientNow } from './client-now.ts';
import type { MinuteSum } from './port.ts';

const MINUTE_MS = 60_000;

/** Returns `count` whole minutes, the last of which ends at or before `nowMs`. Minutes without usage are 0. */
export function wholeMinutes(sums: readonly MinuteSum[], nowMs: number, count: number): MinuteSum[] {
  const found = new Map(sums.map((sum) => [sum.atMs, sum]));
  const endMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
  return Array.from({ length: count }, (_, index) => {
    const atMs = endMs - (count - index) * MINUTE_MS;
    return found.get(atMs) ?? { atMs, posts: 0, requests: 0 };
  });
}

/** The number of clients over their thresholds, and of those from `nearShare` up to it. */
export function countByShare(clients: readonly Pick<ClientNow, 'share'>[], nearShare: number) {
  const shares = clients.map(({ share }) => share ?? 0);
  return {
    over: shares.filter((share) => share > 1).length,
    near: shares.filter((share) => share >= nearShare && share <= 1).length,
  };
}

/** Responses of a report, those of them that could not be counted, and the results of second counts. */
export function countingQuality({ routes }: CountingReport) {
  const sumOfOutcomes = (has: (outcome: string) => boolean) =>
    routes.reduce((sum, { outcome, responses }) => (has(outcome) ? sum + responses : sum), 0);
  const isSecondCount = (outcome: string) => outcome === 'checked' || outcome === 'differs';
  return {
    responses: sumOfOutcomes((outcome) => !isSecondCount(outcome)),
    uncounted: sumOfOutcomes((outcome) => isUncounted({ outcome })),
    checked: sumOfOutcomes((outcome) => outcome === 'checked'),
    differs: sumOfOutcomes((outcome) => outcome === 'differs'),
  };
}
