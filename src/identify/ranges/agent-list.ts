/** A published list as it is kept: the last good prefixes, and what the last attempt to fetch it gave. */

import { type PublicDocument, PublicFetchError, type PublicFetchLimits } from '../public-fetch.ts';
import { listFault } from './guard-list.ts';
import { parseList } from './parse-list.ts';
import { type Prefix, parsePrefix } from './prefix.ts';

export interface AgentList {
  readonly url: string;
  /** When the prefixes were last known to be current, epoch milliseconds; null if there never were any. */
  readonly fetchedAtMs: number | null;
  readonly etag: string | null;
  /** The last good list; null if there never was one. */
  readonly prefixes: readonly string[] | null;
  /** Why the last attempt failed; null if it succeeded. */
  readonly failure: string | null;
  /** When fetching was last tried; null if it never was. */
  readonly triedAtMs: number | null;
  /** Whether the prefixes were shipped with the program, because no fetch has succeeded yet. */
  readonly isShipped: boolean;
}

export const LIST_LIMITS: PublicFetchLimits = { timeoutMs: 10_000, maxBytes: 8 * 1024 ** 2 };

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** JAFAR, section 3.1: at most one fetch an hour. */
const MIN_INTERVAL_MS = HOUR_MS;
const INTERVAL_MS = 23 * HOUR_MS;
/** Age from which a list no longer proves that an address is not in it. */
const FRESH_MS = 7 * DAY_MS;
/** Age from which `/readyz` warns. */
const WARN_MS = 3 * DAY_MS;

/**
 * Whether a list is to be fetched: daily, and hourly after a failure.
 * @param jitterMs 0 to two hours, so that processes and lists spread.
 */
export function isListDue(list: AgentList, nowMs: number, jitterMs: number): boolean {
  if (list.triedAtMs === null) return true;
  const interval = list.failure === null ? INTERVAL_MS + jitterMs : MIN_INTERVAL_MS;
  return nowMs - list.triedAtMs >= interval;
}

export function isListFresh({ fetchedAtMs }: AgentList, nowMs: number): boolean {
  return fetchedAtMs !== null && nowMs - fetchedAtMs < FRESH_MS;
}

/** Whether the list may be fetched now, because an operator asks for it. */
export function mayFetchList({ triedAtMs, failure }: AgentList, nowMs: number): boolean {
  return triedAtMs === null || failure !== null || nowMs - triedAtMs >= MIN_INTERVAL_MS;
}

/** Whether the list is worth a warning: fetching was tried, and the last good list is old or missing. */
export function isListOverdue({ fetchedAtMs, triedAtMs }: AgentList, nowMs: number): boolean {
  return triedAtMs !== null && (fetchedAtMs === null || nowMs - fetchedAtMs > WARN_MS);
}

/**
 * The list after a successful fetch. A document that is not a good list becomes a failure, and the old prefixes stay.
 * @param mayChange accepts a list whose size differs greatly from the last one, because an operator says so.
 */
export function afterDocument(
  list: AgentList,
  { status, body, etag, contentType }: PublicDocument,
  nowMs: number,
  mayChange = false,
): AgentList {
  const current = { ...list, fetchedAtMs: nowMs, triedAtMs: nowMs, failure: null, isShipped: false };
  if (status === 304) return current;
  const parsed = parseList(new TextDecoder().decode(body), contentType);
  if (!parsed.ok) return afterFailure(list, parsed.reason, nowMs);
  const isFirst = list.isShipped || list.prefixes === null;
  const before = isFirst || mayChange ? null : prefixesOf(list.prefixes ?? []);
  const fault = listFault(parsed.prefixes, before);
  if (fault !== null) return afterFailure(list, fault, nowMs);
  const prefixes = [...new Set(parsed.prefixes.map(({ text }) => text))];
  return { ...current, etag, prefixes };
}

export function afterFailure(list: AgentList, reason: string, nowMs: number): AgentList {
  return { ...list, failure: reason, triedAtMs: nowMs };
}

/** The reason of a failed fetch: its code and message. */
export function fetchFailureText(error: unknown): string {
  return error instanceof PublicFetchError ? `${error.code}: ${error.message}` : String(error);
}

function prefixesOf(texts: readonly string[]): Prefix[] {
  return texts.flatMap((text) => parsePrefix(text) ?? []);
}
