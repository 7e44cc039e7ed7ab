/** Why a connection to the upstream failed, as errors with a stable code. */

import { UpstreamError } from '../../../../forward/failure.ts';

/** The upstream closed the connection, or there is doubt about its bytes. */
export function brokeOff(message: string, cause?: Error): UpstreamError {
  return new UpstreamError('POSTMETER_BROKE_OFF', message, cause);
}

/** Something took longer than its limit. */
export function timeout(message: string): UpstreamError {
  return new UpstreamError('POSTMETER_TIMEOUT', message);
}

/** Node reports one error for each address of the name, in one error without a message. */
export function connectError(error: Error & { code?: string }): UpstreamError {
  const message =
    error instanceof AggregateError ? error.errors.map((one) => one.message).join('; ') : error.message;
  const code = error.code === 'ETIMEDOUT' ? 'POSTMETER_TIMEOUT' : 'POSTMETER_UNREACHABLE';
  return new UpstreamError(code, `Cannot connect to the upstream: ${message}`, error);
}

/** Of a request whose body is not as long as its head says. */
export function mismatch(): UpstreamError {
  const message = 'The body of the request has another length than its Content-Length.';
  return new UpstreamError('POSTMETER_REQUEST_BROKE_OFF', message);
}
