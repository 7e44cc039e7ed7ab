/** What a failed hop means to the client: the one table from an upstream error to a status and a problem (RFC 9457). */

export interface UpstreamFailure {
  readonly status: 400 | 413 | 502 | 503 | 504;
  /** Stable, for metrics, logs and the problem's `code`. */
  readonly code: string;
  readonly detail: string;
}

const TIMED_OUT = {
  status: 504,
  code: 'upstream_timeout',
  detail: 'The upstream did not answer in time.',
} as const;
const UNREACHABLE = {
  status: 502,
  code: 'upstream_unreachable',
  detail: 'No connection to the upstream could be made.',
} as const;
const BROKE_OFF = {
  status: 502,
  code: 'upstream_broke_off',
  detail: 'The upstream closed the connection before it answered.',
} as const;
const BAD_ANSWER = {
  status: 502,
  code: 'upstream_bad_answer',
  detail: 'What the upstream answered is not valid HTTP/1.1.',
} as const;
const CLOSING = {
  status: 503,
  code: 'gateway_closing',
  detail: 'This gateway is stopping; try again.',
} as const;
export const BODY_TOO_LARGE: UpstreamFailure = {
  status: 413,
  code: 'request_body_too_large',
  detail: 'The request body is larger than this gateway accepts.',
};

const NOT_FORWARDABLE = {
  status: 400,
  code: 'request_not_forwardable',
  detail: 'The request line or a header holds what HTTP/1.1 does not allow to be passed on.',
} as const;

/** Codes of undici and of the operating system. */
const BY_CODE: Readonly<Record<string, UpstreamFailure>> = {
  UND_ERR_CONNECT_TIMEOUT: TIMED_OUT,
  UND_ERR_HEADERS_TIMEOUT: TIMED_OUT,
  UND_ERR_BODY_TIMEOUT: TIMED_OUT,
  ETIMEDOUT: TIMED_OUT,
  ECONNREFUSED: UNREACHABLE,
  EHOSTUNREACH: UNREACHABLE,
  ENETUNREACH: UNREACHABLE,
  ENOTFOUND: UNREACHABLE,
  EAI_AGAIN: UNREACHABLE,
  ENOENT: UNREACHABLE,
  UND_ERR_SOCKET: BROKE_OFF,
  ECONNRESET: BROKE_OFF,
  EPIPE: BROKE_OFF,
  UND_ERR_CLOSED: CLOSING,
  UND_ERR_DESTROYED: CLOSING,
  UND_ERR_HEADERS_OVERFLOW: BAD_ANSWER,
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: BAD_ANSWER,
  POSTMETER_1XX_FLOOD: BAD_ANSWER,
  UND_ERR_INVALID_ARG: NOT_FORWARDABLE,
  UND_ERR_NOT_SUPPORTED: NOT_FORWARDABLE,
  POSTMETER_BODY_TOO_LARGE: BODY_TOO_LARGE,
};

export function failureOf(error: Error): UpstreamFailure {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code.startsWith('HPE_')) return BAD_ANSWER;
  // A certificate that does not hold is told by OpenSSL's many codes; all mean that no connection came about.
  if (/CERT|TLS|SSL|SIGNATURE|SELF_SIGNED/.test(code)) return UNREACHABLE;
  return BY_CODE[code] ?? { status: 502, code: 'upstream_error', detail: 'The upstream failed.' };
}

/**
 * May the request be sent once more? Only where nothing of an answer came, the method is idempotent and there is no
 * body to send twice: a kept-alive connection that the upstream closed in the same moment (RFC 9110, section 9.2.2).
 */
export function mayRetry(method: string, hasBody: boolean, error: Error): boolean {
  if (hasBody || !(method === 'GET' || method === 'HEAD' || method === 'OPTIONS')) return false;
  return failureOf(error) === BROKE_OFF;
}
