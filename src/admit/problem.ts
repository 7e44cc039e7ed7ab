/** Responses that the gateway sends instead of the platform's: problem details (RFC 9457) and their headers. */

import type { RequestRefusal } from '../count/request-body/request-reader.ts';
import type { UpstreamFailure } from '../forward/failure.ts';
import type { HeadFault } from '../forward/request-head.ts';
import type { Admission } from './admit.ts';

export interface Problem {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

type Refusal = Extract<Admission, { readonly kind: 'refused' }>;

/** 429, or 503 if the limit cannot be checked now; the types are those of draft-ietf-httpapi-ratelimit-headers. */
export function refusalProblem(refusal: Refusal): Problem {
  if (refusal.reason === 'unknown') return unknownLimitProblem(refusal);
  if (refusal.reason === 'policy') return blockedProblem(refusal);
  const detail =
    refusal.reason === 'quota'
      ? `You have used all posts that your window allows. Some become available again in ${refusal.retryAfterS} s.`
      : `You send requests faster than your pace allows. Try again in ${refusal.retryAfterS} s.`;
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

/**
 * 403 or 429 for a client that the operator refuses. A 429 states when to try again; after a 403 retrying does not
 * help.
 */
function blockedProblem({ status, retryAfterS }: Extract<Refusal, { reason: 'policy' }>): Problem {
  const title = status === 403 ? 'Forbidden' : 'Too Many Requests';
  const detail = 'The operator of this service refuses requests from this client.';
  return problem(
    status,
    { type: 'about:blank', title, detail, code: 'client_refused' },
    status === 429 ? { 'retry-after': String(retryAfterS) } : {},
  );
}

function unknownLimitProblem({ retryAfterS, policy }: Refusal): Problem {
  return problem(
    503,
    {
      type: 'https://iana.org/assignments/http-problem-types#temporary-reduced-capacity',
      title: 'Request cannot be satisfied due to temporary server capacity constraints',
      detail: `Your limit cannot be checked now. Try again in ${retryAfterS} s.`,
      code: 'limit_unknown',
      'violated-policies': [policy],
    },
    { 'retry-after': String(retryAfterS) },
  );
}

/**
 * 401 for an unknown credential. The response does not describe the credential and asks for another one (RFC 9110,
 * section 15.5.2).
 */
export function badCredentialProblem(): Problem {
  return problem(
    401,
    {
      type: 'about:blank',
      title: 'Unauthorized',
      detail: 'The credential in this request is unknown. Send a valid credential or none.',
    },
    { 'www-authenticate': 'Bearer error="invalid_token"' },
  );
}

/** What we ask a signer to cover: the least that proves one request (RFC 9421, section 5.1). */
const ACCEPTED_SIGNATURE =
  'sig1=("@method" "@target-uri" "signature-agent";key="sig1");created;expires;tag="web-bot-auth"';

/** 403 for a request whose signature is invalid, if the operator refuses such requests. @param reason our code. */
export function invalidSignatureProblem(reason: string): Problem {
  return problem(
    403,
    {
      type: 'about:blank',
      title: 'Forbidden',
      detail: `The signature of this request is invalid (${reason}). Sign it as Accept-Signature says, or send none.`,
      code: 'signature_invalid',
    },
    { 'accept-signature': ACCEPTED_SIGNATURE },
  );
}

/** 400 for a request target that cannot be forwarded unchanged. */
export function unfitTargetProblem(detail: string): Problem {
  return problem(400, { type: 'about:blank', title: 'Bad Request', detail, code: 'unfit_target' });
}

const REQUEST_TITLES: Readonly<Record<RequestRefusal['status'], string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
};

/** The problem of a request whose response could not be counted. It is refused before it reaches the platform. */
export function requestRefusalProblem({ status, code, detail }: RequestRefusal): Problem {
  return problem(status, { type: 'about:blank', title: REQUEST_TITLES[status], detail, code });
}

/** 400 or 501 for a head that two parsers could read differently. */
export function headFaultProblem({ status, why }: HeadFault): Problem {
  const title = status === 400 ? 'Bad Request' : 'Not Implemented';
  return problem(
    status,
    { type: 'about:blank', title, detail: why, code: 'ambiguous_request' },
    { connection: 'close' },
  );
}

/** Retry-After for conditions that are expected to pass soon, in seconds. */
const SOON_S = 5;

/** 503 if usage cannot be written and the operator has chosen to refuse rather than to serve unmetered. */
export function unmeterableProblem(): Problem {
  const detail = 'Requests cannot be metered at the moment.';
  return problem(
    503,
    { type: 'about:blank', title: 'Service Unavailable', detail, code: 'unmeterable' },
    { 'retry-after': String(SOON_S) },
  );
}

/**
 * 500 if the gateway is misconfigured, 503 if it does not know its clients yet. It must not serve in either case. The
 * log states the reason.
 */
export function unreadyProblem(status: 500 | 503, code: 'misconfigured' | 'directory_away'): Problem {
  const title = status === 500 ? 'Internal Server Error' : 'Service Unavailable';
  const detail = 'This gateway cannot serve at the moment.';
  return problem(status, { type: 'about:blank', title, detail, code }, { 'retry-after': String(SOON_S) });
}

/** 503 if this process already has as many in-flight and queued requests as it may hold. */
export function overloadedProblem(): Problem {
  const detail = `The gateway has too many requests in flight. Try again in ${SOON_S} s.`;
  return problem(
    503,
    { type: 'about:blank', title: 'Service Unavailable', detail, code: 'overloaded' },
    { 'retry-after': String(SOON_S) },
  );
}

const FAILURE_TITLES: Readonly<Record<UpstreamFailure['status'], string>> = {
  400: 'Bad Request',
  413: 'Content Too Large',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

/** The upstream did not respond, or the request could not be forwarded. */
export function failureProblem({ status, code, detail }: UpstreamFailure): Problem {
  const headers = status === 503 ? { 'retry-after': String(SOON_S) } : {};
  return problem(status, { type: 'about:blank', title: FAILURE_TITLES[status], detail, code }, headers);
}

/** A problem of the gateway as a response. @param headers lower-case names. */
export function problem(
  status: number,
  members: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>> = {},
): Problem {
  return {
    status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...headers },
    body: JSON.stringify({ ...members, status }),
  };
}
