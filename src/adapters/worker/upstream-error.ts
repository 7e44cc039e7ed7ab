/** The runtime's errors of `fetch`, which have no codes, by the codes that `failureOf` knows. */

/**
 * The runtime says the same words for a connection that was refused and for one that broke: the hop failed, and no
 * more can be said about it.
 */
const BY_MESSAGE: ReadonlyArray<readonly [RegExp, string]> = [
  [/network connection lost|connection reset|disconnected/i, 'ECONNRESET'],
  [/dns|could not resolve|lookup failed/i, 'ENOTFOUND'],
  [/refused|unreachable/i, 'ECONNREFUSED'],
  [/certificate|tls|ssl/i, 'ERR_TLS_HANDSHAKE'],
  [/timed? ?out/i, 'ETIMEDOUT'],
  [/invalid (header|url)|protocol error|bad response/i, 'POSTMETER_BAD_ANSWER'],
];

/** @returns an error with a code, unless it has one already. */
export function codedError(thrown: unknown): Error {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  if ('code' in error && typeof error.code === 'string') return error;
  const code = BY_MESSAGE.find(([words]) => words.test(error.message))?.[1];
  return code === undefined ? error : Object.assign(new Error(error.message, { cause: error }), { code });
}
