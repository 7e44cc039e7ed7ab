/** The documents that follow from a policy, and where they are published. They are pure functions of it and of the origin. */

import type { TermsAgent } from './permission.ts';
import type { Policy } from './policy.ts';
import { mergeRobots } from './robots/merge.ts';
import { RSL_MEDIA_TYPE, rslDocument } from './rsl.ts';
import { tdmPolicyDocument, tdmrepDocument } from './tdmrep.ts';

export const DOCUMENT_NAMES = ['robots.txt', 'license.xml', 'tdmrep.json', 'tdm-policy.json'] as const;
export type DocumentName = (typeof DOCUMENT_NAMES)[number];

export const DOCUMENT_PATHS: Readonly<Record<DocumentName, string>> = {
  'robots.txt': '/robots.txt',
  'license.xml': '/.well-known/postmeter/license.xml',
  'tdmrep.json': '/.well-known/tdmrep.json',
  'tdm-policy.json': '/.well-known/postmeter/tdm-policy.json',
};

export const DOCUMENT_TYPES: Readonly<Record<DocumentName, string>> = {
  'robots.txt': 'text/plain; charset=utf-8',
  'license.xml': RSL_MEDIA_TYPE,
  'tdmrep.json': 'application/json',
  'tdm-policy.json': 'application/json',
};

interface DocumentOptions {
  readonly policy: Policy;
  /** The catalogue. */
  readonly agents: readonly TermsAgent[];
  /** Scheme and host of the site, without a path. */
  readonly origin: string;
  /** The platform's robots.txt as Latin-1; empty if there is none. */
  readonly robots: string;
}

/** Returns the text of a document; that of robots.txt is Latin-1. */
export function termsDocument(
  name: DocumentName,
  { policy, agents, origin, robots }: DocumentOptions,
): string {
  const urlOf = (other: DocumentName) => origin + DOCUMENT_PATHS[other];
  switch (name) {
    case 'robots.txt':
      return mergeRobots(robots, { policy, agents, licenceUrl: urlOf('license.xml') });
    case 'license.xml':
      return rslDocument(policy);
    case 'tdmrep.json':
      return tdmrepDocument(policy, urlOf('tdm-policy.json'));
    case 'tdm-policy.json':
      return tdmPolicyDocument(policy, origin, urlOf('tdm-policy.json'));
  }
}
