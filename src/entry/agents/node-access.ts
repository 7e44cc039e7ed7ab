/** How a Node process reaches what operators of agents publish, by the configuration. */

import { nodeReverseDns } from '../../adapters/node/dns/reverse-dns.ts';
import { nodeFetchPublic } from '../../adapters/node/outbound/fetch-public.ts';
import { resolveByDns } from '../../adapters/node/outbound/pinned-lookup.ts';
import type { AgentsSettings } from '../../identify/agents/settings.ts';
import type { AgentAccess } from './desk.ts';

/** Null if the process is offline. */
export function nodeAgentAccess({
  offline,
  dns,
}: Pick<AgentsSettings, 'offline' | 'dns'>): AgentAccess | null {
  if (offline) return null;
  const servers = dns.servers === 'system' ? undefined : dns.servers;
  return {
    fetchPublic: nodeFetchPublic({ allowPrivate: false, resolve: resolveByDns(servers) }),
    reverseDns: nodeReverseDns(servers === undefined ? {} : { servers }),
  };
}
