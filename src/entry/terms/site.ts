/** Reads the documents and pages of a site for checks of its terms. Works on Node and at the edge. */

import type { SitePage, SiteReader } from '../../terms/port.ts';
import { MAX_ROBOTS_BYTES } from '../../terms/replacement.ts';

const TIMEOUT_MS = 10_000;

/** @param url of the site. Its path is ignored. */
export function siteAt(url: string, version: string): SiteReader {
  const { origin } = new URL(url);
  return { origin, read: (path) => readPage(new URL(path, origin), `postmeter-check/${version}`) };
}

async function readPage(url: URL, userAgent: string): Promise<SitePage | null> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const headers = { 'user-agent': userAgent, 'accept-encoding': 'identity' };
  try {
    const response = await fetch(url, { headers, redirect: 'manual', signal });
    const { body, isCut } = await beginningOf(response.body);
    return { status: response.status, header: (name) => response.headers.get(name), body, isCut };
  } catch (error) {
    // `fetch` throws a TypeError for a network failure.
    if (error instanceof TypeError || signal.aborted) return null;
    throw error;
  }
}

async function beginningOf(
  body: AsyncIterable<Uint8Array> | null,
): Promise<{ readonly body: Uint8Array; readonly isCut: boolean }> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > MAX_ROBOTS_BYTES) break;
  }
  return { body: Buffer.concat(chunks).subarray(0, MAX_ROBOTS_BYTES), isCut: bytes > MAX_ROBOTS_BYTES };
}
