/**
 * Replaces `dom-serializer` in the Worker's bundle (`wrangler.toml`, `[alias]`). htmlparser2 imports it, but nothing here
 * calls it, and it would add 25 KB to the compressed bundle.
 */

export default function notBundled(): never {
  throw new TypeError('dom-serializer is not in this bundle');
}
