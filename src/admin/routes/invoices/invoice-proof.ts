/** Routes of one invoice that explain it: other readings of the clause, its history, and its verification. */

import { createRoute, z } from '@hono/zod-openapi';
import { readingsOf } from '../../../evidence/readings.ts';
import { breachClosesAtMs, draftClosesAtMs, monthClosesAtMs } from '../../../invoice/closing.ts';
import { type InvoiceHistory, invoiceTimeline } from '../../../report/invoices/timeline.ts';
import { isoTimestamp } from '../../../report/timestamp.ts';
import { anyRole } from '../../auth.ts';
import { json } from '../../content.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { AmountOut, NO_QUERY, RecordId, TimestampOut } from '../../fields.ts';
import { fieldProblem, problems } from '../../problem.ts';
import { unknownInvoice } from './invoice-refusal.ts';

const params = z.object({ invoiceId: RecordId });
const tags = ['invoices'];

const InvoiceReadingsSchema = z
  .object({
    currency: z.string(),
    isFinal: z.boolean().openapi({ description: 'false: of a draft, from the usage so far.' }),
    readings: z.array(
      z.object({
        name: z.string().openapi({ example: 'rounding_completed' }),
        sentence: z.string(),
        posts: z.int(),
        amount: AmountOut,
        isUsed: z.boolean().openapi({ description: 'true: the reading that the invoice is based on.' }),
      }),
    ),
  })
  .openapi('InvoiceReadings');

const TimelineSchema = z
  .object({
    items: z.array(
      z.object({
        at: TimestampOut,
        kind: z.string().openapi({
          description:
            'breach_began, peak, breach_ended, month_began, month_ended, drafted, closes, closed, approved, approval_dropped, rejected, voided, issued, correction_drafted, correction_issued, corrected, reminded, written_off, dispute_opened, dispute_answered, dispute_resolved, entry_reversed, proposal_made, proposal_alone. New kinds may be added.',
        }),
        isPlanned: z.boolean().openapi({ description: 'true: it has not happened yet.' }),
        actor: z.string().nullable(),
        reason: z.string().nullable(),
        number: z
          .int()
          .nullable()
          .openapi({ description: 'The number given to the invoice or the correction.' }),
        invoiceId: z.string().nullable().openapi({ description: 'The correcting or corrected invoice.' }),
        posts: z.int().nullable().openapi({ description: 'The total at the peak.' }),
      }),
    ),
  })
  .openapi('InvoiceTimeline');

const VerificationSchema = z
  .object({
    verifiedAt: TimestampOut,
    isSealed: z.boolean().openapi({
      description:
        'false: issued before invoices had seals. Only its lines and its row in the audit log are checked.',
    }),
    findings: z
      .array(z.object({ code: z.string(), subject: z.string(), expected: z.string(), found: z.string() }))
      .openapi({ description: 'Differences that must not exist, with the codes of `postmeter verify`.' }),
  })
  .openapi('InvoiceVerification');

export type InvoiceReadingsJson = z.infer<typeof InvoiceReadingsSchema>;
export type InvoiceTimelineJson = z.infer<typeof TimelineSchema>;
export type VerificationJson = z.infer<typeof VerificationSchema>;

type Deps = Pick<AdminDeps, 'store' | 'invoiceBook' | 'rules' | 'now'>;

export function invoiceProofRoutes(app: AdminApp, deps: Deps): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/invoices/{invoiceId}/readings',
      operationId: 'getInvoiceReadings',
      summary: 'What other readings of the clause come to, for the same usage',
      description:
        'Amounts are those of the whole breach or month, before earlier invoices are deducted, as in the file of evidence.',
      tags,
      ...anyRole(),
      request: { query: NO_QUERY, params },
      responses: { ...json(200, 'The readings.', InvoiceReadingsSchema), ...problems(404, 409) },
    }),
    async (c) => {
      const { invoiceId } = c.req.valid('param');
      const history = await demandHistory(deps, invoiceId);
      const basis = await deps.invoiceBook.basis(invoiceId, deps.rules.bucketSeconds);
      if (basis === null) {
        throw fieldProblem(409, 'invoiceId', 'has neither a breach nor a month', 'see its lines');
      }
      const isFinal = history.invoice.status === 'issued';
      return c.json({ currency: basis.currency, isFinal, readings: readingsOf(basis) }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/invoices/{invoiceId}/timeline',
      operationId: 'getInvoiceTimeline',
      summary: 'What happened to an invoice and what comes next, by time',
      tags,
      ...anyRole(),
      request: { query: NO_QUERY, params },
      responses: { ...json(200, 'The timeline.', TimelineSchema), ...problems(404) },
    }),
    async (c) => {
      const history = await demandHistory(deps, c.req.valid('param').invoiceId);
      const items = invoiceTimeline(history, await closesAtMs(deps, history), deps.now());
      return c.json(
        { items: items.map(({ atMs, ...entry }) => ({ at: isoTimestamp(atMs), ...entry })) },
        200,
      );
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/invoices/{invoiceId}/verification',
      operationId: 'verifyInvoice',
      summary: 'Recompute an issued invoice from its chained usage to its total',
      description: 'Reads every batch of the days that the invoice touches, so it may take seconds.',
      tags,
      ...anyRole(),
      request: { query: NO_QUERY, params },
      responses: { ...json(200, 'The differences.', VerificationSchema), ...problems(404, 409) },
    }),
    async (c) => {
      const verified = await deps.invoiceBook.verify(c.req.valid('param').invoiceId);
      if (verified.kind === 'not_found') throw unknownInvoice();
      if (verified.kind === 'not_issued') {
        throw fieldProblem(
          409,
          'invoiceId',
          'is not issued, so it has no seal',
          'issue it first; until then billing recomputes it whenever its usage changes',
        );
      }
      const { isSealed, findings } = verified;
      return c.json({ verifiedAt: isoTimestamp(deps.now()), isSealed, findings: [...findings] }, 200);
    },
  );
}

async function demandHistory({ invoiceBook }: Deps, invoiceId: string): Promise<InvoiceHistory> {
  const history = await invoiceBook.history(invoiceId);
  if (history === null) throw unknownInvoice();
  return history;
}

/** Also of an issued invoice, whose breach or month closed before. */
async function closesAtMs(
  { store, rules }: Deps,
  { invoice, breach }: InvoiceHistory,
): Promise<number | null> {
  const versions = await store.tariffsFor([invoice.clientId]);
  const draft = draftClosesAtMs(invoice, breach, versions, rules);
  if (draft !== null || invoice.status !== 'issued') return draft;
  if (invoice.monthMs !== null) return monthClosesAtMs(invoice.monthMs, rules.latenessMs);
  return breach === null ? null : breachClosesAtMs(invoice.clientId, breach, versions, rules);
}
