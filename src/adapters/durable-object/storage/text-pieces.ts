/** A text as blobs for SQLite storage, in pieces where it is long: a row holds 2 MB at most. */

const PIECE_BYTES = 1_000_000;
const encoder = new TextEncoder();

export function* piecesOf(text: string): Generator<Uint8Array<ArrayBuffer>> {
  const bytes = encoder.encode(text);
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}

/** What `piecesOf` cut, in the same order; a character may be in two of them. */
export function joinPieces(pieces: readonly ArrayBuffer[]): string {
  const decoder = new TextDecoder();
  return pieces.map((piece) => decoder.decode(piece, { stream: true })).join('');
}
