/**
 * Restricts what a request may accept if its response is counted: codings and character sets that the counters read.
 */

/** The content codings that replace `*`, the common ones first. */
const DECODED = ['gzip', 'deflate', 'br', 'zstd'];
const OFFERED: ReadonlySet<string> = new Set([...DECODED, 'x-gzip', 'identity']);

/** There are few distinct values. The cache is bounded, because a client can invent any number of them. */
const MAX_REMEMBERED = 1_000;
const remembered = new Map<string, string>();

/**
 * Returns the value of Accept-Encoding (RFC 9110, section 12.5.3) with only the codings that we decode, in the
 * client's order and with its weights. `*` becomes the codings that the value does not name; `*;q=0` stays.
 */
export function readableCodings(value: string): string {
  const known = remembered.get(value);
  if (known !== undefined) return known;
  const codings = onlyReadable(value);
  if (remembered.size < MAX_REMEMBERED) remembered.set(value, codings);
  return codings;
}

function onlyReadable(value: string): string {
  const asked = value.split(',').map((part) => {
    const [name = '', ...parameters] = part.split(';').map((piece) => piece.trim());
    const weight = parameters.find((parameter) => /^q\s*=/i.test(parameter));
    return { name: name.toLowerCase(), text: weight === undefined ? name : `${name};${weight}`, weight };
  });
  const names = new Set(asked.map(({ name }) => name));
  const kept = asked.flatMap(({ name, text, weight }) => {
    if (OFFERED.has(name)) return [text];
    if (name !== '*') return [];
    if (weight !== undefined && /^q\s*=\s*0(?:\.0*)?$/i.test(weight)) return [text];
    const others = DECODED.filter((coding) => !names.has(coding));
    return others.map((coding) => (weight === undefined ? coding : `${coding};${weight}`));
  });
  if (kept.length === 0) return 'identity';
  const text = kept.join(', ');
  // A value that needs no change keeps the client's whitespace.
  return text.replaceAll(' ', '') === value.replaceAll(' ', '') ? value : text;
}

const CHARSET = /charset/i;

/**
 * Returns the value of Accept without character sets, because some servers respond in the one it names, such as
 * UTF-16.
 */
export function withoutCharsets(accept: string): string {
  if (!CHARSET.test(accept)) return accept;
  return accept.replace(/;[ \t]*charset[ \t]*=[ \t]*(?:"[^"]*"|[^,;]*)/gi, '');
}
