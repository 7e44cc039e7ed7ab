/** Errors of connections to the upstream, with stable codes. */

import { UpstreamError } from '../../../../forward/failure.ts';

/** The upstream closed the connection, or sent bytes that do not belong to a response. */
export function aborted(message: string, cause?: Error): UpstreamError {
  return new UpstreamError('POSTMETER_BROKE_OFF', message, cause);
}

/** Something took longer than its limit. */
export function timeout(message: string): UpstreamError {
  return new UpstreamError('POSTMETER_TIMEOUT', message);
}

/** Node reports one error per address of the name, wrapped in one error without a message. */
export function connectError(error: Error & { code?: string }): UpstreamError {
  const message =
    error instanceof AggregateError ? error.errors.map((one) => one.message).join('; ') : error.message;
  const code = error.code === 'ETIMEDOUT' ? 'POSTMETER_TIMEOUT' : 'POSTMETER_UNREACHABLE';
  return new UpstreamError(code, `Cannot connect to the upstream: ${message}`, error);
}

/** The length of the request's body differs from its Content-Length. */
export function lengthMismatch(): UpstreamError {
  const message = 'The length of the request body differs from its Content-Length.';
  return new UpstreamError('POSTMETER_REQUEST_BROKE_OFF', message);
}
