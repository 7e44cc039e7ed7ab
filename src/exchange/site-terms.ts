/** What the published policy means for one request: the document that it asks for, and the headers of its response. */

import { pathnameOf } from '../count/route/path.ts';
import { fieldValue } from '../forward/header-names.ts';
import type { Hop } from '../forward/request-headers.ts';
import type { IncomingFacts } from '../identify/incoming-facts.ts';
import type { AskerClass } from '../rights/asker.ts';
import { isUnconcerned } from '../rights/enforcement.ts';
import type { TermsHeaders } from '../terms/headers.ts';
import { documentAt, type PublishedTerms } from '../terms/published.ts';
import { Replacement } from '../terms/replacement.ts';
import { type SiteDocument, siteDocument } from '../terms/site-document.ts';
import type { GatewayDeps } from './deps.ts';

type RequestedDocument =
  /** It follows from the policy alone. */
  | { readonly kind: 'own'; readonly document: SiteDocument }
  /** It is made from the platform's response. */
  | { readonly kind: 'replacement'; readonly replacement: Replacement };

/** The document that a request asks for; null if it asks for none. */
export function requestedDocument(
  deps: Pick<GatewayDeps, 'forward' | 'graphql' | 'onRobotsFault'>,
  published: PublishedTerms,
  request: IncomingFacts,
  path: string,
  hop: Hop,
): RequestedDocument | null {
  const name = documentAt(pathnameOf(path));
  if (name === undefined || (request.method !== 'GET' && request.method !== 'HEAD')) return null;
  const origin = siteOrigin(request, hop, deps.forward.upstreamHost);
  const ifNoneMatch = fieldValue(request.headers, 'if-none-match');
  if (name === 'license.xml' || name === 'tdm-policy.json') {
    const { text, hash } = published.document(name, origin);
    return { kind: 'own', document: siteDocument(name, text, hash, ifNoneMatch) };
  }
  const { decode } = deps.graphql;
  const options = { published, name, origin, ifNoneMatch, decode, onFault: deps.onRobotsFault };
  return { kind: 'replacement', replacement: new Replacement(options) };
}

/** The headers that an asker receives; null for people, unless the policy says otherwise. */
export function headersFor(published: PublishedTerms | null, asker: AskerClass): TermsHeaders | null {
  if (published === null) return null;
  const isConcerned = !isUnconcerned(asker) || published.version.policy.headersForAll;
  return isConcerned ? published.headers : null;
}

/** Scheme and host as the client used them. A proxy reports them only if it is trusted. */
function siteOrigin(request: IncomingFacts, hop: Hop, upstreamHost: string): string {
  const proxied = (name: string) =>
    hop.trusted ? fieldValue(request.headers, name)?.split(',', 1)[0]?.trim() : undefined;
  const scheme = proxied('x-forwarded-proto') ?? (hop.secure ? 'https' : 'http');
  const host = proxied('x-forwarded-host') ?? request.host ?? upstreamHost;
  const url = `${scheme === 'https' ? 'https' : 'http'}://${host}`;
  return URL.canParse(url) ? new URL(url).origin : `https://${upstreamHost}`;
}
