import { describe, expect, it } from 'vitest';
import { catalogueOf } from '../../../src/identify/asker/catalogue/catalogue.ts';
import { type AskingClient, classify } from '../../../src/identify/asker/classify.ts';
import { type AgentFacts, agentParts } from '../../../src/identify/asker/evidence.ts';
import type { AddressVerdict, SignatureOutcome } from '../../../src/identify/asker/port.ts';
import type { Asker } from '../../../src/rights/asker.ts';

const catalogue = catalogueOf([]);
const CALLER: AskingClient = { class: null, by: 'address' };
const BROWSER = { isLikeBrowser: true, isLikePerson: true };

interface Case {
  readonly claims?: Readonly<Record<string, AddressVerdict['verdict']>>;
  readonly by?: AddressVerdict['by'];
  readonly operators?: readonly string[];
  readonly signature?: Partial<SignatureOutcome> & { readonly signer: string };
  readonly client?: AskingClient;
  readonly behaviour?: typeof BROWSER;
}

function factsOf({ claims = {}, by = null, operators = [], signature }: Case): AgentFacts {
  return {
    claims: Object.entries(claims).map(([token, verdict]) => ({
      agent: catalogue.byToken(token)!,
      verdict,
      by: verdict === 'verified' ? (by ?? 'range') : null,
    })),
    operators: new Map(operators.map((operator) => [operator, catalogue.ofOperator(operator)])),
    signature:
      signature === undefined
        ? null
        : {
            outcome: 'verified',
            grade: 'bound',
            reason: null,
            ...signature,
            agents: catalogue.signedBy(signature.signer),
          },
  };
}

const classOf = (one: Case): Asker =>
  classify(one.client ?? CALLER, agentParts(factsOf(one)), one.behaviour ?? BROWSER);

/** `class+alsoAs agent verdict evidence` */
const text = ({ class: asker, alsoAs, agent, verdict, evidence }: Asker) =>
  [asker + (alsoAs === undefined ? '' : `+${alsoAs}`), agent ?? '-', verdict ?? '-', evidence].join(' ');

