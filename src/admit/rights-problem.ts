/** Responses to requests for withheld resources (RFC 9457, RFC 7725). They do not name the subject or its states. */

import type { WithheldAnswer } from '../rights/decide.ts';
import { type Problem, problem } from './problem.ts';

/** The licence document of the policy, on the platform's own host. */
const LICENCE_LINK = '</.well-known/postmeter/license.xml>; rel="license"; type="application/rsl+xml"';
/** Retry-After while the registry is not known, in seconds. */
const AWAY_RETRY_S = 30;

/** @param termsUrl of the policy: who implements a legal demand, and the terms that apply. */
export function withheldProblem(answer: WithheldAnswer, termsUrl: string): Problem {
  switch (answer) {
    case 'not_found':
      return problem(404, { type: 'about:blank', title: 'Not Found' });
    case 'gone':
      return problem(410, { type: 'about:blank', title: 'Gone', code: 'withheld' });
    case 'forbidden':
      return problem(403, { type: 'about:blank', title: 'Forbidden', code: 'withheld' });
    case 'legal':
      return problem(
        451,
        { type: 'about:blank', title: 'Unavailable For Legal Reasons', code: 'legal_demand' },
        { link: `<${new URL(termsUrl).href}>; rel="blocked-by"` },
      );
    case 'reserved':
      return problem(
        403,
        {
          type: 'about:blank',
          title: 'Forbidden',
          detail: `The rights in this resource are reserved. The terms are at ${termsUrl}.`,
          code: 'rights_reserved',
        },
        { link: LICENCE_LINK },
      );
    case 'forged':
      return problem(403, {
        type: 'about:blank',
        title: 'Forbidden',
        detail: 'The request claims to come from an agent whose operator does not confirm it.',
        code: 'agent_forged',
      });
    case 'away':
      return problem(
        503,
        {
          type: 'about:blank',
          title: 'Service Unavailable',
          detail: `The rights in this resource are not known now. Try again in ${AWAY_RETRY_S} s.`,
          code: 'rights_unknown',
        },
        { 'retry-after': String(AWAY_RETRY_S) },
      );
  }
}
