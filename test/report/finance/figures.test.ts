import { describe, expect, test } from 'vitest';
import { drawBars } from '../../../src/chart/bars.ts';
import { ageingRows } from '../../../src/report/finance/ageing.ts';
import { barSeriesOf } from '../../../src/report/finance/chart.ts';
import { dsoRows } from '../../../src/report/finance/dso.ts';
import type { BookedDocument, BookedEntry } from '../../../src/report/finance/port.ts';
import { REPORTS } from '../../../src/report/finance/reports.ts';
import { totalsOf } from '../../../src/report/finance/totals.ts';

const RANGE = { from: '2026-01-01', to: '2026-03-31', asAt: '2026-03-31' };
const entry = (
  id: number,
  kind: BookedEntry['kind'],
  amountMinor: bigint,
  effectiveOn: string,
): BookedEntry => ({
  ...{ id, kind, amountMinor, effectiveOn, reversesId: null, actor: 'finance', reason: null },
  ...{ paymentId: kind === 'payment' ? 'p' : null, creditNoteId: null },
});
const document = (entries: readonly BookedEntry[]): BookedDocument => ({
  ...{ id: '1', number: 'PM-1', kind: 'invoice', claim: 'damages', clientId: 'acme', clientName: 'Acme' },
  ...{ sellerId: 'default', currency: 'USD', issuedOn: '2026-01-10', netMinor: 1_500_002n, taxMinor: 0n },
  ...{ tax: null, dueOn: '2026-02-09', entries, disputes: [], dunnings: [] },
});

test('amounts beyond 2^53 stay exact, in rows and in totals', () => {
  const huge = 9_007_199_254_740_993n * 10n;
  const documents = [document([entry(1, 'charge', huge, '2026-01-10')])];
  expect(ageingRows(documents, RANGE)).toMatchObject([{ totalMinor: huge }]);
  const rows = [
    { currency: 'USD', total: '900719925474099.30' },
    { currency: 'USD', total: '-0.29' },
    { currency: 'JPY', total: '7' },
  ];
  const columns = REPORTS.ageing.columns.filter(({ name }) => name === 'currency' || name === 'total');
  expect(totalsOf(columns, rows)).toEqual([
    { currency: 'JPY', total: '7' },
    { currency: 'USD', total: '900719925474099.01' },
  ]);
});

describe('days to payment', () => {
  test('open at the end of the month is compared with the claims of the last 90 days', () => {
    const documents = [
      document([
        entry(1, 'charge', 1_500_002n, '2026-01-10'),
        entry(2, 'payment', -500_000n, '2026-02-20'),
        entry(3, 'payment', -1_000_002n, '2026-03-11'),
      ]),
    ];
    const figures = dsoRows(documents, RANGE).map(({ day, dsoTenths, payments, medianDays, p90Days }) => [
      ...[day, dsoTenths, payments, medianDays, p90Days],
    ]);
    expect(figures).toEqual([
      ['2026-01-31', 900n, 0, null, null],
      ['2026-02-28', 600n, 1, 41, 41],
      ['2026-03-31', 0n, 1, 60, 60],
    ]);
  });

  test('a month that has not ended counts until the date', () => {
    const documents = [document([entry(1, 'charge', 100n, '2026-01-10')])];
    const query = { ...RANGE, asAt: '2026-02-15' };
    expect(dsoRows(documents, query).map(({ day }) => day)).toEqual(['2026-01-31', '2026-02-15']);
  });
});

test('a chart by month has every month, and bars of each currency', () => {
  const rows = [
    { month: '2025-11', currency: 'USD', net: '10.50' },
    { month: '2026-02', currency: 'USD', net: '-4.00' },
    { month: '2025-11', currency: 'USD', net: '1.00' },
    { month: '2026-01', currency: 'EUR', net: '2.00' },
  ];
  expect(barSeriesOf({ isByMonth: true, values: ['net'] }, [], rows, [])).toEqual([
    { currency: 'EUR', bars: [{ label: '2026-01', value: 2 }] },
    {
      currency: 'USD',
      bars: [
        { label: '2025-11', value: 11.5 },
        { label: '2025-12', value: 0 },
        { label: '2026-01', value: 0 },
        { label: '2026-02', value: -4 },
      ],
    },
  ]);
});

test('bars stand on the line of 0, and hang from it below 0', () => {
  const { bars, ticks } = drawBars([10, -5, 0], 300, 150);
  const zero = ticks.find(({ value }) => value === 0)!.at;
  expect(bars.map(({ y, height }) => [y, height])).toEqual([
    [0, zero],
    [zero, 150 - zero],
    [zero, 0],
  ]);
  expect(bars.map(({ x }) => x)).toEqual([12.5, 112.5, 212.5]);
});