describe('the class of an asker', () => {
  it.each<[string, Case, string]>([
    // 1. The client.
    ['a client with a class', { client: { class: 'partner', by: 'range' } }, 'partner - - credential'],
    [
      'a client with a class, whatever its User-Agent claims',
      { client: { class: 'first_party', by: 'key' }, claims: { GPTBot: 'forged' } },
      'first_party GPTBot forged credential',
    ],
    ['a key without a class', { client: { class: null, by: 'key' } }, 'developer - - credential'],
    ['a range without a class', { client: { class: null, by: 'range' } }, 'human - - behaviour'],
    [
      'a client of a proven agent',
      { client: { class: 'partner', by: 'agent' }, claims: { GPTBot: 'verified' } },
      'partner GPTBot verified range',
    ],
    // 2. Proofs.
    ['a proven agent', { claims: { GPTBot: 'verified' } }, 'ai_training GPTBot verified range'],
    [
      'an agent that reverse DNS proves',
      { claims: { Googlebot: 'verified' }, by: 'reverse_dns' },
      'search Googlebot verified reverse_dns',
    ],
    [
      'a signer of the catalogue',
      { signature: { signer: 'https://chatgpt.com/' } },
      'user_fetch ChatGPT Agent verified signature',
    ],
    [
      'a signer that the catalogue does not know',
      { signature: { signer: 'https://signer.example/' } },
      'unknown https://signer.example/ verified signature',
    ],
    [
      'a signer, and a claim of another agent of its operator',
      { signature: { signer: 'https://chatgpt.com/' }, claims: { GPTBot: 'forged' } },
      'ai_training GPTBot verified signature',
    ],
    [
      'a signer, and a forged claim of another operator',
      { signature: { signer: 'https://chatgpt.com/' }, claims: { Googlebot: 'forged' } },
      'forged Googlebot forged claim',
    ],
    [
      'a signer, and an unchecked claim of another operator',
      { signature: { signer: 'https://chatgpt.com/' }, claims: { Bytespider: 'uncheckable' } },
      'ai_training+unknown Bytespider uncheckable claim',
    ],
    [
      'a range of an operator without a claim: its strictest class',
      { operators: ['OpenAI'] },
      'ai_training - verified range',
    ],
    [
      'a range of an operator, and the claim of one of its agents',
      { operators: ['Anthropic'], claims: { 'Claude-User': 'uncheckable' } },
      'user_fetch Claude-User verified range',
    ],
    [
      'a range of another operator than the claimed one',
      { operators: ['OpenAI'], claims: { Googlebot: 'pending' } },
      'ai_training+unknown - verified range',
    ],
    // 3. Forged.
    ['a forged claim', { claims: { GPTBot: 'forged' } }, 'forged GPTBot forged claim'],
    [
      'a forged claim beside a proven one',
      { claims: { bingbot: 'verified', Googlebot: 'forged' } },
      'forged Googlebot forged claim',
    ],
    [
      'a token that exists in robots.txt only',
      { claims: { 'Google-Extended': 'uncheckable' } },
      'forged Google-Extended forged claim',
    ],
    [
      'a token of robots.txt from its operator',
      { claims: { 'Applebot-Extended': 'verified' }, operators: ['Apple'] },
      'forged Applebot-Extended forged claim',
    ],
    // 4. and 5. Claims.
    ['a pending claim', { claims: { GPTBot: 'pending' } }, 'ai_training+unknown GPTBot pending claim'],
    [
      'an uncheckable claim',
      { claims: { Bytespider: 'uncheckable' } },
      'ai_training+unknown Bytespider uncheckable claim',
    ],
    [
      'a claim of a search crawler',
      { claims: { Googlebot: 'pending' } },
      'search+unknown Googlebot pending claim',
    ],
    [
      'a claim of an agent without a purpose',
      { claims: { facebookexternalhit: 'uncheckable' } },
      'unknown facebookexternalhit uncheckable claim',
    ],
    [
      'several claims: the strictest',
      { claims: { 'ChatGPT-User': 'pending', GPTBot: 'pending', Googlebot: 'pending' } },
      'ai_training+unknown GPTBot pending claim',
    ],
    [
      'a weak signature',
      { signature: { signer: 'https://chatgpt.com/', grade: 'weak' } },
      'user_fetch+unknown ChatGPT Agent pending weak_signature',
    ],
    [
      'a weak signature from an address of the operator',
      { signature: { signer: 'https://chatgpt.com/', grade: 'weak' }, operators: ['OpenAI'] },
      'user_fetch ChatGPT Agent verified signature',
    ],
    [
      'a weak signature of an unknown signer',
      { signature: { signer: 'https://signer.example/', grade: 'weak' } },
      'unknown https://signer.example/ pending weak_signature',
    ],
    [
      'a signature that is not verified yet',
      { signature: { signer: 'https://chatgpt.com/', outcome: 'unverified' } },
      'user_fetch+unknown ChatGPT Agent pending claim',
    ],
    [
      'a signature that cannot be read',
      { signature: { signer: '', outcome: 'unverified' } },
      'unknown - pending claim',
    ],
    [
      'an invalid signature, as if there were none',
      { signature: { signer: 'https://chatgpt.com/', outcome: 'invalid' } },
      'human - - behaviour',
    ],
    // 6. to 8. Behaviour.
    ['a browser', {}, 'human - - behaviour'],
    [
      'a browser that took too much',
      { behaviour: { isLikeBrowser: true, isLikePerson: false } },
      'unknown - - behaviour',
    ],
    [
      'a library with a session',
      { behaviour: { isLikeBrowser: false, isLikePerson: true } },
      'unknown - - behaviour',
    ],
  ])('%s', (_, one, expected) => expect(text(classOf(one))).toBe(expected));
});
