import { parseItem } from 'structured-headers';
import { expect, it } from 'vitest';
import { agentHeaderText } from '../../../src/identify/asker/agent-header.ts';
import type { Asker } from '../../../src/rights/asker.ts';

it.each<[string, Asker]>([
  [
    '"GPTBot";class=ai_training;also-as=unknown;verdict=pending;evidence=claim',
    { class: 'ai_training', alsoAs: 'unknown', agent: 'GPTBot', verdict: 'pending', evidence: 'claim' },
  ],
  [
    '"https://signer.example/";class=unknown;verdict=verified;evidence=signature',
    { class: 'unknown', agent: 'https://signer.example/', verdict: 'verified', evidence: 'signature' },
  ],
  [
    '"";class=human;evidence=behaviour',
    { class: 'human', agent: null, verdict: null, evidence: 'behaviour' },
  ],
  [
    '"a\\"b??";class=unknown;evidence=claim',
    { class: 'unknown', agent: 'a"b\r\u00e9', verdict: null, evidence: 'claim' },
  ],
])('the header of the agent is the structured field %s', (text, asker) => {
  expect(agentHeaderText(asker)).toBe(text);
  const [item, parameters] = parseItem(text);
  expect(item).toBe(asker.agent?.replace(/[^ -~]/g, '?') ?? '');
  expect(`${parameters.get('class')}`).toBe(asker.class);
});
