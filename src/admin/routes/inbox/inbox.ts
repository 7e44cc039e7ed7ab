/** The route of the inbox: what waits for the caller. */

import { createRoute, z } from '@hono/zod-openapi';
import { inboxOf, ownItems } from '../../../report/inbox/inbox.ts';
import { INBOX_KINDS, type InboxItem } from '../../../report/inbox/item.ts';
import { isoTimestamp } from '../../../report/timestamp.ts';
import { formatMoney } from '../../../tariff/money.ts';
import { anyRole } from '../../auth.ts';
import { json } from '../../content.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { AmountOut, TimestampOut } from '../../fields.ts';
import { problems } from '../../problem.ts';

const InboxItemSchema = z
  .object({
    kind: z.enum(INBOX_KINDS),
    subject: z
      .string()
      .openapi({ description: 'Path of the concerned object below /v1.', example: 'invoices/01957a6e' }),
    title: z.string(),
    clientId: z.string().nullable(),
    since: TimestampOut,
    amount: AmountOut.nullable(),
    currency: z.string().nullable(),
    why: z.string(),
    action: z.object({
      name: z.string(),
      href: z.string().openapi({ description: 'Path of the page of the console for it.' }),
    }),
    roles: z.array(z.string()).openapi({ description: 'Any of them can act.' }),
  })
  .openapi('InboxItem');

export const InboxSchema = z
  .object({
    items: z.array(InboxItemSchema).openapi({
      description: 'By kind, the oldest first. Of each source, at most some hundred are read.',
    }),
    counts: z.array(z.object({ kind: z.enum(INBOX_KINDS), items: z.int() })),
  })
  .openapi('Inbox');

export type InboxJson = z.infer<typeof InboxSchema>;

export function inboxRoute(
  app: AdminApp,
  { inbox, now, rules }: Pick<AdminDeps, 'inbox' | 'now' | 'rules'>,
): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/inbox',
      operationId: 'getInbox',
      summary: 'What waits for the caller',
      description: 'An item disappears when its cause does; nothing is marked as read.',
      tags: ['inbox'],
      ...anyRole(),
      request: {
        query: z.strictObject({
          all: z.enum(['true', 'false']).default('false').openapi({
            description: 'true: also what other roles or another person act on.',
          }),
        }),
      },
      responses: { ...json(200, 'The inbox.', InboxSchema), ...problems() },
    }),
    async (c) => {
      const nowMs = now();
      const facts = await inbox.facts(rules, nowMs);
      const every = inboxOf(facts, rules, nowMs);
      const isAll = c.req.valid('query').all === 'true';
      const items = isAll ? every : ownItems(every, facts, c.get('caller'), rules, nowMs);
      const counts = INBOX_KINDS.map((kind) => ({
        kind,
        items: items.filter((item) => item.kind === kind).length,
      })).filter((count) => count.items > 0);
      return c.json({ items: items.map(itemJson), counts }, 200);
    },
  );
}

function itemJson({ sinceMs, money, roles, action, ...rest }: InboxItem) {
  return {
    ...rest,
    ...{ action: { ...action }, roles: [...roles], since: isoTimestamp(sinceMs) },
    amount: money === null ? null : formatMoney(money.amountMinor, money.currency),
    currency: money?.currency ?? null,
  };
}
