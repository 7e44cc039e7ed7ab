/** Routes of what is drawn from a draft: its preview, which is never stored, and letters before action. */

import { createRoute, z } from '@hono/zod-openapi';
import type { ClaimBasis } from '../../../document/port.ts';
import { hexOf } from '../../../invoice/seal.ts';
import { LANGUAGES } from '../../../seller/language.ts';
import { anyRole, requires } from '../../auth.ts';
import { json, jsonBody } from '../../content.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { RecordId } from '../../fields.ts';
import { fieldProblem, HttpProblem, problems } from '../../problem.ts';
import { type DocumentDeps, existingInvoice, throwRefusal, worksOf } from './document-refusal.ts';
import { DocumentSchema, documentJson } from './document-schemas.ts';
import { FILE_CONTENT, fileResponse } from './file-response.ts';

export type DraftDeps = DocumentDeps & Pick<AdminDeps, 'rules'>;

const params = z.object({ invoiceId: RecordId });
const Language = z.enum(LANGUAGES).optional().openapi({ description: 'Default: that of the client.' });
const LetterSchema = z
  .strictObject({
    language: Language,
    answerBy: z.iso.date().optional().openapi({
      description: 'UTC date by which payment or an answer is expected. Default: after the terms of payment.',
    }),
  })
  .openapi('NewLetter');
const LettersSchema = z.object({ items: z.array(DocumentSchema) }).openapi('Letters');

export function draftRoutes(app: AdminApp, deps: DraftDeps): void {
  app.openapi(
    createRoute({
      ...{ method: 'get', path: '/v1/invoices/{invoiceId}/preview', operationId: 'previewInvoice' },
      summary: 'The PDF of a draft as it would be issued now, marked as a draft on every page; never stored',
      tags: ['documents'],
      ...anyRole(),
      request: {
        query: z.strictObject({ language: Language, kind: z.enum(['invoice', 'letter']).default('invoice') }),
        params,
      },
      responses: {
        200: { description: 'The PDF.', content: { 'application/pdf': FILE_CONTENT['application/pdf'] } },
        ...problems(404, 409, 422, 501),
      },
    }),
    async (c) => {
      const { invoiceId } = c.req.valid('param');
      const { kind, ...asked } = c.req.valid('query');
      const { press } = worksOf(deps.documents);
      const { claim, logo } = await draftOf(deps, invoiceId);
      const { document, invoice } = claim;
      const language = asked.language ?? document.language;
      const common = { claim, logo, language, copy: 1 };
      const bytes = await press
        .pdf(
          kind === 'invoice'
            ? { kind, ...common, isDraft: true, facturX: null, atMs: invoice.updatedAtMs }
            : { kind, ...common, atMs: deps.now(), writtenOn: document.issuedOn, answerBy: document.dueOn },
        )
        .catch(throwRefusal);
      const fileName = `${invoice.clientId}-${kind === 'invoice' ? 'draft' : 'letter'}-${language}.pdf`;
      return fileResponse(c, { bytes, fileName, format: 'pdf', sha256: hexOf(deps.documents.sha256(bytes)) });
    },
  );

  app.openapi(
    createRoute({
      ...{ method: 'post', path: '/v1/invoices/{invoiceId}/letters', operationId: 'makeLetters' },
      summary: 'Make a letter before action from a draft, a copy for each debtor; it is not an invoice',
      description: 'The letters are stored below the documents of the draft, and are sent by their ids.',
      tags: ['documents'],
      ...requires('finance'),
      request: { query: z.strictObject({}), params, body: jsonBody(LetterSchema) },
      responses: {
        ...json(201, 'The letters.', LettersSchema),
        ...problems(404, 409, 413, 415, 422, 501),
      },
    }),
    async (c) => {
      const { maker } = worksOf(deps.documents);
      const basis = await draftOf(deps, c.req.valid('param').invoiceId);
      const { document } = basis.claim;
      const { language = document.language, answerBy = document.dueOn } = c.req.valid('json');
      if (answerBy < document.issuedOn) throw fieldProblem(400, 'answerBy', 'has passed', 'use a later date');
      const by = c.get('caller').actor;
      const letters = await maker.makeLetters(basis, { language, answerBy, by }).catch(throwRefusal);
      return c.json({ items: letters.map(documentJson) }, 201);
    },
  );
}

/** Throws 409 if the invoice is not a draft, or if issue would refuse it for what it must name. */
export async function draftOf(deps: DraftDeps, invoiceId: string): Promise<ClaimBasis> {
  const { status } = await existingInvoice(deps, invoiceId);
  const draft = await deps.documents.ledger.draft(invoiceId, deps.rules.bucketSeconds, deps.now());
  if (draft?.kind === 'draft') return draft;
  if (draft === null) throw fieldProblem(409, 'invoiceId', `is ${status}, not a draft`, 'see its documents');
  const { field, reason, hint } = draft;
  throw new HttpProblem(409, `${reason}: ${hint}`, {
    code: 'document_refused',
    errors: [{ field, reason, hint }],
  });
}
