/** Rules for the levels of dunning that an administrator sets. Without levels of a seller the product's apply. */

import type { FieldError } from '../tariff/terms.ts';
import { LANGUAGES, type Translated } from './language.ts';

export const MAX_DUNNING_LEVELS = 5;

/** One level, in the order of the list, from 1. */
export interface DunningSetting {
  readonly daysAfterDue: number;
  /** Title and text of the letter by language; languages without both have the product's words. */
  readonly title: Translated;
  readonly text: Translated;
  /** False: only a person reminds at this level. */
  readonly isAutomatic: boolean;
}

/** Returns what contradicts itself in the levels. */
export function dunningFaults(levels: readonly DunningSetting[]): FieldError[] {
  return levels.flatMap(({ daysAfterDue, title, text }, at) => {
    const before = levels[at - 1]?.daysAfterDue ?? 0;
    const faults: FieldError[] = [];
    if (daysAfterDue <= before) {
      const hint = `use more than ${before} days`;
      faults.push({ field: `levels.${at}.daysAfterDue`, reason: 'does not follow the level before', hint });
    }
    for (const language of LANGUAGES) {
      if ((title[language] === undefined) === (text[language] === undefined)) continue;
      const missing = title[language] === undefined ? 'title' : 'text';
      const hint = 'send title and text of a language, or neither';
      faults.push({ field: `levels.${at}.${missing}.${language}`, reason: 'is missing', hint });
    }
    return faults;
  });
}
