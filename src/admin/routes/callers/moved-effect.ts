/** The part of a response that says what billing makes of usage that moves between clients. */

import { z } from '@hono/zod-openapi';
import { type MovedEffect, PLANNED } from '../../../callers/moved-usage.ts';
import { currencyView } from '../../../report/clients/client-now-view.ts';
import { formatMoney } from '../../../tariff/money.ts';
import { AmountOut } from '../../fields.ts';
import { AmountsOut } from './callers.ts';

const BreachSumSchema = z.object({ breaches: z.int().min(0), amounts: AmountsOut });

export const movedEffectFields = {
  before: BreachSumSchema.openapi({ description: 'Breaches that the usage concerns.' }),
  after: BreachSumSchema.openapi({
    description: 'The same after the move, for all clients that lose or get the usage.',
  }),
  invoices: z
    .array(
      z.object({
        id: z.string().nullable().openapi({ description: 'null: a new draft.' }),
        clientId: z.string(),
        kind: z.enum(['invoice', 'supplement', 'credit_note']),
        status: z.enum(['draft', 'approved', 'rejected', 'issued', 'void']),
        amount: AmountOut,
        currency: z.string(),
      }),
    )
    .openapi({ description: 'Drafts that the next billing run makes or changes.' }),
};

export function movedEffectJson({ before, after, invoices }: MovedEffect) {
  return {
    before: { breaches: before.breaches, amounts: before.amounts.map(currencyView) },
    after: { breaches: after.breaches, amounts: after.amounts.map(currencyView) },
    invoices: invoices.map((invoice) => ({
      id: invoice.id.startsWith(PLANNED) ? null : invoice.id,
      ...{ clientId: invoice.clientId, kind: invoice.kind, status: invoice.status },
      ...{ amount: formatMoney(invoice.amountMinor, invoice.currency), currency: invoice.currency },
    })),
  };
}
