/** The origin of a web address (RFC 6454), which identifies its owner. */

/** Undefined if the text is not an http or https address. */
export function originOf(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, origin } = new URL(text);
  return protocol === 'https:' || protocol === 'http:' ? origin : undefined;
}
