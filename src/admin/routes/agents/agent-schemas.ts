/** The JSON of agents, their lists and verdicts. */

import { z } from '@hono/zod-openapi';
import type { AgentCheck } from '../../../identify/agents/explain.ts';
import type { CatalogueAgent } from '../../../identify/asker/port.ts';
import { type AgentList, isListFresh } from '../../../identify/ranges/agent-list.ts';
import { SHARED_RESULTS } from '../../../identify/reverse-dns/port.ts';
import { isoTimestamp } from '../../../report/timestamp.ts';
import { ASKER_CLASSES, VERDICTS } from '../../../rights/asker.ts';
import type { AddressVerdictRecord, KnownAgents, SignerDirectoryRecord } from '../../agents/port.ts';
import { TimestampOut } from '../../fields.ts';

export const AgentSchema = z
  .object({
    token: z.string().openapi({ example: 'GPTBot' }),
    operator: z.string(),
    class: z.enum(ASKER_CLASSES),
    match: z.string().openapi({ description: 'Literal that claims the agent in a User-Agent.' }),
    ranges: z.array(z.string()).openapi({ description: 'URLs of its lists of address ranges.' }),
    rdns: z.array(z.string()).openapi({ description: 'Ends of the names that reverse DNS returns.' }),
    signatureAgents: z.array(z.string()).openapi({ description: 'URLs that sign for it.' }),
  })
  .openapi('Agent');

export const AgentListSchema = z
  .object({
    url: z.string(),
    prefixes: z.int().openapi({ description: 'Number of prefixes of the last good list.' }),
    fetchedAt: TimestampOut.nullable(),
    isShipped: z
      .boolean()
      .openapi({ description: 'true: the list came with Postmeter and was never fetched.' }),
    isFresh: z
      .boolean()
      .openapi({ description: 'false: the list is too old to prove that an address is not in it.' }),
    triedAt: TimestampOut.nullable(),
    failure: z.string().nullable().openapi({ description: 'Why the last attempt failed.' }),
  })
  .openapi('AgentList');

const SignerDirectorySchema = z
  .object({
    url: z.string(),
    fetchedAt: TimestampOut.nullable(),
    freshUntil: TimestampOut.nullable(),
    triedAt: TimestampOut,
    failure: z.string().nullable(),
    failures: z.int().openapi({ description: 'Failures in a row.' }),
  })
  .openapi('SignerDirectory');

export const AgentsSchema = z
  .object({
    isOffline: z
      .boolean()
      .openapi({ description: 'true: nothing is fetched, and reverse DNS is not asked.' }),
    items: z.array(AgentSchema),
    lists: z.array(AgentListSchema),
    directories: z
      .array(SignerDirectorySchema)
      .openapi({ description: 'Directories of signers, at most 1,000, those that were tried last.' }),
  })
  .openapi('Agents');

export const AgentVerdictSchema = z
  .object({
    address: z.string(),
    result: z.enum(SHARED_RESULTS).openapi({ description: 'What reverse DNS found.' }),
    names: z.array(z.string()).openapi({ description: 'The names of the address, at most four.' }),
    checkedAt: TimestampOut,
    until: TimestampOut.openapi({ description: 'Until when the verdict holds.' }),
  })
  .openapi('AgentVerdict');

export const AgentCheckSchema = z
  .object({
    address: z.string(),
    agent: z.string(),
    operator: z.string(),
    verdict: z.enum(VERDICTS),
    by: z.enum(['range', 'reverse_dns']).nullable().openapi({ description: 'What proves it.' }),
    steps: z.array(
      z.object({
        check: z.enum(['list', 'operator', 'reverse_dns']),
        source: z.string().openapi({ description: 'URL of the list, operator, or ends of names.' }),
        finding: z.string(),
      }),
    ),
  })
  .openapi('AgentCheck');

export function agentsJson(
  catalogue: readonly CatalogueAgent[],
  { lists, directories, isOffline }: KnownAgents,
  nowMs: number,
) {
  return {
    isOffline,
    items: catalogue.map(agentJson),
    lists: lists.map((list) => agentListJson(list, nowMs)),
    directories: directories.map(directoryJson),
  };
}

function agentJson({ verify, token, operator, match, class: asked }: CatalogueAgent) {
  const [ranges, rdns, signatureAgents] = [[...verify.ranges], [...verify.rdns], [...verify.signatureAgents]];
  return { token, operator, class: asked, match, ranges, rdns, signatureAgents };
}

export function agentListJson(list: AgentList, nowMs: number) {
  return {
    url: list.url,
    prefixes: list.prefixes?.length ?? 0,
    fetchedAt: timestampOrNull(list.fetchedAtMs),
    isShipped: list.isShipped,
    isFresh: isListFresh(list, nowMs),
    triedAt: timestampOrNull(list.triedAtMs),
    failure: list.failure,
  };
}

function directoryJson({ fetchedAtMs, freshUntilMs, triedAtMs, ...rest }: SignerDirectoryRecord) {
  const [fetchedAt, freshUntil] = [timestampOrNull(fetchedAtMs), timestampOrNull(freshUntilMs)];
  return { ...rest, fetchedAt, freshUntil, triedAt: isoTimestamp(triedAtMs) };
}

export function agentVerdictJson({ address, result, names, checkedAtMs, untilMs }: AddressVerdictRecord) {
  const times = { checkedAt: isoTimestamp(checkedAtMs), until: isoTimestamp(untilMs) };
  return { address, result, names: [...names], ...times };
}

export function agentCheckJson({ address, agent, verdict, by, steps }: AgentCheck) {
  const { token, operator } = agent;
  return { address, agent: token, operator, verdict, by, steps: steps.map((step) => ({ ...step })) };
}

function timestampOrNull(atMs: number | null): string | null {
  return atMs === null ? null : isoTimestamp(atMs);
}
