/** A few agents for tests of ranges, reverse DNS and verdicts. */

import type { CatalogueAgent } from '../../../src/identify/asker/port.ts';
import type { AgentList } from '../../../src/identify/ranges/agent-list.ts';

const agent = (
  token: string,
  operator: string,
  ranges: readonly string[],
  rdns: readonly string[] = [],
): CatalogueAgent => ({
  ...{ token, operator, match: `${token}/`, class: token === 'GPTBot' ? 'ai_training' : 'search' },
  verify: { ranges, rdns, signatureAgents: [] },
});

export const COMMON = 'https://lists.example/common.json';
export const SHARED = 'https://developers.google.com/static/crawling/ipranges/user-triggered-fetchers.json';
export const GOOGLEBOT = agent('Googlebot', 'Google', [COMMON], ['.googlebot.com', '.google.com']);
export const GOOGLE_OTHER = agent('GoogleOther', 'Google', [COMMON, SHARED]);
export const GPTBOT = agent('GPTBot', 'OpenAI', ['https://lists.example/gptbot.json']);
export const SEARCHBOT = agent('OAI-SearchBot', 'OpenAI', ['https://lists.example/searchbot.json']);
export const YANDEX = agent('YandexBot', 'Yandex', [], ['.yandex.com']);
export const BYTESPIDER = agent('Bytespider', 'ByteDance', []);
export const AGENTS = [GOOGLEBOT, GOOGLE_OTHER, GPTBOT, SEARCHBOT, YANDEX, BYTESPIDER];

export function listOf(url: string, prefixes: readonly string[] | null, fetchedAtMs: number): AgentList {
  const outcome = { etag: null, failure: null, triedAtMs: fetchedAtMs, isShipped: false };
  return { url, prefixes, fetchedAtMs: prefixes === null ? null : fetchedAtMs, ...outcome };
}
