/** Tables that go over pages: their head is repeated, and a row stays on one page. */

import type { Align, Element, Sheet } from './sheet.ts';
import { ACCENT, BODY, COLUMN_HEAD, HAIRLINE, heightOf, LABEL, type TextStyle } from './theme.ts';

export interface SheetColumn {
  readonly head: string;
  /** In points. */
  readonly width: number;
  readonly align?: Align;
}

export interface CellText {
  readonly text: string;
  readonly style?: TextStyle;
}

export type SheetCell = string | readonly CellText[];

interface PlacedCell {
  readonly parts: ReadonlyArray<{ readonly lines: readonly string[]; readonly style: TextStyle }>;
  readonly height: number;
}

const PADDING_Y = 3;
const PADDING_X = 5;
/** Space between the columns of a list of facts. */
const FACT_GAP = 10;

/** Draws a table of the sheet's width from its `y`. */
export function drawTable(
  sheet: Sheet,
  parent: Element,
  columns: readonly SheetColumn[],
  rows: ReadonlyArray<readonly SheetCell[]>,
): void {
  const table = sheet.element(parent, 'Table');
  const head = columns.map((column) => placed(sheet, [{ text: column.head, style: COLUMN_HEAD }], column));
  const firstRow = rows[0]?.map((cell, at) => placed(sheet, cell, columns[at]!)) ?? [];
  sheet.ensure(heightOfRow(head) + heightOfRow(firstRow));
  const headRow = sheet.element(sheet.element(table, 'THead'), 'TR');
  drawRow(sheet, columns, head, (_, draw) => {
    sheet.element(headRow, 'TH', { scope: 'Column' }).add(draw);
  });
  headRule(sheet);
  const body = sheet.element(table, 'TBody');
  for (const row of rows) {
    const cells = row.map((cell, at) => placed(sheet, cell, columns[at]!));
    if (sheet.ensure(heightOfRow(cells))) {
      drawRow(sheet, columns, head, (_, draw) => sheet.artifact('Pagination', draw));
      headRule(sheet);
    }
    const line = sheet.element(body, 'TR');
    drawRow(sheet, columns, cells, (_, draw) => {
      sheet.element(line, 'TD').add(draw);
    });
    sheet.rule(sheet.left, sheet.width, HAIRLINE, 0.4);
  }
  table.end();
}

/** A list of labels with their values, as a table with row heads. Draws from `sheet.y` in the given column. */
export function drawFacts(
  sheet: Sheet,
  parent: Element,
  facts: ReadonlyArray<readonly [label: string, value: string, style?: TextStyle | undefined]>,
  place: { readonly x: number; readonly width: number; readonly labelWidth: number; readonly align?: Align },
): void {
  const table = sheet.element(parent, 'Table');
  const { x, width, labelWidth, align = 'left' } = place;
  const valueWidth = width - labelWidth - FACT_GAP;
  for (const [label, value, style = BODY] of facts) {
    const labels = sheet.lines(label, LABEL, labelWidth);
    const values = sheet.lines(value, style, valueWidth);
    const height = Math.max(labels.length * heightOf(LABEL), values.length * heightOf(style)) + 2;
    sheet.ensure(height);
    const row = sheet.element(table, 'TR');
    const { y } = sheet;
    const drop = heightOf(style) - heightOf(LABEL);
    sheet
      .element(row, 'TH', { scope: 'Row' })
      .add(() => sheet.drawLines(labels, LABEL, x, y + drop * 0.75, labelWidth));
    sheet
      .element(row, 'TD')
      .add(() => sheet.drawLines(values, style, x + labelWidth + FACT_GAP, y, valueWidth, align));
    sheet.y = y + height;
  }
  table.end();
}

function headRule(sheet: Sheet): void {
  sheet.rule(sheet.left, sheet.width, ACCENT, 0.9);
}

function placed(sheet: Sheet, cell: SheetCell, column: SheetColumn): PlacedCell {
  const texts = typeof cell === 'string' ? [{ text: cell }] : cell;
  const parts = texts.map(({ text, style = BODY }: CellText) => ({
    style,
    lines: sheet.lines(text, style, column.width - 2 * PADDING_X),
  }));
  return { parts, height: parts.reduce((sum, { lines, style }) => sum + lines.length * heightOf(style), 0) };
}

function heightOfRow(cells: readonly PlacedCell[]): number {
  return Math.max(0, ...cells.map(({ height }) => height)) + 2 * PADDING_Y;
}

/** Draws the cells of a row from `sheet.y`, each by `add`, and moves below it. */
function drawRow(
  sheet: Sheet,
  columns: readonly SheetColumn[],
  cells: readonly PlacedCell[],
  add: (at: number, draw: () => void) => void,
): void {
  let x = sheet.left;
  cells.forEach(({ parts }, at) => {
    const { width, align } = columns[at]!;
    const left = x + PADDING_X;
    add(at, () => {
      let y = sheet.y + PADDING_Y;
      for (const { lines, style } of parts) {
        sheet.drawLines(lines, style, left, y, width - 2 * PADDING_X, align);
        y += lines.length * heightOf(style);
      }
    });
    x += width;
  });
  sheet.y += heightOfRow(cells);
}
