/** Assigns the codes that `failureOf` knows to the runtime's errors of `fetch`, which have none. */

/** The runtime has the same message for a refused connection and for one that broke, so the two cannot be distinguished. */
const BY_MESSAGE: ReadonlyArray<readonly [RegExp, string]> = [
  [/network connection lost|connection reset|disconnected/i, 'ECONNRESET'],
  [/dns|could not resolve|lookup failed/i, 'ENOTFOUND'],
  [/refused|unreachable/i, 'ECONNREFUSED'],
  [/certificate|tls|ssl/i, 'ERR_TLS_HANDSHAKE'],
  [/timed? ?out/i, 'ETIMEDOUT'],
  [/invalid (header|url)|protocol error|bad response/i, 'POSTMETER_BAD_ANSWER'],
];

/** Returns the error with a code. An error that has a code, or an unknown message, is returned unchanged. */
export function codedError(thrown: unknown): Error {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  if ('code' in error && typeof error.code === 'string') return error;
  const code = BY_MESSAGE.find(([words]) => words.test(error.message))?.[1];
  return code === undefined ? error : Object.assign(new Error(error.message, { cause: error }), { code });
}
