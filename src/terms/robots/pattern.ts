/**
 * Patterns of robots.txt rules (RFC 9309, section 2.2): prefixes with `*` for any characters, and `$` for the end at
 * their end. Of the rules that match a path, the one with the longest pattern applies.
 */

const ENCODED_CHARACTER = /[^\x21-\x7e]|["<>\\^`{|}]/g;

/** The length by which readers compare patterns: a character that they percent-encode counts three. Texts are Latin-1. */
export function weightOf(pattern: string): number {
  return pattern.length + 2 * (pattern.match(ENCODED_CHARACTER)?.length ?? 0);
}

/**
 * Returns a pattern of at least `weight` that matches the same paths. A pattern without `*` that ends with `$` has no such
 * form: the result then matches every path that begins with it.
 */
export function padPattern(pattern: string, weight: number): string {
  const missing = weight - weightOf(pattern);
  if (missing <= 0) return pattern;
  if (!pattern.endsWith('$')) return pattern + '*'.repeat(missing);
  if (isExact(pattern)) return pattern.slice(0, -1) + '*'.repeat(missing + 1);
  return pattern.replace('*', '*'.repeat(missing + 1));
}

/** Returns patterns for the paths that match `pattern` and begin with `prefix`; none if there are no such paths. */
export function patternsWithin(pattern: string, prefix: string): string[] {
  // Positions in the pattern that a path may have reached at the end of the prefix.
  let positions = withSkippedStars(pattern, new Set([0]));
  for (const character of prefix) {
    const next = new Set<number>();
    for (const at of positions) {
      if (at === pattern.length) return [prefix];
      if (pattern[at] === '*') next.add(at);
      else if (pattern[at] === character && !isEnd(pattern, at)) next.add(at + 1);
    }
    positions = withSkippedStars(pattern, next);
  }
  const rests = [...positions].map((at) => pattern.slice(at).replace(/^\*+$/, ''));
  if (rests.includes('')) return [prefix];
  // What follows a star is contained in what the star matches.
  return rests.filter((rest) => !rests.includes(`*${rest}`)).map((rest) => prefix + rest);
}

/** A star may also match nothing. */
function withSkippedStars(pattern: string, positions: ReadonlySet<number>): Set<number> {
  const all = new Set(positions);
  for (const at of all) if (pattern[at] === '*') all.add(at + 1);
  return all;
}

function isEnd(pattern: string, at: number): boolean {
  return pattern[at] === '$' && at === pattern.length - 1;
}

/** False only if no path matches both patterns. */
export function mayOverlap(a: string, b: string): boolean {
  if (isExact(a)) return matchesPattern(b, a.slice(0, -1));
  if (isExact(b)) return matchesPattern(a, b.slice(0, -1));
  const [one, other] = [literalHead(a), literalHead(b)];
  return one.startsWith(other) || other.startsWith(one);
}

/** True if the pattern is a plain prefix. */
export function isPrefixPattern(pattern: string): boolean {
  return literalHead(pattern).length === pattern.length;
}

/** Whether the pattern matches a path with its query. Takes time proportional to both lengths multiplied. */
export function matchesPattern(pattern: string, path: string): boolean {
  const isAnchored = pattern.endsWith('$');
  const parts = (isAnchored ? pattern.slice(0, -1) : pattern).split('*');
  if (!path.startsWith(parts[0]!)) return false;
  let at = parts[0]!.length;
  for (const [index, part] of parts.entries()) {
    if (index === 0) continue;
    if (isAnchored && index === parts.length - 1) {
      return path.length - part.length >= at && path.endsWith(part);
    }
    const found = path.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return !isAnchored || at === path.length;
}

/** True if the pattern matches one path only. */
function isExact(pattern: string): boolean {
  return pattern.endsWith('$') && !pattern.includes('*');
}

function literalHead(pattern: string): string {
  const at = pattern.indexOf('*');
  if (at !== -1) return pattern.slice(0, at);
  return pattern.endsWith('$') ? pattern.slice(0, -1) : pattern;
}
