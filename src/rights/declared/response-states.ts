/** The states that the platform declares in the head of a response, for the whole response. */

import { maskOf, STATES, type State, type StateMask } from '../state.ts';

/** Lower-case name of the platform's own header. It is never forwarded. */
export const RIGHTS_HEADER = 'postmeter-rights';

const BY_TOKEN = new Map<string, StateMask>(
  STATES.map((state: State) => [state.replaceAll('_', '-'), maskOf([state])]),
);
const NO_TRAINING = maskOf(['no_training']);
const NO_SEARCH = maskOf(['no_search']);

/**
 * Reads `Postmeter-Rights` (states with hyphens, separated by commas), `X-Robots-Tag` (`noai`, `noimageai`),
 * `Content-Usage` (`train-ai=n`, `search=n`) and `TDM-Reservation: 1`. Other values are ignored.
 * @param headers flat list as received.
 */
export function statesInHead(headers: readonly string[]): StateMask {
  let states: StateMask = 0;
  for (let at = 0; at < headers.length; at += 2) {
    const read = READERS.get(headers[at]!.toLowerCase());
    if (read !== undefined) states |= read(headers[at + 1]!);
  }
  return states;
}

const READERS: ReadonlyMap<string, (value: string) => StateMask> = new Map([
  [RIGHTS_HEADER, statesByName],
  ['x-robots-tag', statesInRobots],
  ['content-usage', statesInUsage],
  ['tdm-reservation', (value) => (value.trim() === '1' ? NO_TRAINING : 0)],
]);

function statesByName(value: string): StateMask {
  return tokensOf(value).reduce((mask, token) => mask | (BY_TOKEN.get(token.replaceAll('_', '-')) ?? 0), 0);
}

/** Directives of robots, also after the name of an agent: `noai`, `GPTBot: noai`. */
export function statesInRobots(value: string): StateMask {
  const directives = tokensOf(value).map((token) => token.slice(token.indexOf(':') + 1).trim());
  return directives.some((one) => one === 'noai' || one === 'noimageai') ? NO_TRAINING : 0;
}

/** A dictionary of the AI preferences draft (draft-ietf-aipref-attach). */
function statesInUsage(value: string): StateMask {
  const members = tokensOf(value).map((member) => member.split(';', 1)[0]!.replaceAll(' ', ''));
  return (members.includes('train-ai=n') ? NO_TRAINING : 0) | (members.includes('search=n') ? NO_SEARCH : 0);
}

function tokensOf(value: string): string[] {
  return value.split(',').map((token) => token.trim().toLowerCase());
}
