/** The states of a what-if in the tones of the console. */

import type { Tone } from '../notice.tsx';
import type { WhatIfJson } from './result.tsx';

export const STATE_TONES: Readonly<Record<WhatIfJson['state'], Tone>> = {
  waiting: 'quiet',
  running: 'info',
  done: 'good',
  failed: 'bad',
  cancelled: 'quiet',
};

export function isUnfinished({ state }: Pick<WhatIfJson, 'state'>): boolean {
  return state === 'waiting' || state === 'running';
}

/** Seconds after which the page of a running what-if loads itself again, with or without script. */
export const RELOAD_SECONDS = '3';
