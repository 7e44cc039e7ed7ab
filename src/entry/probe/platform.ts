/** The platform of a running gateway as `POST /v1/probe` fetches it. Works on Node and at the edge. */

import type { Platform } from '../../probe/port.ts';
import { fetchPage } from './fetch-page.ts';

const MAX_PAGE_BYTES = 8 * 1024 ** 2;
/** The administration answers four requests at a time, and this is one of them. */
const TIMEOUT_MS = 10_000;

export function platformAt(upstreamUrl: string, countHeader: string, version: string): Platform {
  const base = new URL(upstreamUrl);
  const userAgent = `postmeter-probe/${version}`;
  const limits = { maxBytes: MAX_PAGE_BYTES, timeoutMs: TIMEOUT_MS, userAgent, countHeader };
  return {
    origin: base.origin,
    fetch: (target, headers) => fetchPage(base, target, Object.entries(headers), limits),
  };
}
