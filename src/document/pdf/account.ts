/** The sheets of an account: dunning letters and statements. */

import { dateText, minorMoney, shortDateText } from '../format.ts';
import type { DocumentFonts, DunningInput, StatementInput } from '../input.ts';
import type { DunningTexts } from '../texts/dunning-texts.ts';
import { DOCUMENT_TEXTS } from '../texts/language-texts.ts';
import { addresseeOf, copyLine } from '../titles.ts';
import { writeMetadata } from './metadata.ts';
import { openSheet } from './open-sheet.ts';
import { createPen } from './pen.ts';
import { drawAmount, drawHead } from './sections/head.ts';
import { type Demand, drawPayment } from './sections/payment.ts';
import { drawTable, type SheetColumn } from './table.ts';
import { STRONG } from './theme.ts';

const DATE_WIDTH = 86;
const MONEY_WIDTH = 112;

export async function renderDunning(input: DunningInput, fonts: DocumentFonts): Promise<Uint8Array> {
  const { document, invoice, language, level, copy } = input;
  const texts = DOCUMENT_TEXTS[language];
  const { invoice: words, dunning, signs } = texts;
  const { seller, displayNumber } = document;
  const footer = document.texts[language]?.footer ?? '';
  const product = dunning.levels[Math.min(level, dunning.levels.length) - 1]!;
  const title = input.title ?? product.title;
  const sheet = openSheet(input, fonts, { seller, title, name: displayNumber, footer, mark: null });
  const pen = createPen(sheet, language);
  const due = dateText(document.dueOn, signs);
  drawHead(pen, {
    ...{
      seller,
      logo: input.logo,
      addressee: addresseeOf(document, copy),
      title,
    },
    facts: [
      [dunning.date, dateText(input.writtenOn, signs)],
      [words.number, displayNumber],
      [words.issuedOn, dateText(document.issuedOn, signs)],
      [words.dueOn, due],
      [words.reference, document.paymentReference],
    ],
  });
  const shared = copyLine(document, copy, texts);
  if (shared !== null) sheet.text(sheet.root, shared, { style: STRONG, gap: 8 });
  const text = input.text ?? product.text(displayNumber, dateText(document.issuedOn, signs), due);
  for (const paragraph of text.split('\n\n')) sheet.text(sheet.root, paragraph);
  sheet.y += 4;
  const outstanding = minorMoney(input.balanceMinor, invoice.currency, signs);
  drawAmount(pen, dunning.outstanding, outstanding, displayNumber);
  let balanceMinor = 0n;
  const rows = input.entries.map(({ kind, effectiveOn, amountMinor }) => {
    balanceMinor += amountMinor;
    return [
      shortDateText(effectiveOn, signs),
      dunning.entryKinds[kind],
      minorMoney(amountMinor, invoice.currency, signs),
      minorMoney(balanceMinor, invoice.currency, signs),
    ];
  });
  const section = pen.section(dunning.account);
  drawTable(sheet, section, accountColumns(sheet.width, texts), rows);
  drawPayment(pen, {
    ...{ bank: document.bank, texts: document.texts, language, demand: demandOf(dunning) },
    reference: document.paymentReference,
  });
  writeMetadata(sheet, null);
  return sheet.finish();
}

export async function renderStatement(input: StatementInput, fonts: DocumentFonts): Promise<Uint8Array> {
  const { seller, buyer, currency, statement, language } = input;
  const texts = DOCUMENT_TEXTS[language];
  const { invoice: words, dunning, signs } = texts;
  const title = dunning.statement;
  const footer = input.texts[language]?.footer ?? '';
  const sheet = openSheet(input, fonts, { seller, title, name: title, footer, mark: null });
  const pen = createPen(sheet, language);
  const money = (minor: bigint) => minorMoney(minor, currency, signs);
  const [from, to] = [dateText(input.fromOn, signs), dateText(input.toOn, signs)];
  drawHead(pen, {
    ...{ seller, logo: input.logo, addressee: buyer, title },
    facts: [
      [dunning.period, dunning.periodOf(from, to)],
      [dunning.currency, currency],
      [words.clientId, buyer.clientId],
    ],
  });
  const { openingMinor, closingMinor } = statement;
  drawAmount(pen, dunning.closing, money(closingMinor), closingMinor < 0n ? dunning.inYourFavour : to);
  const section = pen.section(dunning.entries);
  drawTable(sheet, section, accountColumns(sheet.width, texts), [
    [shortDateText(input.fromOn, signs), dunning.opening, '', money(openingMinor)],
    ...statement.rows.map(({ on, kind, number, text, amountMinor, balanceMinor }) => [
      shortDateText(on, signs),
      [dunning.rowKinds[kind], number, text].filter((part) => part !== null && part !== '').join(' \u00b7 '),
      money(amountMinor),
      money(balanceMinor),
    ]),
    [
      [{ text: shortDateText(input.toOn, signs), style: STRONG }],
      [{ text: dunning.closing, style: STRONG }],
      '',
      [{ text: money(closingMinor), style: STRONG }],
    ],
  ]);
  sheet.y += 8;
  sheet.text(section, dunning.statementNote);
  if (closingMinor > 0n) {
    const { bank, texts: sellerTexts } = input;
    drawPayment(pen, {
      bank,
      texts: sellerTexts,
      language,
      reference: buyer.clientId,
      demand: demandOf(dunning),
    });
  }
  writeMetadata(sheet, null);
  return sheet.finish();
}

function demandOf({ paid, paidWithoutAccount }: DunningTexts): Demand {
  return { toAccount: paid, withoutAccount: paidWithoutAccount };
}

function accountColumns(width: number, { invoice, dunning }: (typeof DOCUMENT_TEXTS)['en']): SheetColumn[] {
  return [
    { head: dunning.date, width: DATE_WIDTH },
    { head: dunning.entry, width: width - DATE_WIDTH - 2 * MONEY_WIDTH },
    { head: invoice.columns.amount, width: MONEY_WIDTH, align: 'right' },
    { head: dunning.balance, width: MONEY_WIDTH, align: 'right' },
  ];
}
