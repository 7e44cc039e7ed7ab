/** The route of the unsigned evidence of an issued invoice. The server has no key to sign with, and should have none. */

import { createRoute, z } from '@hono/zod-openapi';
import { anyRole } from '../../auth.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { NO_QUERY, RecordId } from '../../fields.ts';
import { fieldProblem, problems } from '../../problem.ts';
import { unknownInvoice } from './invoice-refusal.ts';

/** `src/evidence/format.ts` has the whole schema, whose tuples OpenAPI tools do not read. */
const EvidenceSchema = z.looseObject({ postmeterEvidence: z.literal(1) }).openapi('Evidence');

const REFUSALS = {
  not_issued: ['is not issued, so nothing of it is final', 'issue it first'],
  not_sealed: ['has no seal: it was issued before invoices were sealed', 'see its verification'],
  differs: ['differs from the ledger, so no evidence is made', 'see its verification for the differences'],
} as const;

export function invoiceEvidenceRoute(app: AdminApp, { invoiceBook }: Pick<AdminDeps, 'invoiceBook'>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/invoices/{invoiceId}/evidence',
      operationId: 'getInvoiceEvidence',
      summary: 'What proves an issued invoice, as an unsigned file',
      description:
        'The content that `postmeter evidence` signs: usage, tariffs, chains of batches and other readings. Repr-Digest (RFC 9530) has the hash of the file. A signature needs the private key, which is not on the server: whoever controls the server must not be able to sign.',
      tags: ['invoices'],
      ...anyRole(),
      request: { query: NO_QUERY, params: z.object({ invoiceId: RecordId }) },
      responses: {
        200: {
          description: 'The evidence.',
          content: { 'application/json': { schema: EvidenceSchema } },
        },
        ...problems(404, 409),
      },
    }),
    async (c) => {
      const found = await invoiceBook.evidence(c.req.valid('param').invoiceId);
      if (found.kind === 'not_found') throw unknownInvoice();
      if (found.kind !== 'evidence') {
        const [reason, hint] = REFUSALS[found.kind];
        throw fieldProblem(409, 'invoiceId', reason, hint);
      }
      const digest = btoa(String.fromCharCode(...found.sha256));
      return c.json(found.evidence as z.output<typeof EvidenceSchema>, 200, {
        'content-disposition': `attachment; filename="invoice-${found.number}.evidence.json"`,
        'repr-digest': `sha-256=:${digest}:`,
      });
    },
  );
}
