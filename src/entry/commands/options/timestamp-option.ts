/** Parses a time on the command line for the admin API. */

import { InvalidArgumentError } from 'commander';
import { isoTimestamp } from '../../../report/timestamp.ts';
import { parseTimestamp } from './timestamp.ts';

/** Returns the time in ISO 8601 UTC. Throws commander's error with the reason and a hint. */
export function readTimestampOption(text: string): string {
  const moment = parseTimestamp(text);
  if (moment.ok) return isoTimestamp(moment.atMs);
  throw new InvalidArgumentError(`It ${moment.reason}; ${moment.hint}.`);
}
