/** Section "Payment": the account, and the reference to name. */

import type { IssuedDocument } from '../../../invoice/document.ts';
import type { Language } from '../../../seller/language.ts';
import type { Pen } from '../pen.ts';
import type { Element } from '../sheet.ts';
import { drawFacts } from '../table.ts';
import { STRONG, type TextStyle } from '../theme.ts';

const LABEL_WIDTH = 120;
const IBAN_GROUP = 4;
/** Height of the sentence with a complete account, which stay on one page. */
const KEPT_TOGETHER = 130;

/** The sentence before the account, and the one if the seller has no account in the currency. */
export interface Demand {
  readonly toAccount: string;
  readonly withoutAccount: string;
}

export interface PaymentInput {
  readonly bank: IssuedDocument['bank'];
  readonly texts: IssuedDocument['texts'];
  readonly language: Language;
  /** What to name with the payment; null: nothing. */
  readonly reference: string | null;
  /** Null if nothing is to be paid. */
  readonly demand: Demand | null;
}

export function drawPayment(pen: Pen, input: PaymentInput): void {
  const { sheet, texts } = pen;
  const { invoice: words } = texts;
  const section = pen.section(words.payment, KEPT_TOGETHER);
  if (input.demand === null) {
    sheet.text(section, words.nothingToPay);
    return;
  }
  const { toAccount, withoutAccount } = input.demand;
  sheet.text(section, input.bank === null ? withoutAccount : toAccount);
  drawAccount(pen, section, input.bank ?? UNKNOWN_BANK, input.reference);
  const note = input.texts[input.language]?.paymentNote;
  if (note) sheet.text(section, note);
}

const UNKNOWN_BANK = {
  ...{ holder: '', iban: null, bic: null, accountNumber: null, routingNumber: null, bankName: null },
};

function drawAccount(
  { sheet, texts }: Pen,
  section: Element,
  bank: NonNullable<IssuedDocument['bank']>,
  reference: string | null,
): void {
  const { invoice: words } = texts;
  const facts: ReadonlyArray<readonly [string, string | null, TextStyle?]> = [
    [words.holder, bank.holder],
    ['IBAN', bank.iban === null ? null : grouped(bank.iban), STRONG],
    ['BIC', bank.bic],
    [words.accountNumber, bank.iban === null ? bank.accountNumber : null, STRONG],
    [words.routingNumber, bank.iban === null ? bank.routingNumber : null],
    [words.bank, bank.bankName],
    [words.reference, reference, STRONG],
  ];
  const given = facts.flatMap(([label, value, style]) =>
    value === null || value === '' ? [] : [[label, value, style] as const],
  );
  drawFacts(sheet, section, given, { x: sheet.left, width: sheet.width, labelWidth: LABEL_WIDTH });
  sheet.y += 3;
}

/** An IBAN in groups of four, as banks print it. */
function grouped(iban: string): string {
  const groups: string[] = [];
  for (let at = 0; at < iban.length; at += IBAN_GROUP) groups.push(iban.slice(at, at + IBAN_GROUP));
  return groups.join(' ');
}
