/** What a check of the published terms finds. */

export const TERMS_FINDING_CODES = [
  'robots_unavailable',
  'robots_redirect',
  'robots_html',
  'robots_too_long',
  'robots_encoding',
  'robots_allows',
  'robots_forbids',
  'licence_missing',
  'usage_contradicts',
  'cached',
  'follows',
] as const;
type TermsFindingCode = (typeof TERMS_FINDING_CODES)[number];

export interface TermsFinding {
  readonly code: TermsFindingCode;
  /** `error`: what is published contradicts the policy, or does not reach its readers. */
  readonly level: 'error' | 'notice';
  /** Null if it concerns the whole site. */
  readonly path: string | null;
  /** Null if it concerns every agent. */
  readonly agent: string | null;
  readonly detail: string;
  readonly hint: string;
}

export function siteFinding(
  code: TermsFindingCode,
  detail: string,
  hint: string,
  path: string | null = '/robots.txt',
): TermsFinding {
  return { code, level: 'error', path, agent: null, detail, hint };
}
