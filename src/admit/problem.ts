/** What a client is told that is not let through: problem details (RFC 9457) with the headers that belong to them. */

import type { Admission } from './admit.ts';

export interface Problem {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** 429, by the type that draft-ietf-httpapi-ratelimit-headers registers. */
export function refusalProblem(refusal: Extract<Admission, { readonly kind: 'refused' }>): Problem {
  const detail =
    refusal.reason === 'quota'
      ? `You have taken all posts that your window allows. Some are given back in ${refusal.retryAfterS} s.`
      : `You send requests faster than your pace allows. Go on in ${refusal.retryAfterS} s.`;
  return problem(
    429,
    {
      type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
      title: 'Request cannot be satisfied as assigned quota has been exceeded',
      detail,
      'violated-policies': [refusal.policy],
    },
    { 'retry-after': String(refusal.retryAfterS) },
  );
}

/** 401 for a credential that is not known. It says nothing of the credential, and asks for another (RFC 9110, 15.5.2). */
export function badCredentialProblem(): Problem {
  return problem(
    401,
    {
      type: 'about:blank',
      title: 'Unauthorized',
      detail: 'The credential in this request is not known. Send a valid one, or none.',
    },
    { 'www-authenticate': 'Bearer error="invalid_token"' },
  );
}

function problem(
  status: number,
  members: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>>,
): Problem {
  return {
    status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...headers },
    body: JSON.stringify({ ...members, status }),
  };
}
