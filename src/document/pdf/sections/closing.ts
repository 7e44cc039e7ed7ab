/** The last sections of a claim: objections and expiry, and how to check the document. */

import { textIn } from '../../../seller/language.ts';
import type { AttachedFile } from '../../attachments.ts';
import { dateText, momentText } from '../../format.ts';
import type { Claim } from '../../input.ts';
import type { Pen } from '../pen.ts';
import { drawFacts } from '../table.ts';
import { SMALL } from '../theme.ts';

const CHECK_COMMAND = 'postmeter verify FILE --key signing.pem.pub';
const HASH_LABEL_WIDTH = 110;

/** @param byOn UTC date by which objections are expected */
export function drawObjection(pen: Pen, { document }: Claim, byOn: string): void {
  const { sheet, language, texts } = pen;
  const { invoice: words, signs } = texts;
  const { claimExpiries, seller } = document;
  const section = pen.section(claimExpiries.length === 0 ? words.objection : words.objectionAndExpiry);
  const to = seller.email ?? seller.contact ?? seller.legalName ?? '';
  sheet.text(section, words.objectionText(to, dateText(byOn, signs)));
  sheet.text(section, words.objectionKept);
  for (const { label, on } of claimExpiries) {
    sheet.text(section, words.expires(textIn(label, language) ?? '', dateText(on, signs)));
  }
}

/** Hashes of the seal and the files in this document. Draws only the files if there is no seal. */
export function drawCheck(pen: Pen, claim: Claim, files: readonly AttachedFile[]): void {
  const { sheet, texts } = pen;
  const { invoice: words } = texts;
  const names = words.attached(files.map(({ name }) => name).join(', '));
  if (claim.seal === null) {
    if (files.length > 0) sheet.text(sheet.root, names);
    return;
  }
  const section = pen.section(words.check);
  sheet.text(section, words.checkText);
  const { contentHash, usageHash, chainsHash } = claim.seal;
  const facts = [
    [words.contentHash, contentHash, SMALL],
    [words.usageHash, usageHash, SMALL],
    [words.chainsHash, chainsHash, SMALL],
    [words.checkCommand, CHECK_COMMAND, SMALL],
  ] as const;
  drawFacts(sheet, section, facts, { x: sheet.left, width: sheet.width, labelWidth: HASH_LABEL_WIDTH });
  sheet.y += 3;
  sheet.text(section, names);
  const steps = stepsOf(claim, texts);
  if (steps.length > 0) sheet.text(section, `${steps.join('. ')}.`, { style: SMALL });
}

/** Who approved and issued, and when. */
function stepsOf({ invoice, issuedBy }: Claim, { invoice: words, signs }: Pen['texts']): string[] {
  const { approvedBy, approvedAtMs, issuedAtMs } = invoice;
  const at = (atMs: number) => `${momentText(atMs, signs)} UTC`;
  return [
    ...(approvedBy === null || approvedAtMs === null ? [] : [words.approved(approvedBy, at(approvedAtMs))]),
    ...(issuedBy === null || issuedAtMs === null ? [] : [words.issued(issuedBy, at(issuedAtMs))]),
  ];
}
