/** The reasons for which a response's posts cannot be counted. The codes are stable: metrics and logs carry them. */

export type UncountedReason =
  /** The body is no JSON: wrong first byte, brackets that do not match, bytes after the end, nothing at all. */
  | 'not_json'
  /** The body ended in the middle, though nobody broke off. */
  | 'truncated'
  /** Where the route promises posts stands something that is neither posts nor empty, or a member stands twice. */
  | 'shape'
  /** More decoded bytes than the bound. */
  | 'too_large'
  /** A Content-Encoding that we do not know, a body that does not decode, or text in UTF-16 or UTF-32. */
  | 'encoding'
  /** 206 Partial Content: a part of a JSON cannot be read. */
  | 'partial'
  /** The upstream's declared count is not a whole number from 0 up. */
  | 'declared_count'
  /** Broken off in the middle of a body whose count was declared: the part that arrived is not known. */
  | 'declared_cut'
  /** The GraphQL request is missing, longer than its bound or not parseable, or names a document nobody knows. */
  | 'document'
  /** The body is no XML. */
  | 'not_xml'
  /** A message, block or part is not what its protocol says: WebSocket, DAG-CBOR, CAR, multipart. */
  | 'frame';
