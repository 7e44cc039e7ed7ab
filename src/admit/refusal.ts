/** What the gateway answers by itself instead of the platform: problems (RFC 9457), one function a reason. */

import type { UpstreamFailure } from '../forward/failure.ts';

export interface Refusal {
  readonly status: number;
  /** Flat list. */
  readonly headers: string[];
  readonly body: string;
}

/** Seconds after which a client may try again where nobody knows better. */
const SOON_S = 5;

export interface Problem {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  /** A URI; `about:blank` where the status says it all (RFC 9457, section 4.2.1). */
  readonly type?: string;
  /** Members of our own: `code` and what the type defines. */
  readonly members?: Readonly<Record<string, unknown>>;
}

/** @param headers flat list of further fields. */
export function problem(
  { type = 'about:blank', status, title, detail, members }: Problem,
  headers: string[] = [],
): Refusal {
  const body = JSON.stringify({ type, title, status, detail, ...members });
  const length = String(new TextEncoder().encode(body).length);
  return {
    status,
    headers: [
      ...headers,
      'Content-Type',
      'application/problem+json',
      'Content-Length',
      length,
      'Cache-Control',
      'no-store',
    ],
    body,
  };
}

export function badCredential(): Refusal {
  return problem(
    {
      status: 401,
      title: 'Unauthorized',
      detail: 'The API key is not known, or was revoked, or the request carries two that differ.',
      members: { code: 'bad_credential' },
    },
    ['WWW-Authenticate', 'Bearer error="invalid_token"'],
  );
}

export function unfitTarget(detail: string): Refusal {
  return problem({ status: 400, title: 'Bad Request', detail, members: { code: 'unfit_target' } });
}

/** draft-ietf-httpapi-ratelimit-headers, section 7: the problem type and its member. */
export function quotaExceeded(
  policy: string,
  detail: string,
  retryAfterSeconds: number,
  rateLimit: readonly string[],
): Refusal {
  return problem(
    {
      type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
      status: 429,
      title: 'Too Many Requests',
      detail,
      members: { 'violated-policies': [policy], code: 'quota_exceeded' },
    },
    [...rateLimit, 'Retry-After', String(retryAfterSeconds)],
  );
}

/** Usage cannot be written, and the operator has chosen to refuse rather than to serve unmetered. */
export function unmeterable(): Refusal {
  return problem(
    {
      status: 503,
      title: 'Service Unavailable',
      detail: 'Requests cannot be metered at the moment.',
      members: { code: 'unmeterable' },
    },
    ['Retry-After', String(SOON_S)],
  );
}

const TITLES: Readonly<Record<UpstreamFailure['status'], string>> = {
  400: 'Bad Request',
  413: 'Content Too Large',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

export function failed(failure: UpstreamFailure): Refusal {
  const { status, code, detail } = failure;
  const headers = status === 503 ? ['Retry-After', String(SOON_S)] : [];
  return problem({ status, title: TITLES[status], detail, members: { code } }, headers);
}
