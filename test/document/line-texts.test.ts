import { describe, expect, it } from 'vitest';
import { lineText } from '../../src/document/line-texts.ts';
import { DOCUMENT_TEXTS } from '../../src/document/texts/language-texts.ts';
import { DEFAULT_TARIFF } from '../../src/tariff/tariff.ts';
import {
  chargeLine,
  claimOf,
  creditNoteInput,
  licenceInput,
  supplementInput,
  tariffVersion,
} from './pdf/samples.ts';

const plain = (texts: readonly string[]) => texts.map((text) => text.replaceAll('\u00a0', ' '));
const { en, de } = DOCUMENT_TEXTS;

describe('the text of a line', () => {
  it('names the limit, the window, the span, the peak and the price', () => {
    const { title, details, price } = lineText(claimOf(), chargeLine(), en);
    expect(plain([title, ...details, ...price])).toEqual([
      'Posts delivered in a breach of the limit of 1,000,000 posts in any 24 hours',
      'From 10 Feb 2026, 06:15 to 11 Feb 2026, 09:40 (UTC)',
      'Peak: 1,198,004 posts in 24 hours, at 11 Feb 2026, 03:00',
      'USD 15,000.00 per 1,000,000 posts',
      'in proportion',
    ]);
  });

  it('names the terms that reduce what counts', () => {
    const tariff = { ...DEFAULT_TARIFF, basis: 'excess', count: 'unique' } as const;
    const { details } = lineText(claimOf({ tariffs: [tariffVersion(tariff)] }), chargeLine(), en);
    expect(details.slice(0, 2)).toEqual([
      'Each post counts once per UTC day.',
      'Only posts beyond the limit are charged.',
    ]);
  });

  it('has no terms besides the line if its tariff is unknown', () => {
    const { title, details } = lineText(claimOf({ tariffs: [] }), chargeLine(), en);
    expect(title).toBe('Posts delivered in a breach of the agreed limit');
    expect(details).toHaveLength(1);
  });

  it('names the month of a licence', () => {
    const { claim } = licenceInput();
    expect(plain([lineText(claim, claim.invoice.lines[0]!, de).title])).toEqual([
      'Beiträge im Februar 2026 über die in der Lizenz enthaltene Anzahl hinaus (enthalten: 5.000.000 Beiträge)',
    ]);
  });

  it('names the invoice that an offset deducts by its display number', () => {
    const { claim } = supplementInput();
    expect(plain([lineText(claim, claim.invoice.lines[1]!, de).title])).toEqual([
      'Abzüglich Rechnung PM-000017 vom 1. März 2026',
    ]);
    expect(lineText({ ...claim, offsets: {} }, claim.invoice.lines[1]!, en).title).toBe('Posts');
  });

  it('names the corrected line of a credit from 1, and the reason', () => {
    const { claim } = creditNoteInput();
    const { title, details, price } = lineText(claim, claim.invoice.lines[0]!, en);
    expect(title).toBe('Credit for line 1');
    expect(details[0]).toBe('Reason: Settlement of 20 March 2026');
    expect(price).toEqual([]);
  });
});
