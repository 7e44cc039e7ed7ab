/** Formats the result of `postmeter reconcile` in sentences. */

import type { Range } from '../../../reconcile/hours.ts';
import type { Summary } from '../../../reconcile/summary.ts';
import { isoTimestamp } from '../../../report/timestamp.ts';
import { faultyText, type ReadLog } from './log.ts';

export interface Found {
  readonly range: Range;
  readonly log: ReadLog;
  readonly summary: Summary;
  /** Describes a valid line. */
  readonly expected: string;
}

/** Summarises the rows and the lines of the log that they do not include. */
export function asText({ range, log, summary, expected }: Found): string {
  const { sums, faulty } = log;
  const { rows, posts, requests } = summary;
  const lines = [
    `${isoTimestamp(range.fromMs)} to ${isoTimestamp(range.toMs)}: ${number(posts.ledger)} posts in the ledger, ` +
      `${number(posts.log)} in the log; ${number(requests.ledger)} requests, ${number(requests.log)} in the log.`,
    `Of ${number(summary.compared)} hours of clients, ${number(rows.equal)} match and ${number(rows.edge)} match except ` +
      `for posts at the edge of an hour or within the tolerance (${number(summary.edgePosts)} more posts in the ledger).`,
  ];
  if (rows.ledger_has_more > 0) {
    lines.push(
      `In ${number(rows.ledger_has_more)}, the LEDGER HAS MORE: ${number(summary.morePosts)} posts.`,
    );
  }
  if (rows.ledger_has_less > 0) {
    const reasons = 'uncounted, aborted, or not in the ledger yet';
    lines.push(
      `In ${number(rows.ledger_has_less)}, the ledger has less: ${number(summary.lessPosts)} posts (${reasons}).`,
    );
  }
  if (rows.requests > 0) lines.push(`In ${number(rows.requests)}, posts match but request counts differ.`);
  for (const source of ['ledger', 'log'] as const) {
    const named = [...summary.onlyIn[source].keys()];
    if (named.length > 0) lines.push(`Only in the ${source}: ${someOf(named)}.`);
  }
  lines.push(...doubts(sums, range));
  if (faulty.count > 0) {
    lines.push(`${number(faulty.count)} lines cannot be read:`);
    lines.push(...faultyText(faulty, expected));
  }
  return lines.join('\n');
}

const NAMED = 5;

function someOf(names: readonly string[]): string {
  const more = names.length - NAMED;
  return names.slice(0, NAMED).join(', ') + (more > 0 ? ` and ${number(more)} more` : '');
}

const LATE_MS = 900_000;

/** Lists the reasons why a difference may not be real. */
function doubts(sums: ReadLog['sums'], range: Range): string[] {
  const found: string[] = [];
  if (sums.lines === 0) found.push('The log has no lines in this range.');
  if (sums.firstMs !== null && sums.firstMs - range.fromMs > LATE_MS) {
    found.push(
      `The log starts at ${isoTimestamp(sums.firstMs)}; add the rotated log files or use a later --since.`,
    );
  }
  if (sums.lastMs !== null && range.toMs - sums.lastMs > LATE_MS) {
    found.push(
      `The log ends at ${isoTimestamp(sums.lastMs)}; add the next log file or use an earlier --until.`,
    );
  }
  if (sums.withoutPosts > 0) {
    found.push(`${number(sums.withoutPosts)} lines of successful responses have no post count.`);
  }
  if (sums.passedOver > 0) {
    const which = 'HEAD, redirects and errors';
    found.push(
      `${number(sums.passedOver)} lines have a post count, but their responses are never counted (${which}).`,
    );
  }
  return found;
}

export function number(value: number): string {
  return value.toLocaleString('en');
}
