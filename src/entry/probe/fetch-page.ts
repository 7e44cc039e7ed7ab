/** Fetches one page of a platform, within limits of size and time. It follows redirects on the platform's origin only. */

import { linkTarget } from '../../probe/link-target.ts';
import type { FetchedPage } from '../../probe/port.ts';

const MAX_REDIRECTS = 5;

export interface FetchLimits {
  /** Longer bodies are truncated here. */
  readonly maxBytes: number;
  /** For the page with its redirects. A stream may never end, so a body is truncated when the time is over. */
  readonly timeoutMs: number;
  readonly userAgent: string;
  /** The header in which the platform declares its count. */
  readonly countHeader?: string;
}

type Answer = FetchedPage & { readonly location: string | null };
type Pairs = ReadonlyArray<readonly [string, string]>;

/** Returns null if nothing responds in time. A response with any status is returned. */
export async function fetchPage(
  base: URL,
  asked: string,
  header: Pairs,
  limits: FetchLimits,
): Promise<FetchedPage | null> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), limits.timeoutMs);
  try {
    let target = asked;
    for (let redirects = 0; ; redirects++) {
      const { location, ...page } = await fetchOnce(base, target, header, limits, controller);
      if (page.status < 300 || page.status > 399 || location === null) return page;
      const next = linkTarget(base, page, location);
      if (next === null || redirects === MAX_REDIRECTS) return { ...page, leadsTo: location };
      target = next;
    }
  } catch (error) {
    // `fetch` throws a TypeError for a network failure.
    if (error instanceof TypeError || controller.signal.aborted) return null;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function fetchOnce(
  base: URL,
  target: string,
  header: Pairs,
  { countHeader, maxBytes, userAgent }: FetchLimits,
  controller: AbortController,
): Promise<Answer> {
  const headers = new Headers(header.map(([name, value]) => [name, value]));
  if (!headers.has('User-Agent')) headers.set('User-Agent', userAgent);
  headers.set('Accept-Encoding', 'identity');
  const { signal } = controller;
  const answer = await fetch(new URL(target, base), { headers, redirect: 'manual', signal });
  return {
    target,
    status: answer.status,
    contentType: answer.headers.get('content-type') ?? '',
    link: answer.headers.get('link') ?? '',
    location: answer.headers.get('location'),
    declaredCount: countHeader === undefined ? undefined : (answer.headers.get(countHeader) ?? undefined),
    ...(await beginningOf(answer.body, controller, maxBytes)),
  };
}

async function beginningOf(
  body: AsyncIterable<Uint8Array> | null,
  controller: AbortController,
  maxBytes: number,
): Promise<{ readonly body: Uint8Array; readonly isTruncated: boolean }> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body ?? []) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > maxBytes) return { body: Buffer.concat(chunks).subarray(0, maxBytes), isTruncated: true };
    }
  } catch (error) {
    if (!controller.signal.aborted) throw error;
    return { body: Buffer.concat(chunks), isTruncated: true };
  }
  return { body: Buffer.concat(chunks), isTruncated: false };
}
