import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { permissionFor, type TermsAgent } from '../../../src/terms/permission.ts';
import type { Policy } from '../../../src/terms/policy.ts';
import { concernedAgents, mergeRobots } from '../../../src/terms/robots/merge.ts';
import { robotsBytes } from '../../../src/terms/robots/text.ts';
import { draws } from '../../support/draws.ts';
import { policy } from '../policies.ts';
import { drawFile, WRITTEN_FILES } from './files.ts';
import { SlowReader } from './slow-reader.ts';

interface Reader {
  isAllowed(url: string, agent: string): boolean | undefined;
}
/** The package's types describe another form of its export. */
const require = createRequire(import.meta.url);
const robotsParser = require('robots-parser') as (url: string, text: string) => Reader;

const SITE = 'https://site.example';
const CATALOGUE: readonly TermsAgent[] = [
  ...['GPTBot', 'CCBot', 'ClaudeBot', 'Bytespider', 'Google-Extended', 'Kangaroo Bot'].map(
    (token): TermsAgent => ({ token, class: 'ai_training' }),
  ),
  ...['Googlebot', 'Googlebot-Image', 'bingbot', 'Applebot', 'AdsBot-Google'].map(
    (token): TermsAgent => ({ token, class: 'search' }),
  ),
  ...['PerplexityBot', 'OAI-SearchBot'].map((token): TermsAgent => ({ token, class: 'ai_input' })),
  ...['ChatGPT-User', 'archive.org_bot'].map((token): TermsAgent => ({ token, class: 'user_fetch' })),
  ...Array.from({ length: 250 }, (_, at): TermsAgent => ({ token: `Other${at}Bot`, class: 'unknown' })),
];
const UNKNOWN_AGENTS = ['Twitterbot', 'Slackbot', 'AhrefsBot', 'SomeBot'];

const POLICIES: Readonly<Record<string, Policy>> = {
  'no training': policy({ purposes: { ai_training: 'licence' } }),
  'no training but a folder': policy({
    purposes: { search: 'allow', ai_input: 'deny', ai_training: 'licence' },
    paths: [
      { path: '/open/', purposes: { ai_training: 'allow' } },
      { path: '/open/x/', purposes: { ai_training: 'deny' } },
    ],
    freePaths: ['/a/b/'],
  }),
  'a closed folder': policy({
    purposes: { search: 'allow' },
    paths: [{ path: '/search', purposes: { '*': 'deny' } }],
    agents: { CCBot: 'deny', gptbot: 'allow' },
  }),
  'no Google': policy({ agents: { Googlebot: 'deny' } }),
};

const PATHS = [
  ...['/', '/a', '/a/', '/a/b', '/a/b/', '/a/b/c', '/ab', '/a/b.pdf', '/a.pdf', '/b/c/d', '/a$b', '/a$bc'],
  ...['/open/', '/open/x', '/open/x/y', '/open/a', '/open/ab', '/open/x.pdf', '/open/q/draft', '/open/?s=1'],
  ...['/search', '/search?q=1', '/searching', '/wp-admin/', '/wp-admin/admin-ajax.php', '/wp-admin/x.css'],
  ...[
    '/private',
    '/cart/help',
    '/cart',
    '/api/docs',
    '/api/x',
    '/caf%C3%A9/menu',
    '/caf%C3%A9/x',
    '/u/x.json',
  ],
  ...['/x', '/x/y', '/g/open/z', '/g/z', '/all/', '/photos/1', '/?s=open', '/xsecret/ok', '/only/', '/a%20x'],
];

interface Readers {
  readonly slow: SlowReader;
  parser(agent: string, path: string): boolean;
}
const readersByText = new Map<string, Readers>();

const MARK = '\u00ef\u00bb\u00bf';
const FILES = [
  ...Object.values(WRITTEN_FILES),
  ...drawnFiles(draws(200) - Object.keys(WRITTEN_FILES).length),
];

