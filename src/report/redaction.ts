/** The secrets that the environment brings into this process, and their removal from whatever it prints. */

export const CENSOR = '[redacted]';

/** A shorter one is anywhere by chance: cutting it out would spoil the text and hide nothing. */
const SHORTEST = 8;

type Variables = Readonly<Record<string, unknown>>;

/** ADMIN_TOKEN, POSTMETER_SECRET, and the passwords in DATABASE_URL and REDIS_URL, as written and as meant. */
export function secretsIn(variables: Variables): readonly string[] {
  const whole = [variables.ADMIN_TOKEN, variables.POSTMETER_SECRET];
  const passwords = [variables.DATABASE_URL, variables.REDIS_URL].flatMap((url) => passwordsIn(String(url)));
  return [...whole.map((secret) => String(secret ?? '')), ...passwords]
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)])
    .filter((secret, at, all) => secret.length >= SHORTEST && all.indexOf(secret) === at)
    .sort((a, b) => b.length - a.length);
}

/** @param secrets as `secretsIn` gives them: the longest first. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((left, secret) => left.replaceAll(secret, CENSOR), text);
}

/** drizzle's message of a failed query ends with all its parameters, in a line that may have breaks in it. */
export function withoutParameters(text: string): string {
  return text.replaceAll(/\nparams: [\s\S]*?(?=\n {4}at |\ncaused by: |: [A-Za-z]*Error|$)/g, '');
}

/**
 * By pattern, not by a parser of URLs: the URL of a Cluster, with its commas, is none, and one that is faulty has a
 * password as well. A driver may read a password from the query too.
 */
function passwordsIn(url: string): string[] {
  const inAuthority = [url, ...url.split(',')].flatMap((part) => /\/\/[^:@/]*:(.*)@/s.exec(part)?.[1] ?? []);
  const inQuery = [...url.matchAll(/[?&]password=([^&#]*)/gi)].map((found) => found[1]!);
  return [...inAuthority, ...inQuery].flatMap((password) => [password, decoded(password)]);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // No percent-encoding: it is meant as it is written.
  }
}
