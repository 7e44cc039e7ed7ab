/** 103 Early Hints (RFC 8297): which links of an upstream's hints go on to the client, one by one. */

/** Informational answers to one request, at most: more is no hint but a flood that would never time out. */
export const MAX_INFORMATIONAL = 32;

/** A link as Node's `writeEarlyHints` takes it; it throws on any other. */
const WRITABLE_LINK = /^<[^>]*>(?:\s*;\s*[^;"\s,]+(?:="[^;"\s]*"|=[^;"\s,]*)?)*$/;

/**
 * The links of all Link fields, a list in one field taken apart. A link in a form that cannot be written is left out:
 * a hint may always be ignored, and the final response carries the field again.
 * @param headers flat list as received.
 */
export function hintedLinks(headers: readonly string[]): string[] {
  const links: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i]!.toLowerCase() !== 'link') continue;
    // A comma inside <...> or "..." separates nothing.
    for (const link of headers[i + 1]!.match(/(?:<[^>]*>|"[^"]*"|[^,<"])+/g) ?? []) {
      if (WRITABLE_LINK.test(link.trim())) links.push(link.trim());
    }
  }
  return links;
}
