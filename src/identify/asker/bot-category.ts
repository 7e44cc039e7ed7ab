/** The verdict of Cloudflare on a bot. It names the category of a verified bot, and not the bot. */

import type { AgentClass } from '../../rights/asker.ts';
import type { AddressVerdict, CatalogueAgent } from './port.ts';

/** The categories that correspond to a class, as Cloudflare documents them. */
const CLASSES: ReadonlyMap<string, AgentClass> = new Map([
  ['Search Engine Crawler', 'search'],
  ['AI Crawler', 'ai_training'],
  ['AI Search', 'ai_input'],
  ['AI Assistant', 'user_fetch'],
  ['Archiver', 'archive'],
]);

export interface ClaimVerdict extends Pick<AddressVerdict, 'verdict'> {
  readonly by: AddressVerdict['by'] | 'cloudflare';
}

/** A category confirms a claim of its class, unless our own check has found the claim forged. */
export function withCategory(
  agent: CatalogueAgent,
  verdict: AddressVerdict,
  category: string | undefined,
): ClaimVerdict {
  const isConfirmed = category !== undefined && CLASSES.get(category) === agent.class;
  const isOpen = verdict.verdict === 'pending' || verdict.verdict === 'uncheckable';
  return isConfirmed && isOpen ? { verdict: 'verified', by: 'cloudflare' } : verdict;
}
