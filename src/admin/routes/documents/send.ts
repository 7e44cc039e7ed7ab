/** The route that sends documents of an invoice by mail or to a webhook. */

import { createRoute, z } from '@hono/zod-openapi';
import type { DocumentFile } from '../../../document/port.ts';
import type { Destination } from '../../../document/sender.ts';
import { copiesOf, subjectOfInvoice } from '../../../document/wanted.ts';
import type { IssuedDocument } from '../../../invoice/document.ts';
import { requires } from '../../auth.ts';
import { json, jsonBody } from '../../content.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { NO_QUERY, RecordId } from '../../fields.ts';
import { fieldProblem, problems } from '../../problem.ts';
import {
  documentedInvoice,
  documentOfInvoice,
  existingInvoice,
  madeDocument,
  worksOf,
} from './document-refusal.ts';
import { SendSchema, SentSchema, sendingJson } from './document-schemas.ts';
import { type DraftDeps, draftOf } from './drafts.ts';

type SendDeps = DraftDeps & Pick<AdminDeps, 'alerts'>;
type Ask = z.output<typeof SendSchema>;

export function sendRoute(app: AdminApp, deps: SendDeps): void {
  app.openapi(
    createRoute({
      ...{ method: 'post', path: '/v1/invoices/{invoiceId}/send', operationId: 'sendDocuments' },
      summary: 'Send documents of an issued invoice; each attempt is recorded',
      description:
        'Without `documentId`, each debtor gets its own copy of the PDF by mail, and a webhook gets the copy of the buyer. A webhook is signed as Standard Webhooks asks and has the file in base64. The answer is 200 even if an attempt fails: see `outcome` of each item.',
      tags: ['documents'],
      ...requires('finance'),
      request: { query: NO_QUERY, params: z.object({ invoiceId: RecordId }), body: jsonBody(SendSchema) },
      responses: { ...json(200, 'The attempts.', SentSchema), ...problems(404, 409, 413, 415, 422, 501) },
    }),
    async (c) => {
      const { invoiceId } = c.req.valid('param');
      const ask = c.req.valid('json');
      const document = await debtorsOf(deps, invoiceId, ask);
      const { sender } = worksOf(deps.documents);
      demandAgreeing(ask, sender.hasMailer);
      const { actor } = c.get('caller');
      const to = await destinationOf(deps, ask, document);
      const files = await filesOf(deps, ask, invoiceId, document, actor);
      // Nothing is sent unless every copy has an address.
      const planned = files.map((file) => ({ file, to: to(file.copy) }));
      const items = [];
      for (const one of planned) items.push(await sender.send(one.file, one.to, document, actor));
      return c.json({ items: items.map(sendingJson) }, 200);
    },
  );
}

/** The document that names the debtors. A letter before action is sent by its id while its invoice is a draft. */
async function debtorsOf(deps: SendDeps, invoiceId: string, { documentId }: Ask): Promise<IssuedDocument> {
  const { status } = await existingInvoice(deps, invoiceId);
  if (documentId === undefined || status === 'issued')
    return (await documentedInvoice(deps, invoiceId)).document;
  return (await draftOf(deps, invoiceId)).claim.document;
}

function demandAgreeing({ channel, address, receiverId }: Ask, hasMailer: boolean): void {
  if (channel === 'webhook') {
    if (address !== undefined) throw fieldProblem(400, 'address', 'is for mail', 'omit it');
    if (receiverId === undefined)
      throw fieldProblem(400, 'receiverId', 'is missing', 'name a webhook of /v1/receivers');
    return;
  }
  if (receiverId !== undefined) throw fieldProblem(400, 'receiverId', 'is for webhooks', 'omit it');
  if (!hasMailer) {
    const hint = 'set SMTP_URL and receivers.mailFrom, or send to a webhook';
    throw fieldProblem(409, 'channel', 'is mail, and this process has no mail server', hint);
  }
}

/** The documents to send: the one that is named, or the PDF of each copy that has a destination of its own. */
async function filesOf(
  deps: SendDeps,
  { documentId, channel, address }: Ask,
  invoiceId: string,
  document: IssuedDocument,
  actor: string,
): Promise<DocumentFile[]> {
  if (documentId !== undefined) return [await documentOfInvoice(deps, invoiceId, documentId)];
  const { maker } = worksOf(deps.documents);
  const copies = channel === 'mail' && address === undefined ? copiesOf(document) : 1;
  const files: DocumentFile[] = [];
  for (let copy = 1; copy <= copies; copy++) {
    const variant = { format: 'pdf', language: document.language, copy } as const;
    files.push(madeDocument(await maker.make(subjectOfInvoice(invoiceId), variant, actor)).document);
  }
  return files;
}

/** Returns the destination of each copy. It throws if the party of the copy has no address. */
async function destinationOf(
  { documents, alerts }: SendDeps,
  { channel, address, receiverId }: Ask,
  document: IssuedDocument,
): Promise<(copy: number) => Destination> {
  if (channel === 'mail') {
    return (copy) => ({ channel, address: address ?? mailOf(document, copy) });
  }
  const receiver = (await documents.recipients()).find(({ id }) => id === receiverId);
  const record = await alerts.receiver(receiverId ?? '');
  if (receiver === undefined || record === null || receiver.kind !== 'webhook') {
    throw fieldProblem(409, 'receiverId', 'is not a webhook that is on', 'see /v1/receivers');
  }
  return () => ({ channel, receiver, shownAddress: record.shownAddress });
}

function mailOf({ buyer, coDebtors }: IssuedDocument, copy: number): string {
  const party = copy === 1 ? buyer : coDebtors[copy - 2];
  const { email = null, legalName = null } = party ?? {};
  if (email !== null) return email;
  const hint = 'name an address for each document with `documentId` and `address`';
  throw fieldProblem(409, 'address', `is missing: ${legalName} (copy ${copy}) has no e-mail address`, hint);
}
