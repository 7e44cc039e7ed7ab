/** Reads the rows of a bank's CSV file by a mapping of its columns. */

import { parse } from 'csv-parse/sync';
import { isCurrency, parseMoney } from '../tariff/money.ts';
import { utcDateOf } from './date.ts';
import type { ReceivedRow } from './match.ts';

export const BANK_DATE_FORMATS = ['YYYY-MM-DD', 'DD.MM.YYYY', 'DD/MM/YYYY', 'MM/DD/YYYY'] as const;

/** The names of the file's columns, and how it writes dates and amounts. */
export interface BankMapping {
  readonly receivedOn: string;
  readonly amount: string;
  readonly payer?: string | undefined;
  readonly reference?: string | undefined;
  readonly externalId?: string | undefined;
  /** Without a column, every row is in `defaultCurrency`. */
  readonly currency?: string | undefined;
  readonly defaultCurrency: string;
  readonly delimiter: string;
  readonly decimal: '.' | ',';
  readonly dateFormat: (typeof BANK_DATE_FORMATS)[number];
}

export interface BankRow extends ReceivedRow {
  /** From 1, without the header. */
  readonly row: number;
  readonly receivedOn: string;
  readonly externalId: string | null;
}

export interface BankFault {
  /** 0: the header or the whole file. */
  readonly row: number;
  readonly reason: string;
  readonly hint: string;
}

export interface BankFile {
  readonly rows: readonly BankRow[];
  /** Rows of money that went out, which are not payments. */
  readonly ignored: number;
  readonly faults: readonly BankFault[];
}

/** Never throws: what cannot be read is a fault. */
export function readBankCsv(text: string, mapping: BankMapping): BankFile {
  const none = { rows: [], ignored: 0 };
  let cells: Record<string, string>[];
  try {
    cells = parse(text, { bom: true, columns: true, delimiter: mapping.delimiter, skip_empty_lines: true });
  } catch (error) {
    const reason = `is not well-formed CSV: ${(error as Error).message}`;
    return { ...none, faults: [{ row: 0, reason, hint: 'check the delimiter and the quotes' }] };
  }
  const { receivedOn, amount, payer, reference, externalId, currency } = mapping;
  const named = [receivedOn, amount, payer, reference, externalId, currency];
  const missing = named.filter((name) => name !== undefined && cells[0] !== undefined && !(name in cells[0]));
  if (missing.length > 0) {
    const hint = `the file has ${Object.keys(cells[0] ?? {}).join(', ')}`;
    return { ...none, faults: [{ row: 0, reason: `lacks the columns ${missing.join(', ')}`, hint }] };
  }
  const read = cells.map((row, at) => readRow(row, at + 1, mapping));
  return {
    rows: read.filter((one) => one !== null && 'amountMinor' in one),
    ignored: read.filter((one) => one === null).length,
    faults: read.filter((one) => one !== null && 'reason' in one),
  };
}

/** Returns null for money that went out. */
function readRow(
  cells: Record<string, string>,
  row: number,
  mapping: BankMapping,
): BankRow | BankFault | null {
  const cell = (name: string | undefined) => (name === undefined ? '' : (cells[name] ?? '').trim());
  const currency = cell(mapping.currency) || mapping.defaultCurrency;
  if (!isCurrency(currency)) {
    return { row, reason: `has the currency "${currency}"`, hint: 'use a code of ISO 4217, such as USD' };
  }
  const receivedOn = dateIn(cell(mapping.receivedOn), mapping.dateFormat);
  if (receivedOn === null) {
    const reason = `has the date "${cell(mapping.receivedOn)}"`;
    return { row, reason, hint: `the mapping says ${mapping.dateFormat}` };
  }
  const plain = plainAmount(cell(mapping.amount), mapping.decimal);
  if (plain.startsWith('-')) return null;
  const parsed = parseMoney(plain, currency);
  if (!parsed.ok) {
    const reason = `has the amount "${cell(mapping.amount)}", which ${parsed.reason}`;
    return { row, reason, hint: `the mapping says that decimals follow a "${mapping.decimal}"` };
  }
  if (parsed.minor === 0n) return null;
  return {
    ...{ row, receivedOn, amountMinor: parsed.minor, currency },
    payer: cell(mapping.payer) || null,
    reference: cell(mapping.reference) || null,
    externalId: cell(mapping.externalId) || null,
  };
}

/** Groups have three digits, so that `50,02` is not read as 5002. Empty if the text is not written so. */
function plainAmount(text: string, decimal: '.' | ','): string {
  const parts = text.replaceAll(/[\s']/g, '').replace(/^\+/, '').split(decimal);
  const [whole = '', fraction] = parts;
  const groups = whole.split(decimal === '.' ? ',' : '.');
  const isGrouped = groups.slice(1).every((group) => group.length === 3);
  if (!isGrouped || parts.length > 2) return '';
  return fraction === undefined ? groups.join('') : `${groups.join('')}.${fraction}`;
}

function dateIn(text: string, format: BankMapping['dateFormat']): string | null {
  const parts = /^(\d{1,4})[-./](\d{1,2})[-./](\d{1,4})$/.exec(text)?.slice(1);
  if (parts === undefined) return null;
  const order = format.split(/[-./]/);
  const part = (name: string) => parts[order.indexOf(name)]!.padStart(name.length, '0');
  const date = `${part('YYYY')}-${part('MM')}-${part('DD')}`;
  const atMs = Date.parse(`${date}T00:00:00Z`);
  // A day that the month does not have becomes one of the next month.
  if (Number.isNaN(atMs) || atMs < 0) return null;
  return utcDateOf(atMs) === date ? date : null;
}
