/** The reason phrase of a response, where it can be passed on. */

/** What a status line may hold (RFC 9112, section 4), as Node checks it before it writes one. */
const FIT = /^[\t\x20-\x7e\x80-\xff]*$/;

/** The phrase as it came, or none: it says nothing that the status does not say, and must not cost the response. */
export function fitReason(statusText: string): string {
  return FIT.test(statusText) ? statusText : '';
}
