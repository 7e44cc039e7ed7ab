/** The URL that names a signer, and the resource that publishes the signer's keys. */

const WELL_KNOWN_PATH = '/.well-known/http-message-signatures-directory';
const MAX_URL_CHARS = 1_024;

export interface Signer {
  /** The origin if the keys are in its well-known directory, else the URL without query and fragment. */
  readonly name: string;
  /** The URL to fetch. Several of them can have one name. */
  readonly url: string;
}

/**
 * Reads the value of a member of Signature-Agent. Without a type, an origin means its well-known directory, and a URL
 * with a path is the JWK Set itself (draft-ietf-webbotauth-httpsig-protocol-01). Earlier drafts have the types
 * `directory`, which is a bare origin, `jwks_uri`, and `cimd`, a document that contains or names a JWK Set. Returns null
 * if the type is unknown, or if the URL is not https on port 443 or has credentials.
 */
export function signerOf(text: string, type?: string): Signer | null {
  if (text.length > MAX_URL_CHARS || !URL.canParse(text)) return null;
  const url = new URL(text);
  if (url.protocol !== 'https:' || url.port !== '' || url.username !== '' || url.password !== '') return null;
  const directory = { name: url.origin, url: url.origin + WELL_KNOWN_PATH };
  const isOrigin = url.pathname === '/' && url.search === '' && url.hash === '';
  if (type === 'directory') return isOrigin ? directory : null;
  if (type !== undefined && type !== 'jwks_uri' && type !== 'cimd') return null;
  if (url.pathname === WELL_KNOWN_PATH || (isOrigin && type === undefined)) return directory;
  url.hash = '';
  return { name: url.origin + url.pathname, url: url.href };
}

/** The name under which the signer of a URL is reported; null if the URL cannot name a signer. */
export function signerNameOf(url: string): string | null {
  return signerOf(url)?.name ?? null;
}

/** Whether the keys are in the well-known directory, whose form the draft defines. */
export function isWellKnownDirectory({ url }: Signer): boolean {
  return url.endsWith(WELL_KNOWN_PATH);
}
