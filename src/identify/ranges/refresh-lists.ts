/** Fetches lists and stores them. Of several processes, one fetches each list. */

import type { FetchPublic } from '../public-fetch.ts';
import { type AgentList, afterDocument, afterFailure, fetchFailureText, LIST_LIMITS } from './agent-list.ts';
import type { AgentListStore } from './port.ts';

export interface RefreshSources {
  readonly store: AgentListStore;
  readonly fetchPublic: FetchPublic;
  readonly nowMs: () => number;
  /** True once no further list is to be fetched. Default: never. */
  readonly isOver?: () => boolean;
}

/** Lists that are fetched at a time. */
const CONCURRENCY = 4;

/**
 * Fetches these lists, without those that another process is fetching, and returns their new state.
 * @param mayChange accepts lists whose size differs greatly from the last good ones.
 */
export async function refreshLists(
  lists: readonly AgentList[],
  sources: RefreshSources,
  mayChange = false,
): Promise<readonly AgentList[]> {
  const { isOver = () => false } = sources;
  const waiting = [...lists];
  const refreshed: AgentList[] = [];
  const work = async () => {
    for (let list = waiting.shift(); list !== undefined && !isOver(); list = waiting.shift()) {
      const isOurs = await sources.store.claim(list.url, list.triedAtMs, sources.nowMs());
      if (isOurs) refreshed.push(await refreshList(list, sources, mayChange));
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  return refreshed;
}

async function refreshList(
  list: AgentList,
  { store, fetchPublic, nowMs }: RefreshSources,
  mayChange: boolean,
): Promise<AgentList> {
  const next = await fetchPublic(list.url, LIST_LIMITS, mayChange ? null : list.etag).then(
    (document) => afterDocument(list, document, nowMs(), mayChange),
    (error: unknown) => afterFailure(list, fetchFailureText(error), nowMs()),
  );
  if (next.failure === null) await store.save(next);
  else await store.fail(list.url, next.failure);
  return next;
}
