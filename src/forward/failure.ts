/** Maps an upstream error to a status and a problem (RFC 9457) for the client. This is the only such table. */

export interface UpstreamFailure {
  readonly status: 400 | 413 | 502 | 503 | 504;
  /** Stable; used in metrics, logs and the problem's `code`. */
  readonly code: string;
  readonly detail: string;
}

function failure(status: UpstreamFailure['status'], code: string, detail: string): UpstreamFailure {
  return { status, code, detail };
}

const TIMED_OUT = failure(504, 'upstream_timeout', 'The upstream did not respond in time.');
const UNREACHABLE = failure(502, 'upstream_unreachable', 'The upstream could not be reached.');
const BROKE_OFF = failure(
  502,
  'upstream_broke_off',
  'The upstream closed the connection before it responded.',
);
const BAD_ANSWER = failure(502, 'upstream_bad_answer', 'The response of the upstream is not valid HTTP/1.1.');
const CLOSING = failure(503, 'gateway_closing', 'This gateway is stopping; try again.');
export const BODY_TOO_LARGE = failure(
  413,
  'request_body_too_large',
  'The request body is larger than this gateway accepts.',
);
export const NOT_FORWARDABLE = failure(
  400,
  'request_not_forwardable',
  'The request line or a header contains characters that HTTP/1.1 does not allow to forward.',
);
const REQUEST_BROKE_OFF = failure(
  400,
  'request_broke_off',
  'The request ended before its body was complete.',
);

/** Error codes of the hop itself. */
const BY_UPSTREAM_CODE = {
  POSTMETER_TIMEOUT: TIMED_OUT,
  POSTMETER_UNREACHABLE: UNREACHABLE,
  POSTMETER_BROKE_OFF: BROKE_OFF,
  POSTMETER_BAD_ANSWER: BAD_ANSWER,
  POSTMETER_CLOSING: CLOSING,
  POSTMETER_NOT_FORWARDABLE: NOT_FORWARDABLE,
  POSTMETER_REQUEST_BROKE_OFF: REQUEST_BROKE_OFF,
  POSTMETER_BODY_TOO_LARGE: BODY_TOO_LARGE,
} as const;

export type UpstreamErrorCode = keyof typeof BY_UPSTREAM_CODE;

/** Error codes of the operating system. */
const BY_SYSTEM_CODE = {
  ETIMEDOUT: TIMED_OUT,
  ECONNREFUSED: UNREACHABLE,
  EHOSTUNREACH: UNREACHABLE,
  ENETUNREACH: UNREACHABLE,
  ENOTFOUND: UNREACHABLE,
  EAI_AGAIN: UNREACHABLE,
  ENOENT: UNREACHABLE,
  ECONNRESET: BROKE_OFF,
  EPIPE: BROKE_OFF,
} as const;

const BY_CODE: Readonly<Record<string, UpstreamFailure>> = { ...BY_UPSTREAM_CODE, ...BY_SYSTEM_CODE };

/**
 * A failed hop. `message` is the reason for the log; `cause` is the error of the operating system, if there is one.
 */
export class UpstreamError extends Error {
  readonly code: UpstreamErrorCode;

  constructor(code: UpstreamErrorCode, message: string, cause?: Error) {
    super(message, cause === undefined ? {} : { cause });
    this.name = 'UpstreamError';
    this.code = code;
  }
}

/** The failure for an error, by its code. An unknown code is a 502 `upstream_error`. */
export function failureOf(error: Error): UpstreamFailure {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  // OpenSSL has many codes for an invalid certificate. All of them mean that there is no connection.
  if (/CERT|TLS|SSL|SIGNATURE|SELF_SIGNED/.test(code)) return UNREACHABLE;
  return BY_CODE[code] ?? failure(502, 'upstream_error', 'The upstream failed.');
}

/**
 * Whether the request may be sent once more: no byte of a response arrived, the method is idempotent, and there is no
 * body to send twice. The typical case is an idle connection that the upstream closed at the same moment (RFC 9110,
 * section 9.2.2).
 */
export function mayRetry(method: string, hasBody: boolean, error: Error): boolean {
  if (hasBody || !(method === 'GET' || method === 'HEAD' || method === 'OPTIONS')) return false;
  return failureOf(error) === BROKE_OFF;
}
