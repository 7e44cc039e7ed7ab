/** Numbers, money, dates and spans in the form of a language. Nothing depends on `Intl` or on a clock. */

import { utcDateOf } from '../receivable/date.ts';
import { formatMoney } from '../tariff/money.ts';
import type { DateParts, Signs } from './texts/texts.ts';

const MINUS = '\u2212';
const HOUR_SECONDS = 3600;
const MINUTE_SECONDS = 60;

/** A whole number with groups of three digits. */
export function numberText(value: number | bigint, signs: Signs): string {
  const digits = String(value < 0 ? -value : value);
  const groups: string[] = [];
  for (let end = digits.length; end > 0; end -= 3) groups.unshift(digits.slice(Math.max(0, end - 3), end));
  return (value < 0 ? MINUS : '') + groups.join(signs.group);
}

/** Decimal text such as `-15000.02` of a currency. */
export function decimalMoney(decimal: string, currency: string, signs: Signs): string {
  const isNegative = decimal.startsWith('-');
  const [whole, fraction] = (isNegative ? decimal.slice(1) : decimal).split('.');
  const digits = numberText(BigInt(whole!), signs);
  const amount = fraction === undefined ? digits : digits + signs.decimal + fraction;
  return signs.money((isNegative ? MINUS : '') + amount, currency);
}

export function minorMoney(minor: bigint, currency: string, signs: Signs): string {
  return decimalMoney(formatMoney(minor, currency), currency, signs);
}

/** Hundredths of a percent, without trailing zeros. */
export function percentText(bp: number, signs: Signs): string {
  const [whole, hundredths] = [Math.floor(bp / 100), bp % 100];
  const fraction = hundredths % 10 === 0 ? String(hundredths / 10) : String(hundredths).padStart(2, '0');
  return `${whole}${hundredths === 0 ? '' : signs.decimal + fraction}\u00a0%`;
}

/** A UTC date `YYYY-MM-DD` in words. */
export function dateText(date: string, signs: Signs): string {
  return signs.date(partsOf(date));
}

/** A UTC date `YYYY-MM-DD` in short form. */
export function shortDateText(date: string, signs: Signs): string {
  return signs.shortDate(partsOf(date));
}

/** Day and month of a UTC date, for the axis of a chart. */
export function dayText(date: string, signs: Signs): string {
  return signs.dayMonth(partsOf(date));
}

/** A moment in epoch milliseconds: short date and UTC time in minutes. */
export function momentText(atMs: number, signs: Signs): string {
  return `${shortDateText(utcDateOf(atMs), signs)}, ${utcTime(atMs)}`;
}

export function monthText(atMs: number, signs: Signs): string {
  const { year, month } = partsOf(utcDateOf(atMs));
  return signs.month(year, month);
}

export function durationText(seconds: number, signs: Signs): string {
  if (seconds % HOUR_SECONDS === 0) return signs.duration(seconds / HOUR_SECONDS, 'hour');
  if (seconds % MINUTE_SECONDS === 0) return signs.duration(seconds / MINUTE_SECONDS, 'minute');
  return signs.duration(seconds, 'second');
}

export function postsText(count: number, signs: Signs): string {
  return signs.posts(numberText(count, signs), count);
}

/** `HH:MM` of a moment in epoch milliseconds. */
export function utcTime(atMs: number): string {
  return new Date(atMs).toISOString().slice(11, 16);
}

function partsOf(date: string): DateParts {
  const [year, month, day] = date.split('-').map(Number);
  return { year: year!, month: month!, day: day! };
}
