/** The route of the audit log: each change with its actor, time and reason, as JSON or CSV. */

import { createRoute, z } from '@hono/zod-openapi';
import { csvLines } from '../../report/csv.ts';
import { isoTimestamp } from '../../report/timestamp.ts';
import { anyRole } from '../auth.ts';
import { CSV_CONTENT, csvResponse, FORMAT_QUERY, wantsCsv } from '../csv-response.ts';
import type { AdminApp, AdminDeps } from '../deps.ts';
import { lineOfText, TimestampIn, TimestampOut } from '../fields.ts';
import { NUMBER_KEY, pageAsk, pageFields, pageJson, pageResponse } from '../paging.ts';
import type { AuditFilter, AuditRecord, AuditStore } from '../port.ts';
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

const filterFields = {
  subject: lineOfText(300)
    .optional()
    .openapi({ description: 'List only entries of this subject, for example clients/acme.' }),
  under: lineOfText(300)
    .optional()
    .openapi({ description: 'List only entries of this subject and of those below its path.' }),
  action: lineOfText(100).optional().openapi({ example: 'tariff.changed' }),
  actor: lineOfText(200).optional().openapi({ description: 'Text within the name of the actor.' }),
  q: lineOfText(200)
    .optional()
    .openapi({ description: 'Text within the subject, the reason or the change.' }),
  from: TimestampIn.optional(),
  to: TimestampIn.optional().openapi({ description: 'Entries at this time or later are excluded.' }),
};

const CSV_PAGE = 500;
const CSV_HEAD = ['id', 'at', 'actor', 'action', 'subject', 'reason', 'before', 'after'];

export function auditRoutes(app: AdminApp, { store }: Pick<AdminDeps, 'store'>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/audit',
      operationId: 'listAudit',
      summary: 'The audit log, newest first; CSV contains all matches regardless of the limit',
      tags: ['audit'],
      ...anyRole(),
      request: { query: z.strictObject({ ...pageFields(NUMBER_KEY), ...filterFields, ...FORMAT_QUERY }) },
      responses: {
        200: {
          description: 'A page, or the whole list as CSV.',
          content: { ...pageResponse(AuditSchema, 'AuditPage')[200].content, ...CSV_CONTENT },
        },
        ...problems(),
      },
    }),
    async (c) => {
      const { limit, cursor, format, bom, from, to, ...rest } = c.req.valid('query');
      const filter = { ...rest, fromMs: from, toMs: to };
      if (wantsCsv(c, { format, bom })) return csvResponse('audit', csvOf(store, filter), { format, bom });
      const found = await store.audit(filter, pageAsk({ limit, cursor }));
      return c.json(pageJson(found, auditJson), 200);
    },
  );
}

function auditJson({ atMs, ...rest }: AuditRecord) {
  return { ...rest, at: isoTimestamp(atMs) };
}

async function* csvOf(store: AuditStore, filter: AuditFilter): AsyncGenerator<string> {
  let head = [CSV_HEAD];
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<AuditStore['audit']>> = await store.audit(filter, {
      limit: CSV_PAGE,
      after,
    });
    yield csvLines([...head, ...page.items.map(cellsOf)]);
    head = [];
    after = page.next;
  } while (after !== null);
}

function cellsOf({ id, atMs, actor, action, subject, reason, before, after }: AuditRecord) {
  const json = (value: unknown) => (value === null ? null : JSON.stringify(value));
  return [id, isoTimestamp(atMs), actor, action, subject, reason, json(before), json(after)];
}
