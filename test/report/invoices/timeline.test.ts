import { expect, it } from 'vitest';
import type { Breach, Invoice } from '../../../src/invoice/model.ts';
import { invoiceTimeline } from '../../../src/report/invoices/timeline.ts';

const breach = { fromMs: 10, peakAtMs: 20, peakPosts: 7, toMs: 30, state: 'closed' } as Breach;
const invoice = { createdAtMs: 15, number: 4, monthMs: null, correctsId: null, status: 'issued' } as Invoice;
const kinds = (...given: Parameters<typeof invoiceTimeline>) =>
  invoiceTimeline(...given).map(
    ({ atMs, kind, isPlanned }) => `${atMs} ${kind}${isPlanned ? ' planned' : ''}`,
  );

it('is in order of time, and keeps the order of cause and effect at one time', () => {
  const audit = [
    { atMs: 60, actor: 'ann', action: 'invoice.approved', reason: null },
    { atMs: 60, actor: 'ben', action: 'invoice.issued', reason: null },
  ];
  const corrections = [
    { id: 'c', number: 9, kind: 'credit_note' as const, createdAtMs: 80, issuedAtMs: 80 },
    { id: 'd', number: null, kind: 'supplement' as const, createdAtMs: 70, issuedAtMs: null },
  ];
  expect(kinds({ invoice, breach, audit, corrections }, 50, 100)).toEqual([
    ...[
      '10 breach_began',
      '15 drafted',
      '20 peak',
      '30 breach_ended',
      '50 closed',
      '60 approved',
      '60 issued',
    ],
    ...['70 correction_drafted', '80 correction_drafted', '80 correction_issued'],
  ]);
});

it('ends with what comes next, and an open breach has no end', () => {
  const history = { invoice, breach: { ...breach, state: 'open' as const }, audit: [], corrections: [] };
  expect(kinds(history, 50, 40)).toEqual(['10 breach_began', '15 drafted', '20 peak', '50 closes planned']);
  expect(kinds({ ...history, breach: null }, null, 40)).toEqual(['15 drafted']);
});

it('names the month of a licence, and the number at issue', () => {
  const licence = { ...invoice, monthMs: Date.UTC(2026, 1), createdAtMs: Date.UTC(2026, 1, 3) };
  const audit = [{ atMs: Date.UTC(2026, 2, 2), actor: 'ann', action: 'invoice.issued', reason: null }];
  const entries = invoiceTimeline({ invoice: licence, breach: null, audit, corrections: [] }, null, 0);
  expect(entries.map(({ kind }) => kind)).toEqual(['month_began', 'drafted', 'month_ended', 'issued']);
  expect(entries.at(-1)).toMatchObject({ number: 4, actor: 'ann', reason: null });
});
