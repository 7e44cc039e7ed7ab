/** Section "Other readings of the clause": what each reading comes to for the same usage. */

import { decimalMoney, numberText } from '../../format.ts';
import type { Claim } from '../../input.ts';
import type { Pen } from '../pen.ts';
import { drawTable, type SheetColumn } from '../table.ts';
import { BODY, STRONG } from '../theme.ts';

/** Draws nothing if the document has no readings, or only the one that is used. */
export function drawReadings(pen: Pen, { document, invoice }: Claim): void {
  if (!document.readings.some(({ isUsed }) => !isUsed)) return;
  const { sheet, texts } = pen;
  const { invoice: words, signs } = texts;
  const section = pen.section(words.readings);
  sheet.text(section, words.readingsIntro);
  const columns: SheetColumn[] = [
    { head: words.reading, width: sheet.width - 190 },
    { head: words.columns.posts, width: 80, align: 'right' },
    { head: words.columns.amount, width: 110, align: 'right' },
  ];
  const rows = document.readings.map(({ name, posts, amount, isUsed }) => {
    const style = isUsed ? STRONG : BODY;
    const label = words.readingNames[name] ?? name;
    return [
      [{ text: isUsed ? `${label} (${words.used})` : label, style }],
      [{ text: posts === null ? '' : numberText(posts, signs), style }],
      [{ text: amount === null ? '' : decimalMoney(amount, invoice.currency, signs), style }],
    ];
  });
  drawTable(sheet, section, columns, rows);
}
