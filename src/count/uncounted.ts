/**
 * The reasons why a response's posts cannot be counted. The codes are stable, because metrics and logs contain them.
 */

export type UncountedReason =
  /** The body is not JSON: wrong first byte, mismatched brackets, bytes after the end, or no bytes at all. */
  | 'not_json'
  /** The body ended in the middle, although neither client nor upstream aborted. */
  | 'truncated'
  /** A value that is neither posts nor empty is in the place of the route's posts, or a member occurs twice. */
  | 'shape'
  /** The decoded body exceeds the bound. */
  | 'too_large'
  /** The Content-Encoding is unknown, the body does not decode, or the text is UTF-16 or UTF-32. */
  | 'encoding'
  /** 206 Partial Content: a part of a JSON text cannot be read. */
  | 'partial'
  /** The upstream's declared count is not a whole number, 0 or more. */
  | 'declared_count'
  /** A body whose count was declared was cut, and the delivered part is unknown. */
  | 'declared_cut'
  /** The GraphQL request is missing, exceeds its bound, does not parse, or names an unknown document. */
  | 'document'
  /** The body is not XML. */
  | 'not_xml'
  /** A message, block or part violates its protocol: WebSocket, DAG-CBOR, CAR, multipart. */
  | 'frame';
