/** Converts a problem or a document of the gateway to a response. */

import type { Response } from '@cloudflare/workers-types';
import type { Problem } from '../../admit/problem.ts';
import type { SiteDocument } from '../../terms/site-document.ts';
import { headersOf } from './header-list.ts';
import { runtime } from './runtime.ts';

export function problemResponse(problem: Problem): Response {
  return ownResponse(problem);
}

export function ownResponse({ status, headers, body }: Problem | SiteDocument): Response {
  return new runtime.Response(bodyOf(body), {
    status,
    headers: headersOf(Object.entries(headers).flat()),
  });
}

/** The runtime rejects 304 with a body. */
function bodyOf(body: string | Uint8Array): string | ArrayBuffer | null {
  if (body.length === 0) return null;
  return typeof body === 'string' ? body : Uint8Array.from(body).buffer;
}