describe.each(Object.entries(POLICIES))('a merged file: %s', (_name, terms) => {
  const named = concernedAgents(terms, CATALOGUE);
  const isNamed = new Set(named.map(({ token }) => token));
  const unnamed = [
    ...CATALOGUE.map(({ token }) => token).filter((token) => !isNamed.has(token)),
    ...UNKNOWN_AGENTS,
  ];

  test('changes no verdict for agents that the policy does not concern', { timeout: 60_000 }, () => {
    for (const [at, file] of FILES.entries()) {
      const { before, after } = readers(file, terms);
      // The many agents that no file names are alike, so each file is read as a few of them.
      for (const agent of unnamed.filter((_, index) => index < 5 || index % 40 === at % 40)) {
        for (const path of PATHS) {
          const verdicts = [after.slow.allows(agent, path), after.parser(agent, path)];
          const expected = [before.slow.allows(agent, path), before.parser(agent, path)];
          // An agent follows its family, and the policy changes that.
          if (isFamilyOfNamed(agent, isNamed)) verdicts[0] = expected[0] = true;
          if (String(verdicts) !== String(expected))
            expect.fail(report(file, terms, agent, path, expected, verdicts));
        }
      }
    }
  });

  test('is the stricter of both for agents that the policy concerns', { timeout: 60_000 }, () => {
    let tooStrict = 0;
    for (const file of FILES) {
      const { before, after } = readers(file, terms);
      for (const agent of named) {
        for (const path of PATHS) {
          const isPermitted = permissionFor(terms, agent, path) === 'allow';
          const { token } = agent;
          const expected = before.slow.allows(token, path) && isPermitted;
          const verdict = after.slow.allows(token, path);
          if (verdict && !expected) expect.fail(report(file, terms, token, path, expected, verdict));
          if (verdict !== expected) tooStrict++;
          if (before.parser(token, path) !== before.slow.allows(token, path)) continue;
          const other = after.parser(token, path);
          if (other && !expected)
            expect.fail(`robots-parser: ${report(file, terms, token, path, expected, other)}`);
          if (other !== expected) tooStrict++;
        }
      }
    }
    // An exact pattern that must outrank a longer one has no longer form. No file of a usual run needs it.
    expect(tooStrict / (FILES.length * named.length * PATHS.length)).toBeLessThan(
      draws(1) === 1 ? 1e-9 : 1e-4,
    );
  });

  test('keeps every line of the platform, in order', () => {
    for (const file of FILES) {
      const merged = mergedFile(file, terms).split(/\r\n|\r|\n/);
      const isMarked = merged[0]?.startsWith(MARK) === true;
      if (isMarked) merged[0] = merged[0]!.slice(MARK.length);
      let at = 0;
      for (const line of (isMarked ? file.slice(MARK.length) : file).split(/\r\n|\r|\n/)) {
        at = merged.indexOf(line, at) + 1;
        expect(at, line).toBeGreaterThan(0);
      }
      expect(isMarked).toBe(file.startsWith(MARK));
    }
  });
});

