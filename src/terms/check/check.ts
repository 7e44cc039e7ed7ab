/**
 * Compares what is published with a policy: robots.txt by the verdicts for each agent, and the headers of pages. The pages
 * are those of the platform, or those of the gateway as the public gets them.
 */

import { followingAgents } from '../contradictions.ts';
import { comparedPaths } from '../differences.ts';
import { DOCUMENT_PATHS } from '../documents.ts';
import { permissionAt, permissionFor, purposeRules, type TermsAgent } from '../permission.ts';
import type { Policy } from '../policy.ts';
import type { SitePage, SiteReader } from '../port.ts';
import { concernedAgents, mergeRobots } from '../robots/merge.ts';
import { parseRobots } from '../robots/parse.ts';
import { isHtmlPage, robotsText } from '../robots/text.ts';
import { isAllowedBy } from '../robots/verdict.ts';
import { siteFinding, type TermsFinding } from './finding.ts';

/** Crawlers need not read more of a robots.txt (RFC 9309, section 2.5). */
const MAX_READ_BYTES = 500 * 1024;
/** Pages that are fetched besides the documents. */
const MAX_PAGES = 20;

export interface TermsCheck {
  readonly policy: Policy;
  readonly agents: readonly TermsAgent[];
  /** Paths of the platform's routes. */
  readonly paths: readonly string[];
  /** `platform`: the pages do not have our documents and headers yet. `public`: they must have them. */
  readonly side: 'platform' | 'public';
}

export async function checkTerms(check: TermsCheck, site: SiteReader): Promise<TermsFinding[]> {
  const robots = await site.read(DOCUMENT_PATHS['robots.txt']);
  const findings = [...robotsFindings(robots, check.side), ...verdictFindings(check, textOf(robots))];
  if (check.side === 'public')
    findings.push(...licenceFindings(await site.read(DOCUMENT_PATHS['license.xml'])));
  for (const path of comparedPaths([check.policy], check.paths).slice(0, MAX_PAGES)) {
    const page = await site.read(path);
    if (page !== null) findings.push(...pageFindings(check, path, page));
  }
  for (const { agent, follows } of followingAgents(check.policy, check.agents)) {
    const detail = `The exception for ${follows} also concerns ${agent}, which follows its rules.`;
    const hint = `Add an exception for ${agent} if it should differ.`;
    findings.push({ code: 'follows', level: 'notice', path: null, agent, detail, hint });
  }
  return findings;
}

function robotsFindings(page: SitePage | null, side: TermsCheck['side']): TermsFinding[] {
  const status = page?.status ?? 0;
  if (page === null || status >= 500 || status === 429) {
    const detail = status === 0 ? 'robots.txt cannot be fetched.' : `robots.txt returns ${status}.`;
    return [siteFinding('robots_unavailable', detail, 'Crawlers take it as a prohibition of everything.')];
  }
  if (status >= 300 && status < 400) {
    return [
      siteFinding(
        'robots_redirect',
        'robots.txt is a redirect, which is forwarded unchanged.',
        'Serve it at its own path.',
      ),
    ];
  }
  if (status >= 400) {
    const detail = `robots.txt returns ${status}, so the gateway does not publish the policy there.`;
    return side === 'platform'
      ? []
      : [siteFinding('robots_unavailable', detail, 'Send requests for it through the gateway.')];
  }
  const findings: TermsFinding[] = [];
  if (isHtmlPage(robotsText(page.body))) {
    findings.push(
      siteFinding(
        'robots_html',
        'robots.txt is an HTML page.',
        'Exclude it from challenges and catch-all pages.',
      ),
    );
  }
  if (page.isCut) {
    findings.push(
      siteFinding('robots_too_long', 'robots.txt exceeds 512 KiB.', 'Crawlers ignore the rest: shorten it.'),
    );
  }
  const coding = page.header('content-encoding');
  if (coding !== null && coding !== 'identity') {
    const detail = `robots.txt is encoded with ${coding} although the request accepts identity only.`;
    findings.push(siteFinding('robots_encoding', detail, 'Serve it without an encoding on request.'));
  }
  return findings;
}

