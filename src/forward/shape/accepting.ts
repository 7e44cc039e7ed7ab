/** What a request may ask for of an answer that is counted: codings and character sets that the counters read. */

/** The content codings that are offered in place of `*`, the common ones first. */
const DECODED = ['gzip', 'deflate', 'br', 'zstd'];
const OFFERED: ReadonlySet<string> = new Set([...DECODED, 'x-gzip', 'identity']);

/** Values are few. A client can invent more without end, so not all are kept. */
const REMEMBERED_MAX = 1_000;
const remembered = new Map<string, string>();

/**
 * The value of Accept-Encoding (RFC 9110 12.5.3) with the codings that we decode, in the client's order and with its
 * weights. `*` becomes those that it does not name; `*;q=0` stays.
 */
export function readableCodings(value: string): string {
  const known = remembered.get(value);
  if (known !== undefined) return known;
  const codings = onlyReadable(value);
  if (remembered.size < REMEMBERED_MAX) remembered.set(value, codings);
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
  // What needs no change keeps the client's spelling.
  return text.replaceAll(' ', '') === value.replaceAll(' ', '') ? value : text;
}

const CHARSET = /charset/i;

/** The value of Accept without character sets: some servers answer in the one that is named, such as UTF-16. */
export function withoutCharsets(accept: string): string {
  if (!CHARSET.test(accept)) return accept;
  return accept.replace(/;[ \t]*charset[ \t]*=[ \t]*(?:"[^"]*"|[^,;]*)/gi, '');
}
