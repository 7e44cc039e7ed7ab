/** undici's raw headers (buffers) as the flat latin1 list that Node takes: values pass byte for byte. */

export function textOf(raw: readonly (Buffer | string)[]): string[] {
  const text = new Array<string>(raw.length);
  for (let i = 0; i < raw.length; i++) {
    const part = raw[i]!;
    text[i] = typeof part === 'string' ? part : part.toString('latin1');
  }
  return text;
}

export function pairsOf(flat: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let i = 0; i < flat.length; i += 2) pairs.push([flat[i]!, flat[i + 1]!]);
  return pairs;
}
