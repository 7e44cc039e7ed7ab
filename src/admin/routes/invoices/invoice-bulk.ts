/** Routes that approve or issue up to 200 invoices. Each is a transaction of its own, so one does not hold up others. */

import { createRoute, z } from '@hono/zod-openapi';
import type { Principal } from '../../../proposal/model.ts';
import { formatMoney } from '../../../tariff/money.ts';
import { requires } from '../../auth.ts';
import { json, jsonBody } from '../../content.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { AmountOut, NO_QUERY, RecordId } from '../../fields.ts';
import { LEDGER_AWAY, problems } from '../../problem.ts';
import {
  invoiceRefusal,
  NO_REFUSAL,
  type Refusal,
  refusalInWords,
  refusalOf,
  unknownInvoice,
} from './invoice-refusal.ts';

/** A request this large takes seconds, and a person can still read its confirmation. */
const MAX_INVOICES = 200;

const BulkIn = z
  .strictObject({
    ids: z
      .array(RecordId)
      .min(1)
      .max(MAX_INVOICES)
      .refine((ids) => new Set(ids).size === ids.length, {
        error: 'contains an id twice',
        params: { hint: 'name each invoice once' },
      })
      .openapi({ description: 'Handled in this order. Numbers are given in this order.' }),
    dryRun: z.boolean().default(false).openapi({ description: 'true: only reports what would happen.' }),
  })
  .openapi('InvoiceBulk');

const OUTCOMES = ['done', 'possible', 'refused', 'failed'] as const;

const BulkSchema = z
  .object({
    items: z.array(
      z.object({
        id: z.string(),
        outcome: z.enum(OUTCOMES).openapi({
          description:
            'possible: a dry run would do it. refused: see code, reason and hint. failed: an error, or it was not tried after one.',
        }),
        number: z.int().nullable(),
        clientId: z.string().nullable(),
        amount: AmountOut.nullable(),
        currency: z.string().nullable(),
        code: z.string().nullable(),
        reason: z.string().nullable(),
        hint: z.string().nullable(),
      }),
    ),
  })
  .openapi('InvoiceBulkResult');

export type BulkJson = z.infer<typeof BulkSchema>;

type Deps = Pick<AdminDeps, 'invoiceBook' | 'billing' | 'rules' | 'now' | 'isLedgerAway' | 'log' | 'newId'>;
type BulkAction = 'approve' | 'issue';
interface Done extends Refusal {
  readonly outcome: (typeof OUTCOMES)[number];
  readonly number: number | null;
}

export function invoiceBulkRoutes(app: AdminApp, deps: Deps): void {
  for (const action of ['approve', 'issue'] as const) {
    app.openapi(
      createRoute({
        method: 'post',
        path: `/v1/invoices/${action}`,
        operationId: `${action}Invoices`,
        summary: `${action === 'approve' ? 'Approve' : 'Issue'} up to ${MAX_INVOICES} invoices, with an outcome for each`,
        description:
          'Answers 200 even if invoices are refused. One that is refused does not hold up the others.',
        tags: ['invoices'],
        ...requires('finance'),
        request: { query: NO_QUERY, body: jsonBody(BulkIn) },
        responses: {
          ...json(200, 'The outcomes, in the order of the ids.', BulkSchema),
          ...problems(413, 415),
        },
      }),
      async (c) => {
        const { ids, dryRun } = c.req.valid('json');
        const known = new Map((await deps.invoiceBook.decidable(ids)).map((one) => [one.invoice.id, one]));
        const outcomes = dryRun
          ? await foreseen(deps, action, ids, known)
          : await carriedOut(deps, action, ids, c.get('caller'));
        const items = ids.map((id, at) => {
          const { invoice } = known.get(id) ?? {};
          const amount = invoice === undefined ? null : formatMoney(invoice.amountMinor, invoice.currency);
          const about = { clientId: invoice?.clientId ?? null, amount, currency: invoice?.currency ?? null };
          return { id, ...about, ...outcomes[at]! };
        });
        return c.json({ items }, 200);
      },
    );
  }
}

type Known = ReadonlyMap<string, Awaited<ReturnType<AdminDeps['invoiceBook']['decidable']>>[number]>;

async function foreseen(
  deps: Deps,
  action: BulkAction,
  ids: readonly string[],
  known: Known,
): Promise<Done[]> {
  const positions = await deps.billing.numbers();
  const nowMs = deps.now();
  return ids.map((id) => {
    const found = known.get(id);
    const refusal =
      found === undefined
        ? refusalOf(unknownInvoice())
        : refusalInWords(action, found, deps.rules, positions, nowMs);
    const outcome = refusal === null ? 'possible' : 'refused';
    return { outcome, number: null, ...(refusal ?? NO_REFUSAL) };
  });
}

/** Invoices after one that found the ledger unreachable are not tried. */
async function carriedOut(
  deps: Deps,
  action: BulkAction,
  ids: readonly string[],
  who: Principal,
): Promise<Done[]> {
  const outcomes: Done[] = [];
  let isAway = false;
  for (const id of ids) {
    if (isAway) {
      outcomes.push(failed({ code: 'ledger_unavailable', reason: LEDGER_AWAY, hint: 'try it again' }));
      continue;
    }
    try {
      outcomes.push(await carryOut(deps, action, id, who));
    } catch (error) {
      isAway = deps.isLedgerAway(error);
      const incident = deps.newId();
      deps.log.error({ err: error, incident, invoice: id, action }, 'an invoice of a bulk request failed');
      outcomes.push(
        failed(
          isAway
            ? {
                code: 'ledger_unavailable',
                reason: LEDGER_AWAY,
                hint: 'look whether it was done, then try it again',
              }
            : {
                code: 'internal_error',
                reason: 'failed unexpectedly',
                hint: `see the log under ${incident}`,
              },
        ),
      );
    }
  }
  return outcomes;
}

async function carryOut(
  { billing, now }: Deps,
  action: BulkAction,
  id: string,
  who: Principal,
): Promise<Done> {
  const outcome =
    action === 'approve'
      ? await billing.approveInvoice(id, who.actor, now(), who.tokenId)
      : await billing.issueInvoice(id, who.actor, now(), who.tokenId);
  const problem = invoiceRefusal(outcome);
  if (problem !== null) return { outcome: 'refused', number: null, ...refusalOf(problem) };
  return { outcome: 'done', number: outcome.kind === 'issued' ? outcome.number : null, ...NO_REFUSAL };
}

function failed(refusal: Refusal): Done {
  return { outcome: 'failed', number: null, ...refusal };
}
