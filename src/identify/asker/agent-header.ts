/**
 * The header that tells the upstream who is asking, as an Item of a structured field (RFC 9651, section 3.3): the agent
 * as a String, empty if there is none, with its verdict and class as parameters.
 */

import type { Asker } from '../../rights/asker.ts';

/** `"GPTBot";class=ai_training;also-as=unknown;verdict=pending;evidence=claim` */
export function agentHeaderText({ agent, class: asker, alsoAs, verdict, evidence }: Asker): string {
  const also = alsoAs === undefined ? '' : `;also-as=${alsoAs}`;
  const checked = verdict === null ? '' : `;verdict=${verdict}`;
  return `"${escaped(agent ?? '')}";class=${asker}${also}${checked};evidence=${evidence}`;
}

/** A String contains visible ASCII and spaces only. The names of agents contain nothing else; a URL is made safe. */
function escaped(text: string): string {
  return text.replace(/[^ -~]/g, '?').replace(/["\\]/g, '\\$&');
}
