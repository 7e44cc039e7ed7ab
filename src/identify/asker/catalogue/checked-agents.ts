/**
 * The agents whose operators publish how to check them: address ranges, names of reverse DNS, or signatures. Each entry
 * follows what its operator documents, as public repositories recorded it by 1 December 2026.
 */

import type { AgentClass } from '../../../rights/asker.ts';
import type { CatalogueAgent } from '../port.ts';

type Agents = ReadonlyArray<readonly [token: string, agentClass: AgentClass]>;

const GOOGLE_RANGES = 'https://developers.google.com/static/crawling/ipranges/';

/** @param verify shared by all these agents. */
function checked(operator: string, verify: Partial<CatalogueAgent['verify']>, agents: Agents) {
  return agents.map(
    ([token, agentClass]): CatalogueAgent => ({
      token,
      operator,
      class: agentClass,
      match: token,
      verify: { ranges: [], rdns: [], signatureAgents: [], ...verify },
    }),
  );
}

/**
 * Agents that also fetch from the devices of people or from rented clouds (Claude-User, Google-NotebookLM) are not here:
 * an address outside the published ranges does not prove that they are forged.
 */
export const CHECKED_AGENTS: readonly CatalogueAgent[] = [
  checked('OpenAI', { ranges: ['https://openai.com/gptbot.json'] }, [['GPTBot', 'ai_training']]),
  checked('OpenAI', { ranges: ['https://openai.com/searchbot.json'] }, [['OAI-SearchBot', 'ai_input']]),
  checked('OpenAI', { ranges: ['https://openai.com/chatgpt-user.json'] }, [['ChatGPT-User', 'user_fetch']]),
  checked('OpenAI', { ranges: ['https://openai.com/adsbot.json'] }, [['OAI-AdsBot', 'unknown']]),
  checked('OpenAI', { signatureAgents: ['https://chatgpt.com'] }, [['ChatGPT Agent', 'user_fetch']]),
  checked('Anthropic', { ranges: ['https://claude.com/crawling/bots.json'] }, [
    ['ClaudeBot', 'ai_training'],
    ['Claude-SearchBot', 'ai_input'],
  ]),
  checked('Perplexity', { ranges: ['https://www.perplexity.com/perplexitybot.json'] }, [
    ['PerplexityBot', 'ai_input'],
  ]),
  checked('Perplexity', { ranges: ['https://www.perplexity.com/perplexity-user.json'] }, [
    ['Perplexity-User', 'user_fetch'],
  ]),
  checked('Google', { ranges: [`${GOOGLE_RANGES}common-crawlers.json`], rdns: ['.googlebot.com'] }, [
    ['Googlebot', 'search'],
    ['Googlebot-Image', 'search'],
    ['Googlebot-News', 'search'],
    ['Googlebot-Video', 'search'],
    ['Storebot-Google', 'search'],
    ['Google-InspectionTool', 'unknown'],
    ['Google-CloudVertexBot', 'ai_input'],
    ['GoogleOther', 'ai_training'],
    ['GoogleOther-Image', 'ai_training'],
    ['GoogleOther-Video', 'ai_training'],
  ]),
  checked('Google', { ranges: [`${GOOGLE_RANGES}special-crawlers.json`], rdns: ['.google.com'] }, [
    ['AdsBot-Google', 'unknown'],
    ['AdsBot-Google-Mobile', 'unknown'],
    ['Mediapartners-Google', 'unknown'],
    ['APIs-Google', 'unknown'],
    ['Google-Safety', 'unknown'],
  ]),
  checked(
    'Google',
    {
      ranges: [`${GOOGLE_RANGES}user-triggered-agents.json`],
      signatureAgents: ['https://agent.bot.goog'],
    },
    [['Google-Agent', 'user_fetch']],
  ),
  checked('Microsoft', { ranges: ['https://www.bing.com/toolbox/bingbot.json'], rdns: ['.search.msn.com'] }, [
    ['bingbot', 'search'],
  ]),
  checked(
    'Apple',
    { ranges: ['https://search.developer.apple.com/applebot.json'], rdns: ['.applebot.apple.com'] },
    [['Applebot', 'search']],
  ),
  checked('DuckDuckGo', { ranges: ['https://duckduckgo.com/duckduckbot.json'] }, [['DuckDuckBot', 'search']]),
  checked(
    'DuckDuckGo',
    {
      ranges: ['https://duckduckgo.com/duckassistbot.json'],
      signatureAgents: ['https://assistbot.duckduckgo.com'],
    },
    [['DuckAssistBot', 'ai_input']],
  ),
  checked(
    'Common Crawl',
    { ranges: ['https://index.commoncrawl.org/ccbot.json'], rdns: ['.crawl.commoncrawl.org'] },
    [['CCBot', 'ai_training']],
  ),
  checked('Mistral AI', { ranges: ['https://mistral.ai/mistralai-user-ips.json'] }, [
    ['MistralAI-User', 'user_fetch'],
  ]),
  checked('Mistral AI', { ranges: ['https://mistral.ai/mistralai-index-ips.json'] }, [
    ['MistralAI-Index', 'ai_input'],
  ]),
  checked('Moonshot AI', { ranges: ['https://www.kimi.ai/policies/kimibot.json'] }, [
    ['KimiBot', 'ai_training'],
    ['Kimi-SearchBot', 'ai_input'],
    ['Kimi-User', 'user_fetch'],
  ]),
  checked('Liner', { ranges: ['https://docs.getliner.com/linerbot.json'] }, [['LinerBot', 'ai_input']]),
  checked('Parallel', { ranges: ['https://docs.parallel.ai/resources/shapbot.json'] }, [
    ['ShapBot', 'ai_input'],
  ]),
  checked('Lyrenth', { ranges: ['https://lyrenth.com/bot/ip-ranges.json'], rdns: ['.lyrenth.com'] }, [
    ['AIWebIndex', 'ai_input'],
  ]),
  checked('Amazon', { rdns: ['.crawl.amazonbot.amazon'] }, [['Amazonbot', 'ai_training']]),
  checked('Yandex', { rdns: ['.yandex.ru', '.yandex.net', '.yandex.com'] }, [
    ['YandexBot', 'search'],
    ['YandexImages', 'search'],
    ['YandexVideo', 'search'],
    ['YandexMobileBot', 'search'],
    ['YandexRenderResourcesBot', 'search'],
    ['YandexAdditional', 'ai_training'],
    ['YandexAdditionalBot', 'ai_training'],
  ]),
  checked('Baidu', { rdns: ['.baidu.com', '.baidu.jp'] }, [
    ['Baiduspider', 'search'],
    ['Baiduspider-render', 'search'],
    ['Baiduspider-image', 'search'],
    ['Baiduspider-video', 'search'],
    ['Baiduspider-news', 'search'],
  ]),
  checked('Seznam', { rdns: ['.seznam.cz'] }, [['SeznamBot', 'search']]),
  checked('Mojeek', { rdns: ['.mojeek.com'] }, [['MojeekBot', 'search']]),
  checked('Qwant', { rdns: ['.qwant.com'] }, [['Qwantbot', 'search']]),
  checked('Huawei', { rdns: ['.petalsearch.com', '.aspiegel.com'] }, [['PetalBot', 'ai_input']]),
  checked('You.com', { rdns: ['.search.you.com'], signatureAgents: ['https://you.com'] }, [
    ['YouBot', 'ai_input'],
  ]),
  checked('Ahrefs', { rdns: ['.ahrefs.com', '.ahrefs.net'] }, [
    ['AhrefsBot', 'unknown'],
    ['AhrefsSiteAudit', 'unknown'],
  ]),
  checked('Exa', { signatureAgents: ['https://crawler.exa.ai'] }, [['ExaSearchBot', 'ai_input']]),
  checked('Manus', { signatureAgents: ['https://api.manus.im'] }, [['Manus-User', 'user_fetch']]),
  checked('Apify', { signatureAgents: ['https://api.apify.com'] }, [
    ['ApifyBot', 'ai_input'],
    ['ApifyWebsiteContentCrawler', 'ai_input'],
  ]),
].flat();
