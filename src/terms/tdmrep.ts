/** The reservation of text and data mining by the TDM Reservation Protocol (W3C Community Group report, TDMRep). */

import { purposeRules } from './permission.ts';
import type { Policy } from './policy.ts';

/** Below which paths mining is reserved. Training is the purpose that mines. A path that is not stated is absent. */
export function tdmReservations(policy: Policy): { readonly path: string; readonly isReserved: boolean }[] {
  return purposeRules(policy, 'ai_training').flatMap(({ path, permission }) =>
    permission === undefined ? [] : [{ path, isReserved: permission !== 'allow' }],
  );
}

/** The content of /.well-known/tdmrep.json. @param policyUrl of the contact. */
export function tdmrepDocument(policy: Policy, policyUrl: string): string {
  const entries = tdmReservations(policy)
    // Readers take the first location that matches.
    .toReversed()
    .map(({ path, isReserved }) => ({
      location: `${path}*`,
      'tdm-reservation': isReserved ? 1 : 0,
      ...(isReserved ? { 'tdm-policy': policyUrl } : {}),
    }));
  return `${JSON.stringify(entries, null, 2)}\n`;
}

/** The policy to which reservations refer: whom to ask for a licence. @param origin of the site. */
export function tdmPolicyDocument(
  { rightsholder, terms }: Policy,
  origin: string,
  policyUrl: string,
): string {
  const document = {
    '@context': [
      'http://www.w3.org/ns/odrl.jsonld',
      { tdm: 'http://www.w3.org/ns/tdmrep#', vcard: 'http://www.w3.org/2006/vcard/ns#' },
    ],
    '@type': 'Offer',
    profile: 'http://www.w3.org/ns/tdmrep',
    uid: policyUrl,
    assigner: {
      uid: terms.url,
      'vcard:fn': rightsholder.name,
      'vcard:hasEmail': `mailto:${rightsholder.email}`,
    },
    permission: [{ target: `${origin}/`, action: 'tdm:mine', duty: [{ action: 'obtainConsent' }] }],
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
