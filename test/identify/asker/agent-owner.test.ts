import { expect, it } from 'vitest';
import { ownedByAgent } from '../../../src/identify/asker/agent-owner.ts';
import type { AgentPart } from '../../../src/identify/asker/evidence.ts';
import { buildDirectory } from '../../../src/identify/directory.ts';
import type { IdentifyResult } from '../../../src/identify/identity.ts';

const agents = {
  openai: 'GPTBot',
  signer: 'https://signer.example',
  chat: 'https://chatgpt.com',
  common: 'CCBot',
};
const directory = buildDirectory(
  {
    clients: [],
    identifiers: Object.entries(agents).map(([clientId, agent]) => ({
      id: `agent-${clientId}`,
      clientId,
      kind: 'agent',
      agent,
    })),
    tariffs: [],
    policies: [],
    policyVersions: [],
  },
  60,
);

const part = (
  agent: string | null,
  evidence: AgentPart['evidence'],
  signer: string | null = null,
): AgentPart => ({
  agent,
  signer,
  class: 'ai_training',
  verdict: evidence === 'claim' || evidence === 'weak_signature' ? 'pending' : 'verified',
  evidence,
});
const caller = { clientId: 'addr:192.0.2.1', identifierId: 'addr:192.0.2.1', address: '192.0.2.1' };
const found: Record<string, IdentifyResult> = {
  caller: { kind: 'identified', identity: caller, by: 'address' },
  range: {
    kind: 'identified',
    identity: { clientId: 'office', identifierId: 'r', address: '192.0.2.1' },
    by: 'range',
  },
  key: {
    kind: 'identified',
    identity: { clientId: 'acme', identifierId: 'k', address: '192.0.2.1' },
    by: 'key',
    secrets: [],
    caller: () => caller,
  },
  chatKey: {
    kind: 'identified',
    identity: { clientId: 'chat', identifierId: 'k', address: '192.0.2.1' },
    by: 'key',
    secrets: [],
    caller: () => caller,
  },
  bad: { kind: 'bad_credential', caller },
};

it.each<[string, string, AgentPart[], string]>([
  ['no agent', 'caller', [], 'addr:192.0.2.1 by address'],
  ['a proven agent', 'caller', [part('GPTBot', 'range')], 'openai by agent'],
  ['a proven agent without regard to case', 'caller', [part('gptbot', 'reverse_dns')], 'openai by agent'],
  ['a proven agent before a range', 'range', [part('GPTBot', 'range')], 'openai by agent'],
  ['a proven agent that no client has', 'range', [part('Googlebot', 'range')], 'office by range'],
  ['an operator without an agent', 'caller', [part(null, 'range')], 'addr:192.0.2.1 by address'],
  ['a claim', 'caller', [part('GPTBot', 'claim')], 'addr:192.0.2.1 by address'],
  [
    'a weak signature',
    'caller',
    [part('https://signer.example', 'weak_signature')],
    'addr:192.0.2.1 by address',
  ],
  [
    'the signature of a signer that the catalogue does not know',
    'caller',
    [part('https://signer.example/', 'signature', 'https://signer.example/')],
    'signer by agent',
  ],
  [
    'a signature: the signer before the agent',
    'caller',
    [part('GPTBot', 'signature', 'https://chatgpt.com/')],
    'chat by agent',
  ],
  [
    'a signature before an address',
    'caller',
    [part('CCBot', 'range'), part('ChatGPT Agent', 'signature', 'https://chatgpt.com/')],
    'chat by agent',
  ],
  ['a key before an agent that its address proves', 'key', [part('GPTBot', 'range')], 'acme by key'],
  [
    'a key and a signature of one client',
    'chatKey',
    [part('ChatGPT Agent', 'signature', 'https://chatgpt.com')],
    'chat by key',
  ],
  [
    'a key and a signature of two clients',
    'key',
    [part('ChatGPT Agent', 'signature', 'https://chatgpt.com')],
    'refused, as addr:192.0.2.1',
  ],
  ['a bad credential', 'bad', [part('GPTBot', 'range')], 'refused, as addr:192.0.2.1'],
])('the client of a request with %s', (_, by, parts, expected) => {
  const result = ownedByAgent(found[by]!, parts, directory);
  const text =
    result.kind === 'identified'
      ? `${result.identity.clientId} by ${result.by}`
      : `refused, as ${result.caller.clientId}`;
  expect(text).toBe(expected);
});
