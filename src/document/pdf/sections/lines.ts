/** Section "Calculation": the lines, net amount, tax and total. */

import { textIn } from '../../../seller/language.ts';
import { decimalMoney, minorMoney, numberText, percentText } from '../../format.ts';
import type { Claim } from '../../input.ts';
import { lineText } from '../../line-texts.ts';
import type { Pen } from '../pen.ts';
import { drawFacts, drawTable, type SheetCell, type SheetColumn } from '../table.ts';
import { LABEL, STRONG, type TextStyle } from '../theme.ts';

const TOTALS_WIDTH = 290;
const TOTALS_LABEL_WIDTH = 150;
const TOTAL: TextStyle = { ...STRONG, size: 11 };
const DETAIL: TextStyle = { ...LABEL, size: 7.5 };

/** @param isTaxed false for a letter before action, which shows no tax */
export function drawLines(pen: Pen, claim: Claim, isTaxed: boolean): void {
  const { sheet, texts } = pen;
  const { invoice: words, signs } = texts;
  const { invoice } = claim;
  const section = pen.section(words.lines);
  const widths = { position: 28, posts: 66, price: 90, amount: 94 };
  const item = sheet.width - widths.position - widths.posts - widths.price - widths.amount;
  const columns: SheetColumn[] = [
    { head: words.columns.position, width: widths.position },
    { head: words.columns.item, width: item },
    { head: words.columns.posts, width: widths.posts, align: 'right' },
    { head: words.columns.price, width: widths.price, align: 'right' },
    { head: words.columns.amount, width: widths.amount, align: 'right' },
  ];
  const rows = invoice.lines.map((line, at): SheetCell[] => {
    const { title, details, price } = lineText(claim, line, texts);
    const facts = details.map((text) => ({ text, style: DETAIL }));
    return [
      String(at + 1),
      [{ text: title }, ...facts],
      line.posts === 0 ? '' : numberText(line.posts, signs),
      price.map((text) => ({ text, style: DETAIL })),
      minorMoney(line.amountMinor, invoice.currency, signs),
    ];
  });
  drawTable(sheet, section, columns, rows);
  sheet.y += 6;
  const total = minorMoney(invoice.amountMinor, invoice.currency, signs);
  const facts = isTaxed ? taxedFacts(pen, claim) : [[words.total, total, TOTAL] as const];
  sheet.ensure(facts.length * 20);
  const x = sheet.left + sheet.width - TOTALS_WIDTH;
  const place = { width: TOTALS_WIDTH - 5, labelWidth: TOTALS_LABEL_WIDTH, align: 'right' as const };
  drawFacts(sheet, section, facts, { x, ...place });
  if (isTaxed) drawTaxReason(pen, claim, (text) => sheet.text(section, text, { style: LABEL }));
}

function taxedFacts({ texts }: Pen, { document, invoice: { currency } }: Claim) {
  const { invoice: words, signs } = texts;
  const { category, rateBp } = document.taxRule;
  const rate = rateBp === 0 ? '' : `, ${percentText(rateBp, signs)}`;
  const tax = words.taxCategories[category] + rate;
  return [
    [words.net, decimalMoney(document.net, currency, signs)],
    [tax, decimalMoney(document.tax, currency, signs)],
    [words.total, decimalMoney(document.payable, currency, signs), TOTAL],
  ] as const;
}

/** The category with its code, reason and exemption code. */
function drawTaxReason({ language, texts }: Pen, { document }: Claim, draw: (text: string) => void): void {
  const { category, exemptionCode, reason } = document.taxRule;
  const { invoice, signs } = texts;
  const named = invoice.taxCategory(invoice.taxCategories[category], category);
  const why = textIn(reason, language);
  draw(
    [`${signs.labelled(invoice.tax, named)}.`, why, exemptionCode].filter((part) => part !== null).join(' '),
  );
}
