/** The head of a document: letterhead, addressee, facts, title, and the amount. */

import type { DocumentParty, IssuedDocument } from '../../../invoice/document.ts';
import type { Seller } from '../../../seller/model.ts';
import { addressLines, contactLines, registerLines } from '../../party-lines.ts';
import type { Pen } from '../pen.ts';
import type { Sheet } from '../sheet.ts';
import { drawFacts } from '../table.ts';
import {
  ACCENT,
  AMOUNT,
  BODY,
  heightOf,
  INK,
  LABEL,
  MUTED,
  SECTION_GAP,
  SMALL,
  STRONG,
  type TextStyle,
  TINT,
  TITLE,
} from '../theme.ts';

export interface Head {
  readonly seller: IssuedDocument['seller'];
  readonly logo: Seller['logo'];
  readonly addressee: Addressee;
  readonly title: string;
  readonly facts: ReadonlyArray<readonly [label: string, value: string]>;
}

export type Addressee = Omit<DocumentParty, 'clientId' | 'buyerReference' | 'orderNumber'>;

const COLUMN_GAP = 24;
const LOGO_WIDTH = 170;
const LOGO_HEIGHT = 48;
const FACT_LABEL_WIDTH = 92;
const SELLER_NAME: TextStyle = { size: 13, weight: 'bold', color: ACCENT };
const DETAIL: TextStyle = { size: 7.5, weight: 'regular', color: MUTED };

export function drawHead(pen: Pen, head: Head): void {
  const { sheet } = pen;
  const half = (sheet.width - COLUMN_GAP) / 2;
  drawLetterhead(pen, head, half);
  sheet.rule(sheet.left, sheet.width, ACCENT, 1.2);
  sheet.y += 18;
  const top = sheet.y;
  drawAddressee(pen, head.addressee, half);
  const leftEnd = sheet.y;
  sheet.y = top;
  const right = { x: sheet.left + half + COLUMN_GAP, width: half, labelWidth: FACT_LABEL_WIDTH };
  drawFacts(sheet, sheet.root, head.facts, right);
  sheet.y = Math.max(leftEnd, sheet.y, top + 84) + 12;
  sheet.text(sheet.root, head.title, { style: TITLE, tag: 'H1', gap: 8 });
}

/** The amount in a tinted band, with a line below its label. */
export function drawAmount(pen: Pen, label: string, amount: string, note: string): void {
  const { sheet } = pen;
  const amountWidth = sheet.widthOf(amount, AMOUNT);
  const noteLines = sheet.lines(note, SMALL, sheet.width - amountWidth - 36);
  const height = Math.max(46, 20 + heightOf(STRONG) + noteLines.length * heightOf(SMALL));
  sheet.ensure(height);
  const { y, left, width } = sheet;
  sheet.box(left, y, width, height, TINT);
  sheet.box(left, y, 3, height, ACCENT);
  const section = sheet.element(sheet.root, 'Sect');
  sheet.y = y + 10;
  sheet.text(section, label, { style: { ...STRONG, size: 10 }, x: left + 14, gap: 1 });
  const amountAt = { style: AMOUNT, align: 'right' as const, width: width - 14, gap: 0 };
  sheet.y = y + (height - heightOf(AMOUNT)) / 2;
  sheet.text(section, amount, amountAt);
  sheet.y = y + 10 + heightOf(STRONG) + 4;
  sheet.text(section, note, { style: SMALL, x: left + 14, width: width - amountWidth - 36 });
  sheet.y = y + height + SECTION_GAP / 2;
}

function drawLetterhead({ sheet, texts }: Pen, { seller, logo }: Head, half: number): void {
  const { root, left, y: top } = sheet;
  const name = seller.legalName ?? '';
  if (logo !== null) drawLogo(sheet, logo.bytes, name);
  else sheet.text(root, name, { style: SELLER_NAME, width: half });
  const leftEnd = sheet.y;
  sheet.y = top;
  const place = { x: left + half + COLUMN_GAP, width: half, gap: 0, style: DETAIL } as const;
  if (logo !== null) sheet.text(root, name, { ...place, style: { ...DETAIL, weight: 'bold', color: INK } });
  const address = addressLines(seller).join(' \u00b7 ');
  for (const line of [address, contactLines(seller).join(' \u00b7 '), ...registerLines(seller, texts)]) {
    if (line !== '') sheet.text(root, line, place);
  }
  sheet.y = Math.max(leftEnd, sheet.y, top + 30) + 8;
}

function drawLogo(sheet: Sheet, bytes: Uint8Array, alt: string): void {
  const { left, y } = sheet;
  const fit = { fit: [LOGO_WIDTH, LOGO_HEIGHT] as [number, number] };
  const box = { alt, bbox: [left, y, left + LOGO_WIDTH, y + LOGO_HEIGHT] };
  sheet.element(sheet.root, 'Figure', box).add(() => {
    sheet.doc.image(bytes as Buffer, left, y, fit);
  });
  sheet.y += LOGO_HEIGHT;
}

function drawAddressee({ sheet, texts }: Pen, party: Addressee, width: number): void {
  const section = sheet.element(sheet.root, 'Sect');
  sheet.text(section, texts.invoice.to, { style: LABEL, width, gap: 1 });
  sheet.text(section, party.legalName ?? '', { style: { ...STRONG, size: 10 }, width, gap: 0 });
  const lines = [...addressLines(party), ...registerLines(party, texts)];
  sheet.text(section, lines.join('\n'), { style: BODY, width });
}
