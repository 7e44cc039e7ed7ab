/** What the chart of a report shows: bars of one figure by month, or of several figures of the totals, by currency. */

import type { Report, ReportCells, ReportChart } from './report.ts';

export interface BarSeries {
  /** Null: the report has no currency. */
  readonly currency: string | null;
  readonly bars: ReadonlyArray<{ readonly label: string; readonly value: number }>;
}

/** Months without rows have a bar of 0. Values are rounded to doubles: they are only drawn. */
export function barSeriesOf(
  chart: ReportChart,
  columns: Report['columns'],
  rows: readonly ReportCells[],
  totals: readonly ReportCells[],
): BarSeries[] {
  const currencies = [...new Set(rows.map(({ currency }) => currency ?? null))].sort() as (string | null)[];
  return currencies.map((currency) => {
    const isOwn = (row: ReportCells) => (row.currency ?? null) === currency;
    if (!chart.isByMonth) {
      const total = totals.find(isOwn) ?? {};
      const labelOf = (name: string) => columns.find((column) => column.name === name)?.label ?? name;
      return {
        currency,
        bars: chart.values.map((name) => ({ label: labelOf(name), value: Number(total[name] ?? 0) })),
      };
    }
    const sums = new Map<string, number>();
    for (const row of rows.filter(isOwn)) {
      const month = String(row.month);
      sums.set(month, (sums.get(month) ?? 0) + Number(row[chart.values[0]!] ?? 0));
    }
    return {
      currency,
      bars: monthsOf([...sums.keys()]).map((month) => ({ label: month, value: sums.get(month) ?? 0 })),
    };
  });
}

/** Every month from the first to the last of some. */
function monthsOf(months: readonly string[]): string[] {
  const [first, last] = [months.toSorted()[0], months.toSorted().at(-1)];
  const all: string[] = [];
  for (let month = first; month !== undefined && last !== undefined && month <= last; ) {
    all.push(month);
    const [year = 0, number = 0] = month.split('-').map(Number);
    month = new Date(Date.UTC(year, number)).toISOString().slice(0, 7);
  }
  return all;
}
