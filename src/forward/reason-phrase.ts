/** The reason phrase of a response, if it can be forwarded. */

/** The characters that a status line may contain (RFC 9112, section 4), as Node checks them before it writes one. */
const FIT = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Returns the phrase, or an empty one if it is not valid. The phrase adds nothing to the status, so it must not make
 * the response fail.
 */
export function validReasonPhrase(statusText: string): string {
  return FIT.test(statusText) ? statusText : '';
}
