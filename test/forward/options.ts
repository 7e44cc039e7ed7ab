/** The options of forwarding with their default values. */

import { headerClasses, REWRITING_HEADERS } from '../../src/forward/header-names.ts';
import type { RequestHeaderOptions, RequestShape } from '../../src/forward/request-headers.ts';

export const FORWARD: RequestHeaderOptions = {
  host: 'client',
  upstreamHost: 'upstream',
  via: 'postmeter',
  clientHeader: null,
  agentHeader: null,
  classOf: headerClasses(REWRITING_HEADERS),
  removesRanges: true,
  offersReadable: true,
  forwardedHeader: 'x-forwarded-for',
  isTrusted: (address) => address.startsWith('10.'),
  sendsForwarded: true,
  sendsXForwarded: true,
};

/** A request whose response contains no posts, without an API key of the gateway. */
export const UNCOUNTED: RequestShape = { isCounted: false, secrets: [], agent: '' };
