/** The response schema of a client's present figures. */

import { z } from '@hono/zod-openapi';
import { AmountOut, TimestampOut } from '../../fields.ts';

export const CurrencyAmountSchema = z
  .object({ currency: z.string().openapi({ example: 'USD' }), amount: AmountOut })
  .openapi('CurrencyAmount');

export const ClientNowSchema = z
  .object({
    kind: z.enum(['damages', 'licence', 'exempt']).openapi({ description: 'Kind of the tariff in force.' }),
    total: z.int().openapi({ description: 'Posts in the window that ends now.' }),
    windowSeconds: z.int(),
    threshold: z.int().nullable().openapi({ description: 'null: the tariff has no threshold.' }),
    share: z
      .number()
      .nullable()
      .openapi({ description: '`total` divided by `threshold`, to six decimal places.', example: 0.8125 }),
    pace: z.int().openapi({ description: 'Posts of the last hour.' }),
    overAt: TimestampOut.nullable().openapi({
      description:
        'Over the threshold: since when, null until billing has found the breach. Otherwise: when it will be over if the pace of the last hour continues, null: never.',
    }),
    ifCrossed: CurrencyAmountSchema.nullable().openapi({
      description:
        'The least amount that exceeding the threshold comes to. null: the tariff charges nothing.',
    }),
    drafts: z
      .array(CurrencyAmountSchema)
      .openapi({ description: 'Sums of drafts and approved invoices, by currency.' }),
    month: z.object({
      posts: z.int().openapi({ description: 'Posts of the calendar month (UTC).' }),
      amounts: z.array(CurrencyAmountSchema).openapi({
        description:
          'Sums of invoices that are not rejected, of breaches that reach into the month and of its licence.',
      }),
    }),
    requests: z.int().openapi({ description: 'Requests in the window.' }),
    uncounted: z.int().openapi({ description: 'Responses in the window whose posts could not be counted.' }),
    lastSeenAt: TimestampOut.nullable().openapi({ description: 'Start of the last minute with usage.' }),
    breach: z.enum(['open', 'settling']).nullable(),
    isOnHold: z.boolean().openapi({ description: 'Whether billing is on hold.' }),
  })
  .openapi('ClientNow');
