/** The route of the audit log: each change with its actor, time and reason. */

import { createRoute, z } from '@hono/zod-openapi';
import { isoTimestamp } from '../../report/timestamp.ts';
import { anyRole } from '../auth.ts';
import type { AdminApp, AdminDeps } from '../deps.ts';
import { lineOfText, TimestampOut } from '../fields.ts';
import { NUMBER_KEY, pageAsk, pageFields, pageJson, pageResponse } from '../paging.ts';
import { problems } from '../problem.ts';

const AuditSchema = z
  .object({
    id: z.int(),
    at: TimestampOut,
    actor: z.string(),
    action: z.string().openapi({ example: 'tariff.changed' }),
    subject: z.string().openapi({ example: 'clients/acme/tariffs' }),
    reason: z.string().nullable(),
    before: z.unknown(),
    after: z.unknown(),
  })
  .openapi('AuditEntry');

export type AuditEntryJson = z.infer<typeof AuditSchema>;

export function auditRoutes(app: AdminApp, { store }: Pick<AdminDeps, 'store'>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/audit',
      operationId: 'listAudit',
      summary: 'The audit log, newest first',
      tags: ['audit'],
      ...anyRole(),
      request: {
        query: z.strictObject({
          ...pageFields(NUMBER_KEY),
          subject: lineOfText(300)
            .optional()
            .openapi({ description: 'List only entries of this subject, for example clients/acme.' }),
        }),
      },
      responses: { ...pageResponse(AuditSchema, 'AuditPage'), ...problems() },
    }),
    async (c) => {
      const { subject, ...page } = c.req.valid('query');
      const found = await store.audit({ subject }, pageAsk(page));
      return c.json(
        pageJson(found, ({ atMs, ...rest }) => ({ ...rest, at: isoTimestamp(atMs) })),
        200,
      );
    },
  );
}
