/** What `postmeter reconcile` found, in sentences for a person. */

import type { FaultyLines } from '../../reconcile/faulty-lines.ts';
import type { Range } from '../../reconcile/hours.ts';
import { quoteText } from '../../reconcile/log-line.ts';
import type { Summary } from '../../reconcile/summary.ts';
import { isoMoment } from '../../report/moment.ts';
import type { ReadLog } from './reconcile-log.ts';

export interface Found {
  readonly range: Range;
  readonly log: ReadLog;
  readonly summary: Summary;
  /** Describes a line that can be read. */
  readonly expected: string;
}

/** What the rows come to, and what of the log did not go into them. */
export function asText({ range, log, summary, expected }: Found): string {
  const { sums, faulty } = log;
  const { rows, posts, requests } = summary;
  const lines = [
    `${isoMoment(range.fromMs)} to ${isoMoment(range.toMs)}: ${number(posts.ledger)} posts in the ledger, ` +
      `${number(posts.log)} in the log; ${number(requests.ledger)} requests, ${number(requests.log)} in the log.`,
    `Of ${number(summary.compared)} hours of clients ${number(rows.equal)} agree, ${number(rows.edge)} but for posts ` +
      `at an hour's edge or in the tolerance (${number(summary.edgePosts)} posts more in the ledger).`,
  ];
  if (rows.ledger_has_more > 0) {
    lines.push(`In ${number(rows.ledger_has_more)} the LEDGER HAS MORE: ${number(summary.morePosts)} posts.`);
  }
  if (rows.ledger_has_less > 0) {
    const reasons = 'uncounted, broken off, or not in the ledger yet';
    lines.push(
      `In ${number(rows.ledger_has_less)} the ledger has less: ${number(summary.lessPosts)} posts (${reasons}).`,
    );
  }
  if (rows.requests > 0) lines.push(`In ${number(rows.requests)} the posts agree and the requests do not.`);
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

/** The first unreadable lines with their reasons, the very first with its text and what was expected. */
export function faultyText({ first }: FaultyLines, expected: string): string[] {
  return first.flatMap(({ file, line, reason, text }, at) => {
    const shown = [`  ${file}, line ${line}: ${reason}`];
    if (at > 0) return shown;
    if (text !== null) shown.push(`    the line: ${quoteText(text)}`);
    return [...shown, `    expected: ${expected}`];
  });
}

const NAMED = 5;

function someOf(names: readonly string[]): string {
  const more = names.length - NAMED;
  return names.slice(0, NAMED).join(', ') + (more > 0 ? ` and ${number(more)} more` : '');
}

const LATE_MS = 900_000;

/** What an operator should know before believing a difference. */
function doubts(sums: ReadLog['sums'], range: Range): string[] {
  const found: string[] = [];
  if (sums.lines === 0) found.push('The log has no line in that time.');
  if (sums.firstMs !== null && sums.firstMs - range.fromMs > LATE_MS) {
    found.push(
      `The log begins at ${isoMoment(sums.firstMs)} only: give the rotated ones too, or a later --since.`,
    );
  }
  if (sums.lastMs !== null && range.toMs - sums.lastMs > LATE_MS) {
    found.push(`The log ends at ${isoMoment(sums.lastMs)}: give the next one too, or an earlier --until.`);
  }
  if (sums.withoutPosts > 0) {
    found.push(`${number(sums.withoutPosts)} lines of successful responses say no count of posts.`);
  }
  if (sums.passedOver > 0) {
    const which = 'HEAD, redirects and errors hold none';
    found.push(`${number(sums.passedOver)} lines say posts where none are counted (${which}).`);
  }
  return found;
}

export function number(value: number): string {
  return value.toLocaleString('en');
}
