/** Section "Basis of the claim": the clause in full, its version and law, or the agreement. */

import { clauseOf } from '../../../tariff/tariff.ts';
import { dateText } from '../../format.ts';
import type { Claim } from '../../input.ts';
import type { Pen } from '../pen.ts';
import type { Element } from '../sheet.ts';
import { ACCENT, GAP, LABEL, STRONG } from '../theme.ts';

const QUOTE_INDENT = 12;

export function drawBasis(pen: Pen, { document, tariffs }: Claim): void {
  const { sheet, texts } = pen;
  const { invoice, signs } = texts;
  const { clause, corrects } = document;
  const section = pen.section(invoice.basis);
  if (corrects !== null) {
    const issuedOn = dateText(corrects.issuedOn, signs);
    sheet.text(section, invoice.correctionBasis(corrects.displayNumber, issuedOn));
  }
  if (clause !== null) {
    const since = invoice.clauseInForce(dateText(clause.validFrom, signs));
    sheet.text(section, `${clause.name}, ${since}`, { style: STRONG });
    drawQuote(pen, section, clause.text);
    sheet.text(section, invoice.clauseSource(clause.source), { style: LABEL, gap: 1 });
    sheet.text(section, invoice.law(clause.law), { style: LABEL });
    return;
  }
  const isLicence = document.taxRule.appliesTo === 'licence';
  sheet.text(section, isLicence ? invoice.licenceBasis : invoice.noClause);
  const named = tariffs.map(({ id, tariff }) => clauseOf(id, tariff)).filter((name) => name !== null);
  for (const name of new Set(named)) sheet.text(section, name, { style: STRONG });
}

/** A quotation with a bar at its left on each page. */
function drawQuote({ sheet }: Pen, section: Element, text: string): void {
  const quote = sheet.element(section, 'BlockQuote');
  const place = { x: sheet.left + QUOTE_INDENT, width: sheet.width - QUOTE_INDENT };
  const paragraphs = text.split('\n').filter((line) => line.trim() !== '');
  for (const [at, paragraph] of paragraphs.entries()) {
    const { y: top } = sheet;
    const { page } = sheet.doc;
    sheet.text(quote, paragraph, place);
    const from = sheet.doc.page === page ? top : sheet.top;
    const end = at === paragraphs.length - 1 ? sheet.y - GAP : sheet.y;
    sheet.box(sheet.left, from, 1.6, end - from, ACCENT);
  }
  sheet.y += 2;
}
