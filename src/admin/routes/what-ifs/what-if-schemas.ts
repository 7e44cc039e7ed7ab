/** Request and response schemas of what-ifs. */

import { z } from '@hono/zod-openapi';
import { AmountOut, ClientId, RecordId, TimestampIn, TimestampOut } from '../../fields.ts';
import { TariffTerms, TermsIn } from '../tariffs/tariff-schemas.ts';

const MAX_CLIENTS = 1000;
const count = z.int().min(0);

const Scope = z
  .strictObject({
    clients: z
      .union([z.enum(['default', 'all']), z.array(ClientId).min(1).max(MAX_CLIENTS)])
      .default('default')
      .openapi({
        description:
          'default: clients that follow the default tariff at the end of the range. all: also those with a tariff of their own.',
      }),
    callers: z.boolean().default(false).openapi({
      description: 'Whether default and all include callers that are known only by their address.',
    }),
  })
  .openapi('WhatIfScope');

export const NewWhatIf = z
  .strictObject({
    terms: TermsIn,
    scope: Scope.prefault({}),
    from: TimestampIn.optional().openapi({ description: 'Default: 30 days before `to`.' }),
    to: TimestampIn.optional().openapi({
      description: 'Exclusive, at most 92 days after `from`. Default: now. Both are truncated to buckets.',
    }),
    change: z
      .strictObject({
        clientId: ClientId.nullable().default(null).openapi({ description: 'null: the default tariff.' }),
        validFrom: TimestampIn.optional(),
        supersedes: RecordId.optional(),
      })
      .optional()
      .openapi({
        description:
          'A version of a tariff with these terms that might be added. The result then names the existing invoices that billing would change or correct.',
      }),
  })
  .openapi('NewWhatIf');

const Charged = z
  .object({
    clients: count.openapi({
      description: 'Clients with a breach, or with a month beyond what their licence includes.',
    }),
    breaches: count,
    months: count.openapi({ description: 'Months beyond what a licence includes.' }),
    billedPosts: count,
    amounts: z.array(z.object({ currency: z.string(), amount: AmountOut })),
  })
  .openapi('WhatIfCharged');

const Differences = z
  .array(z.object({ currency: z.string(), amount: AmountOut }))
  .openapi({ description: '`tried` minus `now`, by currency.' });

export const WhatIfClientSchema = z
  .object({
    clientId: z.string(),
    posts: count,
    peakPosts: count.openapi({
      description: 'The largest total of a window under the terms; under a licence, of a calendar month.',
    }),
    now: Charged,
    tried: Charged,
    differences: Differences,
  })
  .openapi('WhatIfClient');

const Result = z
  .object({
    clients: count.openapi({ description: 'Clients with posts in the range.' }),
    unconcerned: count.openapi({
      description:
        'Those of them that no tariff concerns: they have no day with enough posts for a breach, here or on the curve.',
    }),
    now: Charged.openapi({ description: 'What the present tariffs come to.' }),
    tried: Charged.openapi({ description: 'What the terms come to.' }),
    differences: Differences,
    readings: z
      .array(
        z.object({
          basis: z.enum(['all', 'excess']).nullable().openapi({ description: 'null: a licence.' }),
          rounding: z.enum(['prorated', 'completed', 'started']),
          isAsked: z.boolean().openapi({ description: 'true: the terms themselves.' }),
          billedPosts: count,
          amount: AmountOut,
        }),
      )
      .openapi({ description: 'The terms under each basis and rounding, in their currency.' }),
    curve: z
      .array(z.object({ limit: count, clients: count, billedPosts: count, amount: AmountOut }))
      .openapi({
        description:
          'The terms with other thresholds (or included posts): clients above each, and the amount in the currency of the terms.',
      }),
    invoices: z
      .array(
        z.object({
          invoiceId: z.string(),
          number: z.int().nullable().openapi({ description: 'null: a draft.' }),
          clientId: z.string(),
          currency: z.string(),
          effect: z.enum(['supplement', 'credit_note', 'changed', 'void']),
          amount: AmountOut,
          difference: AmountOut,
        }),
      )
      .nullable()
      .openapi({
        description:
          'The existing invoices that billing would change or correct. null: no change was named, or it is not done.',
      }),
  })
  .openapi('WhatIfResult');

export const WhatIfSummarySchema = z
  .object({
    id: z.string(),
    state: z.enum(['waiting', 'running', 'done', 'failed', 'cancelled']),
    terms: TariffTerms,
    currency: z.string().nullable().openapi({ description: 'Of the terms; null if they are exempt.' }),
    scope: z.object({ clients: z.union([z.string(), z.array(z.string())]), callers: z.boolean() }),
    from: TimestampOut,
    to: TimestampOut,
    change: z
      .object({
        clientId: z.string().nullable(),
        validFrom: TimestampOut,
        supersedes: z.string().nullable(),
      })
      .nullable(),
    createdAt: TimestampOut,
    createdBy: z.string(),
    finishedAt: TimestampOut.nullable(),
    failure: z.string().nullable(),
    progress: z.object({ clients: count, of: count }),
  })
  .openapi('WhatIfSummary');

export const WhatIfSchema = WhatIfSummarySchema.extend({
  result: Result.nullable().openapi({ description: 'Over the clients checked so far; null at first.' }),
}).openapi('WhatIf');
