/** Compares the ledger with the log, client by client and hour by hour. */

import type { Hours } from './hours.ts';
import type { ClientSums, LogSum, LogSums } from './log-sums.ts';
import { type Edge, type HourVerdict, matchHours } from './match-hours.ts';

/**
 * The ledger's counts of one client in one hour of the range. Refused requests are excluded, because the upstream
 * never saw them.
 */
export interface LedgerHour {
  readonly clientId: string;
  /** A time in that hour, epoch milliseconds. */
  readonly atMs: number;
  readonly posts: number;
  readonly requests: number;
  readonly bytes: number;
}

/**
 * `ledger_has_more`: the client would pay for posts that the upstream did not send. `ledger_has_less`: posts were not
 * counted or not delivered. `edge`: the difference is within the tolerance or explained by shifts across an hour
 * boundary. `requests`: the posts match, the requests differ.
 */
export const COMPARISON_STATES = ['ledger_has_more', 'ledger_has_less', 'requests', 'edge', 'equal'] as const;
export type ComparisonState = (typeof COMPARISON_STATES)[number];

export interface Counts {
  readonly posts: number;
  readonly requests: number;
  readonly bytes: number;
}

export interface Row {
  readonly clientId: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly state: ComparisonState;
  /** The only source that contains the client in the range. */
  readonly onlyIn: 'ledger' | 'log' | null;
  readonly ledger: Counts;
  readonly log: Counts;
}

export interface Tolerance {
  readonly posts: number;
  /** Percentage of the greater of the two counts. */
  readonly percent: number;
}

const NOTHING: Counts = { posts: 0, requests: 0, bytes: 0 };
const NO_HOURS: ClientSums = new Map();

/**
 * Yields a row for each client and hour that either source contains. Clients are removed from `log` as they are
 * compared.
 * @param ledger all hours of a client are consecutive.
 */
export async function* compare(
  ledger: AsyncIterable<LedgerHour>,
  log: LogSums,
  hours: Hours,
  tolerance: Tolerance,
): AsyncGenerator<Row> {
  let clientId: string | undefined;
  let its = new Map<number, Counts>();
  const done = (id: string): Row[] => {
    const sums = log.clients.get(id) ?? NO_HOURS;
    log.clients.delete(id);
    return compareClient(id, its, sums, hours, tolerance);
  };
  for await (const hour of ledger) {
    if (clientId !== undefined && hour.clientId !== clientId) {
      yield* done(clientId);
      its = new Map();
    }
    clientId = hour.clientId;
    const { posts, requests, bytes } = hour;
    its.set(hours.indexOf(hour.atMs), { posts, requests, bytes });
  }
  if (clientId !== undefined) yield* done(clientId);
  its = new Map();
  for (const id of [...log.clients.keys()].sort()) yield* done(id);
}

function compareClient(
  clientId: string,
  ledger: ReadonlyMap<number, Counts>,
  log: ClientSums,
  hours: Hours,
  tolerance: Tolerance,
): Row[] {
  const indices = Array.from({ length: hours.count }, (_, index) => index);
  const verdictsOf = (count: 'posts' | 'requests'): HourVerdict[] =>
    matchHours(
      indices.map((at) => ({ ledger: ledger.get(at)?.[count] ?? 0, log: log.get(at)?.[count] ?? 0 })),
      edgesOf(log, hours, count),
      (hour) => toleranceOf(hour, count === 'posts' ? tolerance : { ...tolerance, posts: 0 }),
    );
  const posts = verdictsOf('posts');
  const requests = verdictsOf('requests');
  const onlyIn = onlySource(indices, ledger, log);
  return indices
    .filter((at) => ledger.has(at) || log.has(at))
    .map((at) => {
      const [ours, theirs] = [ledger.get(at) ?? NOTHING, countsOf(log.get(at))];
      const state = stateOf(posts[at]!, requests[at]!, ours.posts > theirs.posts);
      const [fromMs, toMs] = [hours.fromMs(at), hours.toMs(at)];
      return { clientId, fromMs, toMs, state, onlyIn, ledger: ours, log: theirs };
    });
}

/** A client with only refused requests is in no log, so its absence there is not a mismatch. */
function onlySource(
  indices: readonly number[],
  ledger: ReadonlyMap<number, Counts>,
  log: ClientSums,
): Row['onlyIn'] {
  const has = (sums: ReadonlyMap<number, Counts>) =>
    indices.some((at) => (sums.get(at)?.requests ?? 0) > 0 || (sums.get(at)?.posts ?? 0) > 0);
  const [inLedger, inLog] = [has(ledger), has(log)];
  if (inLedger === inLog) return null;
  return inLedger ? 'ledger' : 'log';
}

/** One edge before each hour, and one after the last. */
function edgesOf(log: ClientSums, hours: Hours, count: 'posts' | 'requests'): Edge[] {
  return Array.from({ length: hours.count + 1 }, (_, at) => ({
    forward: log.get(at - 1)?.late[count] ?? 0,
    back: log.get(at)?.early[count] ?? 0,
  }));
}

function toleranceOf(hour: { readonly ledger: number; readonly log: number }, tolerance: Tolerance): number {
  const ofPercent = Math.floor((Math.max(hour.ledger, hour.log) * tolerance.percent) / 100);
  return Math.max(tolerance.posts, ofPercent);
}

function countsOf(sum: Readonly<LogSum> | undefined): Counts {
  return sum === undefined ? NOTHING : { posts: sum.posts, requests: sum.requests, bytes: sum.bytes };
}

function stateOf(posts: HourVerdict, requests: HourVerdict, ledgerHasMore: boolean): ComparisonState {
  if (posts === 'differs') return ledgerHasMore ? 'ledger_has_more' : 'ledger_has_less';
  if (posts === 'edge') return 'edge';
  return requests === 'differs' ? 'requests' : 'equal';
}
