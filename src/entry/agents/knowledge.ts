/** Keeps what a Node process knows of agents current: lists and verdicts, which all processes share through the ledger. */

import { systemTiming } from '../../adapters/node/timing.ts';
import type { LedgerDb } from '../../adapters/postgres/connection/db.ts';
import { agentListStore } from '../../adapters/postgres/rights/agent-lists.ts';
import { agentVerdictStore } from '../../adapters/postgres/rights/agent-verdicts.ts';
import { agentKnowledge } from '../../identify/agents/knowledge.ts';
import type { AgentKnowledge, CatalogueAgent } from '../../identify/asker/port.ts';
import { isListDue, isListOverdue } from '../../identify/ranges/agent-list.ts';
import { KnownLists } from '../../identify/ranges/known-lists.ts';
import { refreshLists } from '../../identify/ranges/refresh-lists.ts';
import { SHIPPED_LISTS } from '../../identify/ranges/shipped-lists.ts';
import { verdictFinder } from '../../identify/reverse-dns/find-verdict.ts';
import { KnownVerdicts } from '../../identify/reverse-dns/known-verdicts.ts';
import { BackgroundLoop } from '../../meter/poll-loop.ts';
import type { AgentFigures } from '../../report/port.ts';
import type { Logger } from '../logs/log.ts';
import type { AgentAccess } from './desk.ts';

export interface AgentKnowledgeOptions {
  readonly db: LedgerDb;
  readonly agents: readonly CatalogueAgent[];
  /** Null in a process that is offline. */
  readonly access: AgentAccess | null;
  readonly nowMs: () => number;
  /** A random number from 0 to 1, by which processes spread their fetches. */
  readonly chance: number;
  readonly log: Logger;
}

export interface RunningAgentKnowledge {
  readonly knowledge: AgentKnowledge;
  /** Lists that are old or unknown although fetching was tried, for `/readyz`; null if there are none. */
  readonly warning: () => string | null;
  readonly figures: AgentFigures;
  stop(): Promise<void>;
}

/** A list that another process has fetched is known after this time. */
const POLL_MS = 60_000;
/** Time from the start to the first fetch, so that a process that restarts again and again fetches nothing. */
const FIRST_FETCH_MS = 30_000;
const MAX_JITTER_MS = 2 * 3_600_000;
/** Verdicts contain addresses of people who claim to be agents. */
const KEPT_MS = 7 * 86_400_000;

/** Returns at once. Until the ledger has responded, the process knows the shipped lists. */
export function startAgentKnowledge(options: AgentKnowledgeOptions): RunningAgentKnowledge {
  const { db, access, nowMs, chance, log } = options;
  const lists = new KnownLists(options.agents, SHIPPED_LISTS);
  const urls = lists.lists.map(({ url }) => url);
  const listStore = agentListStore(db);
  const store = agentVerdictStore(db);
  const onStoreError = (error: unknown) =>
    log.debug({ err: error }, 'verdicts of agents cannot be shared through the ledger now');
  const verdicts =
    access === null
      ? null
      : new KnownVerdicts({
          find: verdictFinder({ store, reverseDns: access.reverseDns, nowMs, onStoreError }),
          nowMs,
          onError: (error) => log.warn({ err: error }, 'an address that claims an agent cannot be checked'),
        });

  const fetchFromMs = nowMs() + FIRST_FETCH_MS * (1 + chance);
  let isStopping = false;
  let isFetching = false;
  const read = async () => lists.use(await listStore.lists(urls, lists.knownMs));
  const fetchDue = async (): Promise<void> => {
    if (access === null || nowMs() < fetchFromMs) return;
    const due = lists.lists.filter((list) => isListDue(list, nowMs(), chance * MAX_JITTER_MS));
    if (due.length === 0) return;
    const isOver = () => isStopping;
    const sources = { store: listStore, fetchPublic: access.fetchPublic, nowMs, isOver };
    const refreshed = await refreshLists(due, sources);
    await read();
    await store.tidy(nowMs() - KEPT_MS);
    const failed = refreshed.filter(({ failure }) => failure !== null);
    if (failed.length > 0) {
      const [{ url, failure }] = failed as [(typeof failed)[number]];
      log.warn({ lists: failed.length, url, reason: failure }, 'lists of address ranges cannot be fetched');
    }
  };
  const onError = (error: unknown) =>
    log.debug({ err: error }, 'the lists of address ranges cannot be read or stored now');
  // The servers of the lists may be slow: neither the loop nor a stop waits for them.
  const fetchBehind = (): void => {
    if (isFetching) return;
    isFetching = true;
    fetchDue()
      .catch(onError)
      .finally(() => {
        isFetching = false;
      });
  };
  const loop = new BackgroundLoop({
    step: async () => {
      await read();
      fetchBehind();
      return false;
    },
    idleMs: POLL_MS,
    timing: systemTiming,
    onError,
  });
  loop.start();

  return {
    knowledge: agentKnowledge({ lists, verdicts }),
    warning: () => {
      const overdue = access === null ? [] : lists.lists.filter((list) => isListOverdue(list, nowMs()));
      if (overdue.length === 0) return null;
      const urls = overdue.map(({ url }) => url).slice(0, 3);
      return (
        `${overdue.length} lists of address ranges cannot be fetched, and are unknown or older than three days: ` +
        `${urls.join(', ')}; set agents.offline if the process has no network`
      );
    },
    figures: {
      dropped: () => verdicts?.dropped ?? 0,
      failedLists: () => lists.lists.filter(({ failure }) => failure !== null).length,
    },
    stop: () => {
      isStopping = true;
      return loop.stop();
    },
  };
}