test('a rule follows each User-agent line of ours, the longest first', () => {
  expect(mergedFile(WRITTEN_FILES.wordpress!, POLICIES['no training']!)).toMatchInlineSnapshot(`
    "License: https://site.example/license.xml

    User-agent: GPTBot
    User-agent: CCBot
    User-agent: ClaudeBot
    User-agent: Bytespider
    User-agent: Google-Extended
    User-agent: Kangaroo Bot
    Disallow: /
    Content-Signal: ai-train=no

    User-agent: *
    Disallow: /wp-admin/
    Content-Signal: ai-train=no
    Content-Usage: train-ai=n
    Allow: /wp-admin/admin-ajax.php

    Sitemap: https://site.example/wp-sitemap.xml
    "
  `);
  expect(
    mergedFile(WRITTEN_FILES['begins with rules, ends in agents']!, POLICIES['no Google']!),
  ).toMatchInlineSnapshot(`
    "License: https://site.example/license.xml

    User-agent: Googlebot
    User-agent: Googlebot-Image
    User-agent: Applebot
    Disallow: /
    Content-Signal: search=no

    User-agent: postmeter-end-of-group
    Allow: /

    Disallow: /old/
    User-agent: *
    Disallow: /tmp/
    User-agent: Twitterbot
    "
  `);
  expect(mergedFile(WRITTEN_FILES.managed!, POLICIES['no training but a folder']!)).toMatchInlineSnapshot(`
    "License: https://site.example/license.xml

    User-agent: GPTBot
    User-agent: CCBot
    Disallow: /open/x/
    Disallow: /******
    Allow: /open/
    Allow: /a/b/
    Disallow: /
    Content-Signal: search=yes, ai-input=no, ai-train=no
    Content-Usage: train-ai=n, search=y
    Content-Usage: /a/b/ train-ai=y, search=y
    Content-Usage: /open/ train-ai=y, search=y

    User-agent: ClaudeBot
    User-agent: Bytespider
    User-agent: Google-Extended
    User-agent: Kangaroo Bot
    Disallow: /cart/help
    Disallow: /checkout
    Disallow: /open/x/
    Allow: /open/
    Allow: /a/b/
    Disallow: /cart
    Disallow: /
    Content-Signal: search=yes, ai-input=no, ai-train=no
    Content-Usage: train-ai=n, search=y
    Content-Usage: /a/b/ train-ai=y, search=y
    Content-Usage: /open/ train-ai=y, search=y

    User-agent: PerplexityBot
    User-agent: OAI-SearchBot
    Disallow: /cart/help
    Disallow: /checkout
    Allow: /a/b/
    Disallow: /cart
    Disallow: /
    Content-Signal: search=yes, ai-input=no, ai-train=no
    Content-Usage: train-ai=n, search=y
    Content-Usage: /a/b/ train-ai=y, search=y

    # BEGIN managed block

    User-agent: *
    Content-Signal: search=yes,ai-train=no,use=reference
    Allow: /
    Content-Signal: ai-input=no
    Content-Usage: train-ai=n, search=y
    Content-Usage: /a/b/ train-ai=y, search=y
    Content-Usage: /open/ train-ai=y, search=y

    User-agent: Amazonbot
    Disallow: /
    Content-Signal: search=yes, ai-input=no, ai-train=no

    User-agent: CCBot
    Disallow: /
    Content-Signal: search=yes, ai-input=no, ai-train=no

    User-agent: GPTBot
    Disallow: /
    Content-Signal: search=yes, ai-input=no, ai-train=no

    # END managed block

    User-agent: *
    Disallow: /cart
    Content-Signal: search=yes, ai-input=no, ai-train=no
    Content-Usage: train-ai=n, search=y
    Content-Usage: /a/b/ train-ai=y, search=y
    Content-Usage: /open/ train-ai=y, search=y
    Disallow: /checkout
    Allow: /cart/help
    "
  `);
});

function mergedFile(file: string, terms: Policy): string {
  return mergeRobots(file, { policy: terms, agents: CATALOGUE, licenceUrl: `${SITE}/license.xml` });
}

function readers(file: string, terms: Policy) {
  return { before: readersOf(file), after: readersOf(mergedFile(file, terms)) };
}

function readersOf(text: string): Readers {
  const known = readersByText.get(text);
  if (known !== undefined) return known;
  const body = robotsBytes(text);
  const parser = robotsParser(`${SITE}/robots.txt`, new TextDecoder().decode(body));
  const made = {
    slow: new SlowReader(body),
    parser: (agent: string, path: string) => parser.isAllowed(SITE + path, agent) !== false,
  };
  readersByText.set(text, made);
  return made;
}

function isFamilyOfNamed(agent: string, isNamed: ReadonlySet<string>): boolean {
  return isNamed.has('Googlebot') && /^(googlebot-|applebot)/i.test(agent);
}

function report(
  file: string,
  terms: Policy,
  agent: string,
  path: string,
  expected: unknown,
  found: unknown,
): string {
  return `${agent} at ${path}: expected ${expected}, found ${found}\n--- before\n${file}\n--- after\n${mergedFile(file, terms)}`;
}

function drawnFiles(count: number): string[] {
  let state = 20_261_201;
  const next = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  return Array.from({ length: count }, () => drawFile(next));
}
