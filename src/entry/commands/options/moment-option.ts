/** Parses a time on the command line for the admin API. */

import { InvalidArgumentError } from 'commander';
import { isoMoment } from '../../../report/moment.ts';
import { parseMoment } from './moment.ts';

/** Returns the time in ISO 8601 UTC. Throws commander's error with the reason and a hint. */
export function readMomentOption(text: string): string {
  const moment = parseMoment(text);
  if (moment.ok) return isoMoment(moment.atMs);
  throw new InvalidArgumentError(`It ${moment.reason}; ${moment.hint}.`);
}
