/** The table that the bench prints: a figure, its comparison, and whether it meets its bar. */

import Table from 'cli-table3';

export interface Row {
  readonly measured: string;
  readonly figure: string;
  /** The base of the ratio. */
  readonly against?: string;
  readonly ratio?: number;
  readonly bar?: Bar;
}

type Bar =
  | { readonly kind: 'at most' | 'less than' | 'at least'; readonly ratio: number }
  | { readonly kind: 'met' | 'missed'; readonly text: string };

export function meets(row: Row): boolean | undefined {
  const { bar, ratio = Number.NaN } = row;
  if (bar === undefined) return undefined;
  if (bar.kind === 'at most') return ratio <= bar.ratio;
  if (bar.kind === 'less than') return ratio < bar.ratio;
  if (bar.kind === 'at least') return ratio >= bar.ratio;
  return bar.kind === 'met';
}

export function renderTable(rows: readonly Row[]): string {
  const table = new Table({
    head: ['measured', 'figure', 'against', 'ratio', 'bar', ''],
    colAligns: ['left', 'right', 'left', 'right', 'left', 'left'],
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows) {
    const { bar } = row;
    const barText = bar === undefined ? '' : 'text' in bar ? bar.text : `${bar.kind} ${bar.ratio}`;
    const verdict = { true: 'pass', false: 'MISS', undefined: '' }[`${meets(row)}`];
    table.push([
      row.measured,
      row.figure,
      row.against ?? '',
      row.ratio === undefined ? '' : row.ratio.toFixed(2),
      barText,
      verdict,
    ]);
  }
  return table.toString();
}
