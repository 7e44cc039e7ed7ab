/** The bytes of a robots.txt as text. The text is Latin-1, so that every byte of the platform is kept. */

/** At most this many arguments are passed in one call. */
const PIECE = 8_192;
const UTF_16 = { 'utf-16le': [0xff, 0xfe], 'utf-16be': [0xfe, 0xff] } as const;

/** UTF-16 with a byte order mark becomes UTF-8, because readers expect UTF-8 (RFC 9309, section 2.2). */
export function robotsText(body: Uint8Array): string {
  for (const [name, [first, second]] of Object.entries(UTF_16)) {
    if (body[0] === first && body[1] === second) {
      return latin1(new TextEncoder().encode(new TextDecoder(name).decode(body)));
    }
  }
  return latin1(body);
}

export function robotsBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** True for a page: a challenge, or the page that a platform sends for every path. */
export function isHtmlPage(text: string): boolean {
  return /^(?:\u00ef\u00bb\u00bf)?\s*</.test(text.slice(0, 1_000));
}

function latin1(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += PIECE) {
    text += String.fromCharCode(...bytes.subarray(at, at + PIECE));
  }
  return text;
}
