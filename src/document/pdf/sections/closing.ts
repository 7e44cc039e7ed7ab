/** The last sections of a claim: objections and expiry, and how to check the document. */

import { textIn } from '../../../seller/language.ts';
import { dateText, momentText } from '../../format.ts';
import type { Claim } from '../../input.ts';
import type { Pen } from '../pen.ts';
import { drawFacts } from '../table.ts';
import { SMALL } from '../theme.ts';

const CHECK_COMMAND = 'postmeter verify FILE --key signing.pem.pub';
const HASH_LABEL_WIDTH = 110;

/** @param byOn UTC date by which objections are expected */
export function drawObjection(pen: Pen, { document }: Claim, byOn: string): void {
  const { sheet, texts } = pen;
  const { invoice: words, signs } = texts;
  const { claimExpiries } = document;
  const section = pen.section(claimExpiries.length === 0 ? words.objection : words.objectionAndExpiry);
  const { email, contact, legalName } = document.seller;
  const to = email ?? contact ?? legalName ?? '';
  sheet.text(section, words.objectionText(to, dateText(byOn, signs)));
  sheet.text(section, words.objectionKept);
  for (const { label, on } of claimExpiries) {
    const name = textIn(label, document.language) ?? '';
    sheet.text(section, words.expires(name, dateText(on, signs)));
  }
}

/** @param attached names of the files in this document */
export function drawCheck(pen: Pen, claim: Claim, attached: readonly string[]): void {
  const { sheet, texts } = pen;
  const { invoice: words, signs } = texts;
  const { invoice, seal, issuedBy } = claim;
  const section = pen.section(words.check);
  if (seal !== null) {
    sheet.text(section, words.checkText);
    const facts = [
      [words.contentHash, seal.contentHash, SMALL],
      [words.usageHash, seal.usageHash, SMALL],
      [words.chainsHash, seal.chainsHash, SMALL],
      [words.checkCommand, CHECK_COMMAND, SMALL],
    ] as const;
    const place = { x: sheet.left, width: sheet.width, labelWidth: HASH_LABEL_WIDTH };
    drawFacts(sheet, section, facts, place);
    sheet.y += 3;
  }
  if (attached.length > 0) sheet.text(section, words.attached(attached.join(', ')));
  const steps = [
    invoice.approvedBy === null || invoice.approvedAtMs === null
      ? null
      : words.approved(invoice.approvedBy, `${momentText(invoice.approvedAtMs, signs)} UTC`),
    issuedBy === null || invoice.issuedAtMs === null
      ? null
      : words.issued(issuedBy, `${momentText(invoice.issuedAtMs, signs)} UTC`),
  ].filter((step) => step !== null);
  if (steps.length > 0) sheet.text(section, `${steps.join('. ')}.`, { style: SMALL });
}
