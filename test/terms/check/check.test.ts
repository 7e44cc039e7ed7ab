import { describe, expect, test } from 'vitest';
import { checkTerms } from '../../../src/terms/check/check.ts';
import type { SitePage, SiteReader } from '../../../src/terms/port.ts';
import { mergeRobots } from '../../../src/terms/robots/merge.ts';
import { policy } from '../policies.ts';

const AGENTS = [
  { token: 'GPTBot', class: 'ai_training' },
  { token: 'bingbot', class: 'search' },
] as const;
const POLICY = policy({ purposes: { search: 'allow', ai_training: 'licence' } });
const PLATFORM = 'User-agent: *\nDisallow: /private/\n';
const MERGED = mergeRobots(PLATFORM, { policy: POLICY, agents: AGENTS, licenceUrl: '/license.xml' });

interface Given {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly isCut?: boolean;
}

function page({ status = 200, headers = {}, body = '', isCut = false }: Given): SitePage {
  return { status, header: (name) => headers[name] ?? null, body: new TextEncoder().encode(body), isCut };
}

const LICENCE = { headers: { 'content-type': 'application/rsl+xml' } };

/** The codes that a check finds, with their levels and paths. */
async function found(
  side: 'platform' | 'public',
  pages: Readonly<Record<string, Given | null>>,
  given = POLICY,
) {
  const all: Record<string, Given | null> = {
    '/robots.txt': { body: side === 'public' ? MERGED : PLATFORM },
    '/.well-known/postmeter/license.xml': LICENCE,
    ...pages,
  };
  const site: SiteReader = {
    origin: 'https://site.example',
    read: async (path) => (all[path] === null ? null : page(all[path] ?? {})),
  };
  const findings = await checkTerms({ policy: given, agents: AGENTS, paths: ['/posts/'], side }, site);
  return findings.map(({ level, code, path, agent }) => [level, code, path, agent].filter(Boolean).join(' '));
}

test.each(['platform', 'public'] as const)('what agrees with the policy has no finding: %s', async (side) => {
  expect(await found(side, {})).toEqual([]);
});

describe('the robots.txt', () => {
  test.each([
    ['is away', null, 'error robots_unavailable /robots.txt'],
    ['fails', { status: 503 }, 'error robots_unavailable /robots.txt'],
    ['leads elsewhere', { status: 301 }, 'error robots_redirect /robots.txt'],
    ['is a page', { body: '<html>' }, 'error robots_html /robots.txt'],
    ['is too long', { body: PLATFORM, isCut: true }, 'error robots_too_long /robots.txt'],
    [
      'is encoded',
      { body: PLATFORM, headers: { 'content-encoding': 'br' } },
      'error robots_encoding /robots.txt',
    ],
    ['becomes too long', { body: '# x\n'.repeat(130_000) }, 'error robots_too_long /robots.txt'],
  ])('of the platform %s', async (_what, robots, expected) => {
    expect(await found('platform', { '/robots.txt': robots })).toEqual([expected]);
  });

  test('of the platform may be missing, and the public one may not', async () => {
    expect(await found('platform', { '/robots.txt': { status: 404 } })).toEqual([]);
    const codes = await found('public', { '/robots.txt': { status: 404 } });
    expect(codes).toContain('error robots_unavailable /robots.txt');
  });

  test('that the public receives allows what the policy does not', async () => {
    expect(await found('public', { '/robots.txt': { body: PLATFORM } })).toEqual([
      'error robots_allows / GPTBot',
      'error robots_allows /posts/ GPTBot',
    ]);
  });

  test('of the platform that is stricter than the policy is a notice', async () => {
    const given = policy({ agents: { bingbot: 'allow' } });
    const robots = { '/robots.txt': { body: 'User-agent: *\nDisallow: /\n' } };
    expect(await found('platform', robots, given)).toEqual([
      'notice robots_forbids / bingbot',
      'notice robots_forbids /posts/ bingbot',
    ]);
  });
});

test('pages and the licence are compared with the policy', async () => {
  const licence = { '/.well-known/postmeter/license.xml': { status: 404 } };
  expect(await found('public', licence)).toEqual([
    'error licence_missing /.well-known/postmeter/license.xml',
  ]);
  const usage = { '/posts/': { headers: { 'content-usage': 'search=y, train-ai=y' } } };
  expect(await found('platform', usage)).toEqual(['error usage_contradicts /posts/']);
  const cached = { '/posts/': { headers: { age: '10' } }, '/': { headers: { 'x-cache': 'HIT from cdn' } } };
  expect(await found('public', cached)).toEqual(['error cached /', 'error cached /posts/']);
  expect(await found('platform', cached)).toEqual([]);
});
