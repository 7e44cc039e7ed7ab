/** The output of `postmeter reconcile`: a table for people, CSV and JSON for programs. */

import Table from 'cli-table3';
import type { Row } from '../../../reconcile/compare.ts';
import { type Cell, csvLines } from '../../../report/csv.ts';
import { isoTimestamp, isoTimestampOrNull } from '../../../report/timestamp.ts';
import { asText, type Found, number } from './text.ts';

export interface Findings extends Found {
  /** The rows to show. */
  readonly rows: readonly Row[];
}

const COLUMNS: ReadonlyArray<readonly [name: string, cell: (row: Row, hasBytes: boolean) => Cell]> = [
  ['client', ({ clientId }) => clientId],
  ['from', ({ fromMs }) => isoTimestamp(fromMs)],
  ['to', ({ toMs }) => isoTimestamp(toMs)],
  ['state', ({ state }) => state],
  ['onlyIn', ({ onlyIn }) => onlyIn],
  ['ledgerPosts', ({ ledger }) => ledger.posts],
  ['logPosts', ({ log }) => log.posts],
  ['differencePosts', ({ ledger, log }) => ledger.posts - log.posts],
  ['ledgerRequests', ({ ledger }) => ledger.requests],
  ['logRequests', ({ log }) => log.requests],
  ['ledgerBytes', ({ ledger }) => ledger.bytes],
  ['logBytes', ({ log }, hasBytes) => (hasBytes ? log.bytes : null)],
];

/** The columns of the table with their alignment. */
const TABLE: ReadonlyArray<readonly [head: string, align: 'left' | 'right', cell: (row: Row) => string]> = [
  ['client', 'left', ({ clientId }) => clientId],
  ['hour (UTC)', 'left', ({ fromMs }) => isoTimestamp(fromMs)],
  ['state', 'left', ({ state }) => state.replaceAll('_', ' ')],
  ['only in', 'left', ({ onlyIn }) => onlyIn ?? ''],
  ['ledger', 'right', ({ ledger }) => number(ledger.posts)],
  ['log', 'right', ({ log }) => number(log.posts)],
  ['difference', 'right', ({ ledger, log }) => signed(ledger.posts - log.posts)],
  ['requests', 'right', ({ ledger }) => number(ledger.requests)],
  ['in the log', 'right', ({ log }) => number(log.requests)],
];

function signed(value: number): string {
  return value > 0 ? `+${number(value)}` : number(value);
}

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
  const cells = rows.map((row) => COLUMNS.map(([, cell]) => cell(row, log.sums.hasBytes)));
  return csvLines([COLUMNS.map(([name]) => name), ...cells]).trimEnd();
}

export function asTable(findings: Findings): string {
  const { rows } = findings;
  if (rows.length === 0) return asText(findings);
  const table = new Table({
    head: TABLE.map(([head]) => head),
    colAligns: TABLE.map(([, align]) => align),
    style: { head: [], border: [] },
  });
  for (const row of rows) table.push(TABLE.map(([, , cell]) => cell(row)));
  return `${table.toString()}\n${asText(findings)}`;
}
