/** Published lists of address ranges in the ledger. */

import { and, eq, inArray } from 'drizzle-orm';
import type { AgentListStore, StoredList } from '../../../identify/ranges/port.ts';
import { type LedgerDb, orLedgerFailure } from '../connection/db.ts';
import { agentLists } from './tables.ts';

export function agentListStore(db: LedgerDb): AgentListStore {
  return {
    lists: (urls, knownMs) =>
      orLedgerFailure('the lists of address ranges cannot be read', readLists(db, urls, knownMs)),
    claim: (url, triedAtMs, nowMs) =>
      orLedgerFailure('the turn to fetch a list cannot be taken', claimList(db, url, triedAtMs, nowMs)),
    save: ({ url, etag, prefixes, fetchedAtMs, triedAtMs }) => {
      const times = { fetchedAt: dateOf(fetchedAtMs), triedAt: new Date(triedAtMs ?? 0) };
      const row = { ...times, etag, failure: null, prefixes: prefixes === null ? null : [...prefixes] };
      const saving = db
        .insert(agentLists)
        .values({ url, ...row })
        .onConflictDoUpdate({ target: agentLists.url, set: row })
        .then(() => {});
      return orLedgerFailure('a list of address ranges cannot be stored', saving);
    },
    fail: (url, failure) => {
      const saving = db
        .update(agentLists)
        .set({ failure })
        .where(eq(agentLists.url, url))
        .then(() => {});
      return orLedgerFailure('the failure to fetch a list cannot be stored', saving);
    },
  };
}

async function readLists(
  db: LedgerDb,
  urls: readonly string[],
  knownMs: ReadonlyMap<string, number | null>,
): Promise<StoredList[]> {
  if (urls.length === 0) return [];
  const { prefixes: _, ...head } = columns;
  const heads = await db
    .select(head)
    .from(agentLists)
    .where(inArray(agentLists.url, [...urls]));
  const changed = heads.filter(({ url, fetchedAt }) => msOf(fetchedAt) !== (knownMs.get(url) ?? null));
  const rows = await Promise.all(
    changed.map(({ url }) => db.select(columns).from(agentLists).where(eq(agentLists.url, url))),
  );
  const whole = new Map(rows.flat().map((row) => [row.url, row]));
  return heads.map((row) => {
    const { fetchedAt, triedAt, ...rest } = whole.get(row.url) ?? row;
    const prefixes = whole.get(row.url)?.prefixes;
    return { ...rest, prefixes, fetchedAtMs: msOf(fetchedAt), triedAtMs: triedAt.getTime() };
  });
}

/** A row that does not exist yet is inserted. Of several processes, one statement finds the row as it was. */
async function claimList(
  db: LedgerDb,
  url: string,
  triedAtMs: number | null,
  nowMs: number,
): Promise<boolean> {
  const triedAt = new Date(nowMs);
  const taken =
    triedAtMs === null
      ? await db
          .insert(agentLists)
          .values({ url, triedAt })
          .onConflictDoNothing()
          .returning({ url: agentLists.url })
      : await db
          .update(agentLists)
          .set({ triedAt })
          .where(and(eq(agentLists.url, url), eq(agentLists.triedAt, new Date(triedAtMs))))
          .returning({ url: agentLists.url });
  return taken.length > 0;
}

const columns = {
  url: agentLists.url,
  fetchedAt: agentLists.fetchedAt,
  triedAt: agentLists.triedAt,
  etag: agentLists.etag,
  failure: agentLists.failure,
  prefixes: agentLists.prefixes,
};

function dateOf(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms);
}

function msOf(date: Date | null): number | null {
  return date === null ? null : date.getTime();
}
