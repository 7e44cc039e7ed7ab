/**
 * What a language must have to write documents: words, signs, date order, plural forms. Nothing here depends on `Intl`,
 * whose output changes with the runtime. Parameters are text that is already formatted, unless they are numbers.
 */

import type { DunningTexts } from './dunning-texts.ts';
import type { InvoiceTexts } from './invoice-texts.ts';

/** A calendar date: full year, month 1 to 12, day 1 to 31. */
export interface DateParts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

export interface Signs {
  /** Between groups of three digits, and before decimals. */
  readonly group: string;
  readonly decimal: string;
  /** Date in words, and date in short form for tables. */
  readonly date: (date: DateParts) => string;
  readonly shortDate: (date: DateParts) => string;
  readonly dayMonth: (date: DateParts) => string;
  readonly month: (year: number, month: number) => string;
  /** Joins a formatted amount, without its sign, and a currency code. */
  readonly money: (amount: string, currency: string) => string;
  /** A label, a colon, and a value. */
  readonly labelled: (label: string, value: string) => string;
  /** A span of time, of whole hours, minutes or seconds. */
  readonly duration: (count: number, unit: 'hour' | 'minute' | 'second') => string;
  /** A formatted number of posts; `count` decides the plural. */
  readonly posts: (text: string, count: number) => string;
}

export interface DocumentTexts {
  readonly signs: Signs;
  readonly invoice: InvoiceTexts;
  readonly dunning: DunningTexts;
}
