/** Routes of the documents of an invoice: their list, their files, and making one in another language or format. */

import { createRoute, z } from '@hono/zod-openapi';
import { subjectOfInvoice, wantedDocuments } from '../../../document/wanted.ts';
import { anyRole, requires } from '../../auth.ts';
import { json, jsonBody } from '../../content.ts';
import type { AdminApp } from '../../deps.ts';
import { NO_QUERY, RecordId } from '../../fields.ts';
import { problems } from '../../problem.ts';
import {
  type DocumentDeps,
  documentedInvoice,
  documentOfInvoice,
  existingInvoice,
  madeDocument,
  worksOf,
} from './document-refusal.ts';
import {
  DocumentListSchema,
  DocumentSchema,
  documentJson,
  missingJson,
  NewDocumentSchema,
  sendingJson,
} from './document-schemas.ts';
import { FILE_CONTENT, fileResponse } from './file-response.ts';

const tags = ['documents'];
const params = z.object({ invoiceId: RecordId });
const path = '/v1/invoices/{invoiceId}/documents';

export function documentRoutes(app: AdminApp, deps: DocumentDeps): void {
  const { ledger } = deps.documents;

  app.openapi(
    createRoute({
      ...{ method: 'get', path, operationId: 'listDocuments', tags },
      summary: 'Documents of an invoice, what is still missing, and to whom they were sent',
      ...anyRole(),
      request: { query: NO_QUERY, params },
      responses: { ...json(200, 'The documents.', DocumentListSchema), ...problems(404) },
    }),
    async (c) => {
      const { id, document } = await existingInvoice(deps, c.req.valid('param').invoiceId);
      const subject = subjectOfInvoice(id);
      const [items, failures, sendings] = await Promise.all([
        ledger.list(subject),
        ledger.failures(subject),
        ledger.sendings(subject),
      ]);
      const missing = (document === null ? [] : wantedDocuments(document)).filter(
        ({ format, language, copy }) =>
          !items.some(
            (one) =>
              one.subject === subject &&
              one.format === format &&
              one.language === language &&
              one.copy === copy,
          ),
      );
      const failureOf = ({ format, language, copy }: (typeof missing)[number]) =>
        failures.find(
          (one) =>
            one.subject === subject &&
            one.format === format &&
            one.language === language &&
            one.copy === copy,
        );
      return c.json(
        {
          items: items.map(documentJson),
          missing: missing.map((variant) => missingJson(variant, failureOf(variant))),
          sendings: sendings.map(sendingJson),
        },
        200,
      );
    },
  );

  app.openapi(
    createRoute({
      ...{ method: 'get', path: `${path}/{documentId}`, operationId: 'getDocument', tags },
      summary: 'The file of a document, as it was made',
      description: 'The ETag is the SHA-256 of the file in hexadecimal digits.',
      ...anyRole(),
      request: { query: NO_QUERY, params: params.extend({ documentId: RecordId }) },
      responses: {
        200: { description: 'The file.', content: FILE_CONTENT },
        304: { description: 'The file has the hash that If-None-Match names.' },
        ...problems(404),
      },
    }),
    async (c) => {
      const { invoiceId, documentId } = c.req.valid('param');
      return fileResponse(c, await documentOfInvoice(deps, invoiceId, documentId));
    },
  );

  app.openapi(
    createRoute({
      ...{ method: 'post', path, operationId: 'makeDocument', tags },
      summary:
        'Make a document of an issued invoice in a language and format; making it again returns the same',
      ...requires('finance', 'admin'),
      request: { query: NO_QUERY, params, body: jsonBody(NewDocumentSchema) },
      responses: {
        ...json(200, 'It was made before.', DocumentSchema),
        ...json(201, 'It is made.', DocumentSchema),
        ...problems(404, 409, 413, 415, 422, 501),
      },
    }),
    async (c) => {
      const { invoice, document } = await documentedInvoice(deps, c.req.valid('param').invoiceId);
      const { format, copy, language = document.language } = c.req.valid('json');
      const { maker } = worksOf(deps.documents);
      const variant = { format, language, copy };
      const made = madeDocument(
        await maker.make(subjectOfInvoice(invoice.id), variant, c.get('caller').actor),
      );
      return c.json(documentJson(made.document), made.isNew ? 201 : 200);
    },
  );
}
