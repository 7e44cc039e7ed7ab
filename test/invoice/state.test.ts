/** The state of an invoice agrees with what the actions of finance answer. */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { INVOICE_ACTIONS, refusalNow } from '../../src/invoice/decisions.ts';
import { UNDOCUMENTED } from '../../src/invoice/document.ts';
import type { Breach, Invoice, InvoiceStatus } from '../../src/invoice/model.ts';
import type { BillingRules, DecidableInvoice } from '../../src/invoice/port.ts';
import { invoiceStateOf } from '../../src/invoice/state.ts';
import { FOUR_EYES } from '../../src/proposal/four-eyes.ts';
import { TEST_SELLER_FACTS } from '../support/sellers.ts';

const MONTH_MS = Date.UTC(2026, 1);
const NEXT_MONTH_MS = Date.UTC(2026, 2);
const HOUR_MS = 3_600_000;

const found = (status: InvoiceStatus, monthMs: number | null, state: Breach['state'] | null) => ({
  invoice: {
    ...{ id: 'i', number: status === 'issued' ? 5 : null, kind: 'invoice', status, clientId: 'acme' },
    ...{ breachId: state === null ? null : 'b', monthMs, correctsId: null, currency: 'USD', amountMinor: 1n },
    ...{ lines: [], billTo: null, approvedBy: 'f', approvedAtMs: 0, issuedAtMs: null, rejection: null },
    ...{ createdAtMs: 0, updatedAtMs: 0 },
    ...UNDOCUMENTED,
  } as Invoice,
  breach: state === null ? null : ({ state, stretchToMs: 0 } as Breach),
  details: { legalName: 'A', address: 'B', email: 'c@d.example', taxId: null, currency: 'USD' },
  hold: null,
  dirtyFromMs: null,
  tariffs: [],
  issuing: TEST_SELLER_FACTS,
});

const position = (last: number, lastRecorded: number | null) => ({ series: 'invoices', last, lastRecorded });

const situations = fc.record({
  status: fc.constantFrom<InvoiceStatus>('draft', 'approved', 'rejected', 'issued', 'void'),
  subject: fc.constantFrom<'month' | Breach['state']>('month', 'open', 'settling', 'closed', 'void'),
  approval: fc.constantFrom<BillingRules['approval']>('manual', 'automatic'),
  nowMs: fc.integer({ min: NEXT_MONTH_MS - HOUR_MS, max: NEXT_MONTH_MS + 2 * HOUR_MS }),
});

it('is growing if nothing can be approved yet, to approve if an approval would succeed, and so on', () => {
  fc.assert(
    fc.property(situations, ({ status, subject, approval, nowMs }) => {
      const isMonth = subject === 'month';
      const one: DecidableInvoice = found(status, isMonth ? MONTH_MS : null, isMonth ? null : subject);
      const rules: BillingRules = { bucketSeconds: 60, latenessMs: HOUR_MS, approval, fourEyes: FOUR_EYES };
      const state = invoiceStateOf(one.invoice, one.breach, { ...rules, nowMs });
      const refusals = new Map(
        INVOICE_ACTIONS.map((action) => [
          action,
          refusalNow(action, one, rules, [position(6, null)], nowMs)?.kind ?? 'allowed',
        ]),
      );
      const isOpen = status === 'draft' || status === 'approved';
      expect(state === 'growing').toBe(refusals.get('approve') === 'not_closed');
      expect(state === 'to_approve').toBe(refusals.get('approve') === 'allowed' && approval === 'manual');
      expect(state === 'to_issue').toBe(refusals.get('issue') === 'allowed');
      expect(refusals.get('reject') === 'allowed').toBe(isOpen);
      if (!isOpen) expect(state).toBe(status);
    }),
    { numRuns: 2000 },
  );
});

it('refuses to issue under a number that was given before', () => {
  const one = found('approved', null, 'closed');
  const rules: BillingRules = { bucketSeconds: 60, latenessMs: 0, approval: 'manual', fourEyes: FOUR_EYES };
  expect(refusalNow('issue', one, rules, [position(6, 9)], 0)).toMatchObject({
    kind: 'number_given',
  });
  expect(refusalNow('issue', one, rules, [position(9, 9)], 0)).toBeNull();
});
