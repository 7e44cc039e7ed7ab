/**
 * In place of `dom-serializer` in the Worker's bundle: htmlparser2 imports it, and nothing here calls it. It would be 25 KB
 * of the compressed bundle (`wrangler.toml`, `[alias]`).
 */

export default function unused(): never {
  throw new TypeError('dom-serializer is not in this bundle');
}
