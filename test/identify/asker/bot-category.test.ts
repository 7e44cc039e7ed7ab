import { expect, it } from 'vitest';
import { withCategory } from '../../../src/identify/asker/bot-category.ts';
import { catalogueOf } from '../../../src/identify/asker/catalogue/catalogue.ts';
import { agentParts } from '../../../src/identify/asker/evidence.ts';
import type { AddressVerdict } from '../../../src/identify/asker/port.ts';

const catalogue = catalogueOf([]);

it.each<[token: string, verdict: AddressVerdict['verdict'], category: string | undefined, expected: string]>([
  ['Googlebot', 'pending', 'Search Engine Crawler', 'verified cloudflare'],
  ['GPTBot', 'uncheckable', 'AI Crawler', 'verified cloudflare'],
  ['GPTBot', 'pending', 'Search Engine Crawler', 'pending claim'],
  ['Googlebot', 'forged', 'Search Engine Crawler', 'forged claim'],
  ['Googlebot', 'verified', 'AI Crawler', 'verified range'],
  ['Googlebot', 'pending', 'Monitoring & Analytics', 'pending claim'],
  ['Googlebot', 'pending', undefined, 'pending claim'],
])('a claim of %s that is %s, in the category %s, is %s', (token, verdict, category, expected) => {
  const agent = catalogue.byToken(token)!;
  const address: AddressVerdict = { verdict, by: verdict === 'verified' ? 'range' : null };
  const claims = [{ agent, ...withCategory(agent, address, category) }];
  const [part] = agentParts({ claims, operators: new Map(), signature: null });
  expect(`${part!.verdict} ${part!.evidence}`).toBe(expected);
});