function textOf(page: SitePage | null): string {
  if (page === null || page.status < 200 || page.status > 299) return '';
  const text = robotsText(page.body);
  return isHtmlPage(text) ? '' : text;
}

/** Verdicts of the published file for the agents of the policy. On the platform's side, the policy is merged first. */
function verdictFindings({ policy, agents, paths, side }: TermsCheck, text: string): TermsFinding[] {
  const file = side === 'public' ? text : mergeRobots(text, { policy, agents, licenceUrl: '/' });
  const robots = parseRobots(file);
  const findings: TermsFinding[] = file.length > MAX_READ_BYTES ? [tooLong()] : [];
  for (const agent of concernedAgents(policy, agents)) {
    for (const path of comparedPaths([policy], paths)) {
      const permission = permissionFor(policy, agent, path);
      const isAllowed = isAllowedBy(robots, agent.token, path);
      if (isAllowed === (permission === 'allow')) continue;
      const about = { path, agent: agent.token };
      findings.push(isAllowed ? allows(about, permission) : forbids(about));
    }
  }
  return findings;
}

function tooLong(): TermsFinding {
  const detail = 'The merged robots.txt exceeds 500 KiB, and crawlers may ignore its end.';
  return siteFinding('robots_too_long', detail, 'Shorten the robots.txt of the platform.');
}

interface About {
  readonly path: string;
  readonly agent: string;
}

function allows(about: About, permission: string): TermsFinding {
  const detail = `robots.txt allows ${about.path} to ${about.agent}, and the policy says ${permission}.`;
  const hint =
    'Send requests for robots.txt through the gateway, and let caches keep it for an hour at most.';
  return { code: 'robots_allows', level: 'error', ...about, detail, hint };
}

function forbids(about: About): TermsFinding {
  const detail = `The platform's robots.txt forbids ${about.path} to ${about.agent}, and the policy allows it.`;
  const hint = 'The stricter one is published. Change the rule of the platform if the policy should hold.';
  return { code: 'robots_forbids', level: 'notice', ...about, detail, hint };
}

function licenceFindings(page: SitePage | null): TermsFinding[] {
  if (page?.status === 200 && /rsl\+xml/.test(page.header('content-type') ?? '')) return [];
  const detail = `The licence returns ${page?.status ?? 'nothing'} instead of the document.`;
  const hint = 'Send requests below /.well-known/postmeter/ through the gateway.';
  return [siteFinding('licence_missing', detail, hint, DOCUMENT_PATHS['license.xml'])];
}

function pageFindings({ policy, side }: TermsCheck, path: string, page: SitePage): TermsFinding[] {
  const findings: TermsFinding[] = [];
  const usage = page.header('content-usage') ?? '';
  for (const [purpose, key] of [
    ['ai_training', 'train-ai'],
    ['search', 'search'],
  ] as const) {
    const isStated = new RegExp(`(?:^|,)\\s*${key}=y\\s*(?:$|[,;])`).test(usage);
    const permission = permissionAt(purposeRules(policy, purpose), path);
    if (!isStated || permission === 'allow') continue;
    const detail = `The page states ${key}=y in Content-Usage, and the policy says ${permission}.`;
    findings.push(siteFinding('usage_contradicts', detail, 'Remove the header from the platform.', path));
  }
  if (side === 'public' && isFromCache(page)) {
    const detail = 'A shared cache answers before the gateway.';
    findings.push(
      siteFinding('cached', detail, 'Put the cache behind the gateway, or exclude this path from it.', path),
    );
  }
  return findings;
}

function isFromCache(page: SitePage): boolean {
  if (Number(page.header('age') ?? 0) > 0) return true;
  return /\bhit\b/i.test(`${page.header('x-cache') ?? ''} ${page.header('cf-cache-status') ?? ''}`);
}
