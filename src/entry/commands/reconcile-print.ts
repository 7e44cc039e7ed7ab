/** How `postmeter reconcile` tells what it found: a table for people, CSV and JSON for programs. */

import Table from 'cli-table3';
import type { Row } from '../../reconcile/compare.ts';
import type { Range } from '../../reconcile/hours.ts';
import type { Summary } from '../../reconcile/summary.ts';
import { csvLines } from '../../report/csv.ts';
import { isoMoment, isoMomentOrNull } from '../../report/moment.ts';
import type { ReadLog } from './reconcile-log.ts';

export interface Findings {
  readonly range: Range;
  readonly log: ReadLog;
  /** Those to be shown. */
  readonly rows: readonly Row[];
  readonly summary: Summary;
}

const COLUMNS = [
  'client',
  'from',
  'to',
  'state',
  'onlyIn',
  'ledgerPosts',
  'logPosts',
  'differencePosts',
  'ledgerRequests',
  'logRequests',
  'ledgerBytes',
  'logBytes',
];

export function asJson({ range, log, rows, summary }: Findings): string {
  const { sums, faulty } = log;
  const shown = {
    from: isoMoment(range.fromMs),
    to: isoMoment(range.toMs),
    slackSeconds: range.slackMs / 1000,
    log: {
      lines: sums.lines,
      from: isoMomentOrNull(sums.firstMs),
      to: isoMomentOrNull(sums.lastMs),
      outside: sums.outside,
      withoutPosts: sums.withoutPosts,
      passedOver: sums.passedOver,
      faulty: faulty.count,
      firstFaulty: faulty.first,
    },
    rows: summary.rows,
    posts: summary.posts,
    requests: summary.requests,
    bytes: sums.hasBytes ? summary.bytes : { ledger: summary.bytes.ledger, log: null },
    ledgerHasMorePosts: summary.morePosts,
    ledgerHasLessPosts: summary.lessPosts,
    edgePosts: summary.edgePosts,
    onlyInLedger: [...summary.onlyIn.ledger.values()],
    onlyInLog: [...summary.onlyIn.log.values()],
    differences: rows.map((row) => rowJson(row, sums.hasBytes)),
  };
  return JSON.stringify(shown, null, 2);
}

function rowJson({ clientId, fromMs, toMs, state, onlyIn, ledger, log }: Row, hasBytes: boolean) {
  const { posts, requests } = log;
  return {
    client: clientId,
    from: isoMoment(fromMs),
    to: isoMoment(toMs),
    state,
    onlyIn,
    ledger,
    log: { posts, requests, bytes: hasBytes ? log.bytes : null },
  };
}

export function asCsv({ rows, log }: Findings): string {
  const cells = rows.map((row) => [
    row.clientId,
    isoMoment(row.fromMs),
    isoMoment(row.toMs),
    row.state,
    row.onlyIn,
    row.ledger.posts,
    row.log.posts,
    row.ledger.posts - row.log.posts,
    row.ledger.requests,
    row.log.requests,
    row.ledger.bytes,
    log.sums.hasBytes ? row.log.bytes : null,
  ]);
  return csvLines([COLUMNS, ...cells]).trimEnd();
}

export function asTable(findings: Findings): string {
  const { rows } = findings;
  if (rows.length === 0) return asText(findings);
  const table = new Table({
    head: [
      'client',
      'hour (UTC)',
      'state',
      'only in',
      'ledger',
      'log',
      'difference',
      'requests',
      'in the log',
    ],
    colAligns: ['left', 'left', 'left', 'left', 'right', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [] },
  });
  for (const { clientId, fromMs, state, onlyIn, ledger, log } of rows) {
    const more = ledger.posts - log.posts;
    table.push([
      clientId,
      isoMoment(fromMs),
      state.replaceAll('_', ' '),
      onlyIn ?? '',
      number(ledger.posts),
      number(log.posts),
      more > 0 ? `+${number(more)}` : number(more),
      number(ledger.requests),
      number(log.requests),
    ]);
  }
  return `${table.toString()}\n${asText(findings)}`;
}

/** What the rows come to, and what of the log did not go into them. */
export function asText({ range, log, summary }: Findings): string {
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
    lines.push(...faulty.first.map(({ file, line, reason }) => `  ${file}, line ${line}: ${reason}`));
  }
  return lines.join('\n');
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

function number(value: number): string {
  return value.toLocaleString('en');
}
