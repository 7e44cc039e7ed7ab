/** The sheets of a claim: invoice, supplement and credit note, their drafts, and the letter before action. */

import { attachedFiles } from '../attachments.ts';
import { dateText, decimalMoney, minorMoney } from '../format.ts';
import type { DocumentFonts, InvoiceInput, LetterInput } from '../input.ts';
import { DOCUMENT_TEXTS } from '../texts/language-texts.ts';
import type { DocumentTexts } from '../texts/texts.ts';
import { addresseeOf, copyLine, titleOf } from '../titles.ts';
import { attachFiles, writeMetadata } from './metadata.ts';
import { openSheet } from './open-sheet.ts';
import { createPen, type Pen } from './pen.ts';
import { drawBasis } from './sections/basis.ts';
import { drawCheck, drawObjection } from './sections/closing.ts';
import { drawCounting } from './sections/counting.ts';
import { drawAmount, drawHead } from './sections/head.ts';
import { drawLines } from './sections/lines.ts';
import { type Demand, drawPayment } from './sections/payment.ts';
import { drawReadings } from './sections/readings.ts';
import { ALERT, STRONG } from './theme.ts';

const WARNING_NOTICE = { ...STRONG, color: ALERT };
const WARNING = { ...STRONG, size: 11, color: ALERT };

export async function renderInvoice(input: InvoiceInput, fonts: DocumentFonts): Promise<Uint8Array> {
  const { claim, language, copy, isDraft } = input;
  const { document, invoice } = claim;
  const texts = DOCUMENT_TEXTS[language];
  const { invoice: words, signs } = texts;
  const title = titleOf(invoice.kind, document, language, texts);
  const sheet = openSheet(input, fonts, {
    ...{ seller: document.seller, title },
    name: document.displayNumber,
    footer: document.texts[language]?.footer ?? '',
    mark: isDraft ? words.draftMark : null,
  });
  const pen = createPen(sheet, language);
  const common = { seller: document.seller, logo: input.logo, addressee: addresseeOf(document, copy) };
  drawHead(pen, { ...common, title, facts: invoiceFacts(input, pen) });
  if (isDraft) sheet.text(sheet.root, words.draftMark, { style: WARNING, gap: 8 });
  drawCopyLine(pen, document, copy);
  const isCredit = invoice.kind === 'credit_note';
  const due = dateText(document.dueOn, signs);
  const payable = decimalMoney(document.payable, invoice.currency, signs);
  const label = isCredit ? 'credit' : document.taxRule.appliesTo;
  drawAmount(pen, words.amounts[label], payable, isCredit ? words.credited : words.payBy(due));
  const intro = document.texts[language]?.intro;
  if (intro) sheet.text(sheet.root, intro);
  drawBasis(pen, claim);
  drawLines(pen, claim, true);
  if (invoice.origin === 'billing') drawCounting(pen, claim);
  drawReadings(pen, claim);
  drawPayment(pen, {
    ...{ bank: document.bank, texts: document.texts, language },
    reference: document.paymentReference,
    demand: isCredit ? null : demandOf(texts, payable, due),
  });
  drawObjection(pen, claim, document.dueOn);
  const files = attachedFiles(claim, input.facturX);
  drawCheck(pen, claim, files);
  attachFiles(sheet, files, input.atMs);
  writeMetadata(sheet, input.facturX === null ? null : 'factur-x.xml');
  return sheet.finish();
}

export async function renderLetter(input: LetterInput, fonts: DocumentFonts): Promise<Uint8Array> {
  const { claim, language, copy, answerBy, writtenOn } = input;
  const { document, invoice } = claim;
  const texts = DOCUMENT_TEXTS[language];
  const { invoice: words, signs } = texts;
  const sheet = openSheet(input, fonts, {
    ...{ seller: document.seller, title: words.titles.letter },
    name: words.titles.letter,
    footer: document.texts[language]?.footer ?? '',
    mark: null,
  });
  const pen = createPen(sheet, language);
  const by = dateText(answerBy, signs);
  drawHead(pen, {
    ...{ seller: document.seller, logo: input.logo, addressee: addresseeOf(document, copy) },
    title: words.titles.letter,
    facts: [
      [words.writtenOn, dateText(writtenOn, signs)],
      [words.answerBy, by],
      [words.clientId, invoice.clientId],
    ],
  });
  drawCopyLine(pen, document, copy);
  sheet.text(sheet.root, words.letterNotice, { style: WARNING_NOTICE, gap: 8 });
  const amount = minorMoney(invoice.amountMinor, invoice.currency, signs);
  drawAmount(pen, words.amounts.letter, amount, words.payBy(by));
  sheet.text(sheet.root, words.letterDemand(amount, by));
  sheet.text(sheet.root, words.letterConsequence);
  drawBasis(pen, claim);
  drawLines(pen, claim, false);
  drawCounting(pen, claim);
  drawReadings(pen, claim);
  const { bank, texts: sellerTexts } = document;
  const demand = demandOf(texts, amount, by);
  drawPayment(pen, { bank, texts: sellerTexts, language, reference: invoice.clientId, demand });
  drawObjection(pen, claim, answerBy);
  const files = attachedFiles(claim, null);
  drawCheck(pen, claim, files);
  attachFiles(sheet, files, input.atMs);
  writeMetadata(sheet, null);
  return sheet.finish();
}

function demandOf({ invoice }: DocumentTexts, amount: string, date: string): Demand {
  return {
    toAccount: invoice.payInto(amount, date),
    withoutAccount: invoice.payWithoutAccount(amount, date),
  };
}

function invoiceFacts({ claim }: InvoiceInput, { texts }: Pen) {
  const { invoice: words, signs } = texts;
  const { document, invoice } = claim;
  const { corrects, buyer } = document;
  const of =
    corrects === null ? null : words.correctsOf(corrects.displayNumber, dateText(corrects.issuedOn, signs));
  const facts: ReadonlyArray<readonly [string, string | null]> = [
    [words.number, document.displayNumber],
    [words.issuedOn, dateText(document.issuedOn, signs)],
    [words.dueOn, invoice.kind === 'credit_note' ? null : dateText(document.dueOn, signs)],
    [words.reference, document.paymentReference],
    [words.corrects, of],
    [words.buyerReference, buyer.buyerReference],
    [words.orderNumber, buyer.orderNumber],
    [words.clientId, buyer.clientId],
  ];
  return facts.flatMap(([label, value]) => (value === null || value === '' ? [] : [[label, value] as const]));
}

function drawCopyLine(
  { sheet, texts }: Pen,
  document: InvoiceInput['claim']['document'],
  copy: number,
): void {
  const line = copyLine(document, copy, texts);
  if (line !== null) sheet.text(sheet.root, line, { style: STRONG, gap: 8 });
}
