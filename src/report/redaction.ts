/** Finds the secrets in this process's environment and removes them from printed text. */

export const CENSOR = '[redacted]';

/** A shorter secret also occurs by chance, so redacting it would damage the text and hide nothing. */
const MIN_SECRET_LENGTH = 8;

type Variables = Readonly<Record<string, unknown>>;

/**
 * Returns ADMIN_TOKEN, POSTMETER_SECRET, RIGHTS_WEBHOOK_SECRET, and the passwords in DATABASE_URL, REDIS_URL and
 * SMTP_URL, both as written and decoded.
 */
export function secretsIn(variables: Variables): readonly string[] {
  const whole = [variables.ADMIN_TOKEN, variables.POSTMETER_SECRET, variables.RIGHTS_WEBHOOK_SECRET];
  const { DATABASE_URL, REDIS_URL, SMTP_URL } = variables;
  const passwords = [DATABASE_URL, REDIS_URL, SMTP_URL].flatMap((url) => passwordsIn(String(url)));
  return [...whole.map((secret) => String(secret ?? '')), ...passwords]
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)])
    .filter((secret, at, all) => secret.length >= MIN_SECRET_LENGTH && all.indexOf(secret) === at)
    .sort((a, b) => b.length - a.length);
}

/** @param secrets the result of `secretsIn`: longest first. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((left, secret) => left.replaceAll(secret, CENSOR), text);
}

/** Removes the parameters that end drizzle's message of a failed query; their line may contain breaks. */
export function withoutSqlParameters(text: string): string {
  return text.replaceAll(/\nparams: [\s\S]*?(?=\n {4}at |\ncaused by: |: [A-Za-z]*Error|$)/g, '');
}

/**
 * Uses a pattern instead of a URL parser, because the URL of a Cluster, with its commas, is not a valid URL and a
 * malformed one also contains a password. A driver may read a password from the query as well.
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
    return text; // Not percent-encoded, so used as is.
  }
}
