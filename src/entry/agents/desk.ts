/** What the admin API does with agents, on the ledger: it is the same in a gateway, a command and at the edge. */

import { writeAudit } from '../../adapters/postgres/admin/audit.ts';
import type { LedgerDb } from '../../adapters/postgres/connection/db.ts';
import { agentListStore } from '../../adapters/postgres/rights/agent-lists.ts';
import { agentVerdictStore } from '../../adapters/postgres/rights/agent-verdicts.ts';
import { signerDirectories } from '../../adapters/postgres/rights/signer-directories.ts';
import type { AgentDesk } from '../../admin/agents/port.ts';
import { explainClaim } from '../../identify/agents/explain.ts';
import type { CatalogueAgent } from '../../identify/asker/port.ts';
import type { FetchPublic } from '../../identify/public-fetch.ts';
import { mayFetchList } from '../../identify/ranges/agent-list.ts';
import { KnownLists } from '../../identify/ranges/known-lists.ts';
import { refreshLists } from '../../identify/ranges/refresh-lists.ts';
import { SHIPPED_LISTS } from '../../identify/ranges/shipped-lists.ts';
import type { ReverseDns } from '../../identify/reverse-dns/port.ts';

/** How this process reaches what operators publish. */
export interface AgentAccess {
  readonly fetchPublic: FetchPublic;
  readonly reverseDns: ReverseDns;
}

export interface AgentDeskOptions {
  readonly db: LedgerDb;
  readonly agents: readonly CatalogueAgent[];
  /** Null in a process that is offline. */
  readonly access: AgentAccess | null;
  readonly nowMs: () => number;
}

export function agentDesk({ db, agents, access, nowMs }: AgentDeskOptions): AgentDesk {
  const store = agentListStore(db);
  const read = async () => {
    const known = new KnownLists(agents, SHIPPED_LISTS);
    const urls = known.lists.map(({ url }) => url);
    known.use(await store.lists(urls, new Map()));
    return known;
  };
  return {
    verdicts: agentVerdictStore(db).verdicts,
    catalogue: agents,
    known: async () => ({
      lists: (await read()).lists,
      directories: await signerDirectories(db),
      isOffline: access === null,
    }),
    refresh: async (mayChange, who) => {
      if (access === null) return null;
      const due = (await read()).lists.filter((list) => mayFetchList(list, nowMs()));
      const { fetchPublic } = access;
      const refreshed = await refreshLists(due, { store, fetchPublic, nowMs }, mayChange);
      const after = { lists: refreshed.map(({ url, failure }) => ({ url, failure })), mayChange };
      await writeAudit(db, who, { action: 'agents.refreshed', subject: 'agents', after });
      return refreshed;
    },
    check: async (address, agent) => {
      const mayAsk = access !== null && agent.verify.rdns.length > 0;
      const finding = mayAsk ? await access.reverseDns(address, agent.verify.rdns) : null;
      return explainClaim(address, agent, await read(), finding, nowMs());
    },
  };
}
