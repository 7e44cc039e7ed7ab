/** Recognises requests with a session of the platform, by the names of cookies or headers that the configuration lists. */

import type { SessionSource } from '../settings.ts';

/**
 * Creates the check over the flat list of names and values. The gateway cannot tell a forged session from a real one: a
 * forged session only avoids `humanMaxPosts`, and the platform serves it nothing that it would not serve to anybody.
 */
export function sessionCheck(sources: readonly SessionSource[]): (headers: readonly string[]) => boolean {
  const cookies = sources.flatMap((source) => ('cookie' in source ? [namePattern(source.cookie)] : []));
  const fields = sources.flatMap((source) =>
    'header' in source ? [namePattern(source.header.toLowerCase())] : [],
  );
  if (sources.length === 0) return () => false;
  return (headers) => {
    for (let at = 0; at < headers.length; at += 2) {
      const name = headers[at]!.toLowerCase();
      const value = headers[at + 1]!;
      if (value !== '' && fields.some((isNamed) => isNamed(name))) return true;
      if (name === 'cookie' && value.split(';').some((pair) => isSession(pair, cookies))) return true;
    }
    return false;
  };
}

function isSession(pair: string, cookies: ReadonlyArray<(name: string) => boolean>): boolean {
  const equals = pair.indexOf('=');
  if (equals < 0 || pair.slice(equals + 1).trim() === '') return false;
  const name = pair.slice(0, equals).trim();
  return cookies.some((isNamed) => isNamed(name));
}

/** `*` matches any characters. The schema allows one. */
function namePattern(pattern: string): (name: string) => boolean {
  const star = pattern.indexOf('*');
  if (star < 0) return (name) => name === pattern;
  const [start, end] = [pattern.slice(0, star), pattern.slice(star + 1)];
  return (name) => name.length >= pattern.length - 1 && name.startsWith(start) && name.endsWith(end);
}
