/** The origin of an address on the web (RFC 6454), which says whose it is. */

/** Undefined where the text is not an address of http or https. */
export function originOf(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, origin } = new URL(text);
  return protocol === 'https:' || protocol === 'http:' ? origin : undefined;
}
