/** What a policy would publish and change. It reads the platform's robots.txt, and stores nothing. */

import { policyFaults } from '../../../terms/contradictions.ts';
import { verdictChanges } from '../../../terms/differences.ts';
import {
  DOCUMENT_NAMES,
  DOCUMENT_PATHS,
  DOCUMENT_TYPES,
  type DocumentName,
  termsDocument,
} from '../../../terms/documents.ts';
import type { Policy } from '../../../terms/policy.ts';
import type { SiteReader } from '../../../terms/port.ts';
import { isHtmlPage, robotsBytes, robotsText } from '../../../terms/robots/text.ts';
import type { AdminDeps } from '../../deps.ts';

export type PolicyDeps = Pick<AdminDeps, 'terms' | 'catalogue' | 'now' | 'routes'>;

/** For a process that does not know the platform. */
const EXAMPLE_ORIGIN = 'https://site.example';

export async function previewOf(deps: PolicyDeps, policy: Policy, origin: string | undefined) {
  const { platform, versions } = deps.terms;
  const { agents } = deps.catalogue;
  const robots = await robotsOf(platform);
  const before = (await versions.policyInForce(deps.now()))?.policy ?? null;
  return {
    documents: DOCUMENT_NAMES.map((name) => documentJson(deps, policy, name, robots, origin)),
    contradictions: policyFaults(policy, agents),
    differences: verdictChanges({ before, after: policy, agents, robots, paths: routePaths(deps) }),
  };
}

export async function siteDocumentJson(
  deps: PolicyDeps,
  policy: Policy,
  name: DocumentName,
  origin: string | undefined,
) {
  const robots = name === 'robots.txt' ? await robotsOf(deps.terms.platform) : '';
  return documentJson(deps, policy, name, robots, origin);
}

/** The paths of the routes, as far as they are literal. */
export function routePaths({ routes }: Pick<PolicyDeps, 'routes'>): string[] {
  const names = routes().rules.map(({ name }) => name);
  return names.filter((name) => name.startsWith('/')).map((name) => /^[^*{?#\s]*/.exec(name)![0]);
}

function documentJson(
  { terms, catalogue }: PolicyDeps,
  policy: Policy,
  name: DocumentName,
  robots: string,
  origin: string | undefined,
) {
  const site = new URL(origin ?? terms.platform?.origin ?? EXAMPLE_ORIGIN).origin;
  const text = termsDocument(name, { policy, agents: catalogue.agents, origin: site, robots });
  const content = name === 'robots.txt' ? new TextDecoder().decode(robotsBytes(text)) : text;
  return { name, path: DOCUMENT_PATHS[name], contentType: DOCUMENT_TYPES[name], content };
}

/** The platform's robots.txt as Latin-1; empty if it has none that can be read. */
async function robotsOf(platform: SiteReader | null): Promise<string> {
  const page = await platform?.read(DOCUMENT_PATHS['robots.txt']);
  if (page == null || page.status < 200 || page.status > 299) return '';
  const text = robotsText(page.body);
  return isHtmlPage(text) ? '' : text;
}
