import { expect, it } from 'vitest';
import { documentFileName, subjectOfLetter, wantedDocuments } from '../../src/document/wanted.ts';

const coDebtor = { id: 'a', ground: 'parent' } as never;

it('wants a PDF for the buyer and for each co-debtor', () => {
  expect(wantedDocuments({ language: 'de', coDebtors: [coDebtor, coDebtor], eInvoice: 'none' })).toEqual([
    { format: 'pdf', language: 'de', copy: 1 },
    { format: 'pdf', language: 'de', copy: 2 },
    { format: 'pdf', language: 'de', copy: 3 },
  ]);
});

it.each([
  ['facturx', 'cii'],
  ['xrechnung-ubl', 'xrechnung-ubl'],
  ['xrechnung-cii', 'xrechnung-cii'],
  ['ubl', 'ubl'],
  ['cii', 'cii'],
] as const)('with %s it wants one %s, for the buyer', (eInvoice, format) => {
  expect(wantedDocuments({ language: 'en', coDebtors: [coDebtor], eInvoice })).toEqual([
    { format, language: 'en', copy: 1 },
    { format: 'pdf', language: 'en', copy: 1 },
    { format: 'pdf', language: 'en', copy: 2 },
  ]);
});

it.each([
  ['PM-000017', { kind: 'invoice', format: 'pdf', language: 'en', copy: 1 }, 'PM-000017-en.pdf'],
  ['PM-000017', { kind: 'invoice', format: 'pdf', language: 'de', copy: 2 }, 'PM-000017-de-copy-2.pdf'],
  [
    'R/2026/1',
    { kind: 'invoice', format: 'xrechnung-ubl', language: 'de', copy: 1 },
    'R-2026-1-xrechnung-ubl.xml',
  ],
  ['1', { kind: 'dunning', format: 'pdf', language: 'fr', copy: 1 }, '1-reminder-2-fr.pdf'],
  ['acme "x"\r\n', { kind: 'letter', format: 'pdf', language: 'es', copy: 1 }, 'acme-x--letter-es.pdf'],
] as const)('names the file of %s', (name, key, fileName) => {
  expect(documentFileName(name, key, 2)).toBe(fileName);
});

it('gives each letter a subject of its own below its invoice', () => {
  expect(subjectOfLetter('0190', Date.UTC(2026, 2, 1))).toBe(
    'invoices/0190/letters/2026-03-01T00:00:00.000Z',
  );
});
