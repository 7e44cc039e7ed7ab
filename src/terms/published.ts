/** What one version of the policy publishes. It is computed once and served to every request. */

import { DOCUMENT_NAMES, DOCUMENT_PATHS, type DocumentName, termsDocument } from './documents.ts';
import { TermsHeaders } from './headers.ts';
import type { TermsAgent } from './permission.ts';
import type { PolicyVersion } from './policy.ts';
import { RSL_MEDIA_TYPE } from './rsl.ts';

/** Hex of a hash over a text. */
type HashText = (text: string) => string;

interface MadeDocument {
  readonly origin: string;
  readonly robots: string;
  readonly text: string;
  readonly hash: string;
}

export class PublishedTerms {
  readonly version: PolicyVersion;
  readonly headers: TermsHeaders;
  readonly #agents: readonly TermsAgent[];
  readonly #hash: HashText;
  /** The last one of each name. Most gateways serve one host. */
  readonly #made = new Map<DocumentName, MadeDocument>();

  constructor(version: PolicyVersion, agents: readonly TermsAgent[], hash: HashText) {
    this.version = version;
    this.#agents = agents;
    this.#hash = hash;
    this.headers = new TermsHeaders(version.policy, {
      licence: DOCUMENT_PATHS['license.xml'],
      licenceType: RSL_MEDIA_TYPE,
      tdmPolicy: DOCUMENT_PATHS['tdm-policy.json'],
    });
  }

  /**
   * @param origin of the site: scheme and host.
   * @param robots the platform's robots.txt as Latin-1; empty if there is none.
   */
  document(name: DocumentName, origin: string, robots = ''): Pick<MadeDocument, 'text' | 'hash'> {
    const last = this.#made.get(name);
    if (last?.origin === origin && last.robots === robots) return last;
    const { policy } = this.version;
    const text = termsDocument(name, { policy, agents: this.#agents, origin, robots });
    const made = { origin, robots, text, hash: this.#hash(text) };
    this.#made.set(name, made);
    return made;
  }
}

/** Returns what a version publishes; null if no version is in force. */
export type TermsPublisher = (version: PolicyVersion | null) => PublishedTerms | null;

export function termsPublisher(agents: readonly TermsAgent[], hash: HashText): TermsPublisher {
  let last: PublishedTerms | null = null;
  return (version) => {
    if (version === null) return null;
    if (last?.version !== version) last = new PublishedTerms(version, agents, hash);
    return last;
  };
}

/** The document at a path; undefined if there is none. */
export function documentAt(path: string): DocumentName | undefined {
  return DOCUMENT_NAMES.find((name) => DOCUMENT_PATHS[name] === path);
}
