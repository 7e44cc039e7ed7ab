/** The output of `postmeter reconcile`: a table for people, CSV and JSON for programs. */

import Table from 'cli-table3';
import type { Row } from '../../../reconcile/compare.ts';
import { csvLines } from '../../../report/csv.ts';
import { isoTimestamp, isoTimestampOrNull } from '../../../report/timestamp.ts';
import { asText, type Found, number } from './text.ts';

export interface Findings extends Found {
  /** The rows to show. */
  readonly rows: readonly Row[];
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
    from: isoTimestamp(range.fromMs),
    to: isoTimestamp(range.toMs),
    slackSeconds: range.slackMs / 1000,
    log: {
      lines: sums.lines,
      from: isoTimestampOrNull(sums.firstMs),
      to: isoTimestampOrNull(sums.lastMs),
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
    from: isoTimestamp(fromMs),
    to: isoTimestamp(toMs),
    state,
    onlyIn,
    ledger,
    log: { posts, requests, bytes: hasBytes ? log.bytes : null },
  };
}

export function asCsv({ rows, log }: Findings): string {
  const cells = rows.map((row) => [
    row.clientId,
    isoTimestamp(row.fromMs),
    isoTimestamp(row.toMs),
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
      isoTimestamp(fromMs),
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
