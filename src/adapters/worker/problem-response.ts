/** Converts a problem of the gateway to a response. */

import type { Response } from '@cloudflare/workers-types';
import type { Problem } from '../../admit/problem.ts';
import { headersOf } from './header-list.ts';
import { runtime } from './runtime.ts';

export function problemResponse({ status, headers, body }: Problem): Response {
  return new runtime.Response(body, { status, headers: headersOf(Object.entries(headers).flat()) });
}
