import { expect, test } from 'vitest';
import { type BankMapping, readBankCsv } from '../../src/receivable/read-bank-csv.ts';

const GERMAN: BankMapping = {
  ...{ receivedOn: 'Buchungstag', amount: 'Betrag', payer: 'Name', reference: 'Zweck' },
  ...{ defaultCurrency: 'EUR', delimiter: ';', decimal: ',', dateFormat: 'DD.MM.YYYY' },
};
const HEADER = 'Buchungstag;Name;Zweck;Betrag';

test('a file with semicolons and decimal commas is read, without money that went out', () => {
  const csv = `\uFEFF${HEADER}\r\n02.04.2026;"Globex; BV";RF30;15.000,02\r\n3.4.2026;Bank;fee;-4,90\r\n`;
  expect(readBankCsv(csv, GERMAN)).toEqual({
    rows: [
      {
        ...{ row: 1, receivedOn: '2026-04-02', amountMinor: 1_500_002n, currency: 'EUR' },
        ...{ payer: 'Globex; BV', reference: 'RF30', externalId: null },
      },
    ],
    ignored: 1,
    faults: [],
  });
});

test.each([
  ['31.02.2026;x;y;1,00', 'has the date "31.02.2026"'],
  ['2026-04-02;x;y;1,00', 'has the date "2026-04-02"'],
  ['02.04.26;x;y;1,00', 'has the date "02.04.26"'],
  ['02.04.2026;x;y;1,005', 'has the amount "1,005", which has 3 decimal places; EUR has 2'],
  ['02.04.2026;x;y;50.02', 'has the amount "50.02", which is not a plain decimal number'],
  ['02.04.2026;x;y;1,0,0', 'has the amount "1,0,0", which is not a plain decimal number'],
  ['02.04.2026;x;y;', 'has the amount "", which is not a plain decimal number'],
])('the row %s is refused', (line, reason) => {
  const { rows, faults } = readBankCsv(`${HEADER}\n${line}\n`, GERMAN);
  expect(rows).toEqual([]);
  expect(faults).toMatchObject([{ row: 1, reason }]);
});

test('missing columns, unknown currencies and broken quotes are refused', () => {
  const faultOf = (csv: string, mapping = GERMAN) => readBankCsv(csv, mapping).faults[0]?.reason;
  expect(faultOf('a;b\n1;2\n')).toBe('lacks the columns Buchungstag, Betrag, Name, Zweck');
  expect(faultOf(`${HEADER}\n1;"2\n`)).toMatch(/^is not well-formed CSV: /);
  expect(faultOf(`${HEADER}\n02.04.2026;x;y;1,00\n`, { ...GERMAN, currency: 'Zweck' })).toBe(
    'has the currency "y"',
  );
});
