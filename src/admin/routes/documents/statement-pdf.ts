/** The statement of account of a client as a PDF. It is drawn for the answer and not stored. */

import type { Context } from 'hono';
import { hexOf } from '../../../invoice/seal.ts';
import type { AccountStatement } from '../../../receivable/statement.ts';
import type { Language } from '../../../seller/language.ts';
import type { AdminDeps } from '../../deps.ts';
import { fieldProblem } from '../../problem.ts';
import { throwRefusal, worksOf } from './document-refusal.ts';
import { fileResponse } from './file-response.ts';

interface StatedAccount extends AccountStatement {
  readonly clientId: string;
  readonly currency: string;
  readonly from: string;
  readonly to: string;
}

/** Throws 409 if no issued invoice of the client in the currency has a document, which names the parties. */
export async function statementPdf(
  c: Context,
  { documents }: Pick<AdminDeps, 'documents'>,
  stated: StatedAccount,
  asked: Language | undefined,
): Promise<Response> {
  const { clientId, currency, from, to, openingMinor, closingMinor, rows } = stated;
  const { press } = worksOf(documents);
  const parties = await documents.ledger.parties(clientId, currency);
  if (parties === null) {
    const reason = `has no issued invoice in ${currency} that names the parties`;
    throw fieldProblem(409, 'clientId', reason, 'use format=csv');
  }
  const { document, logo } = parties;
  const { seller, buyer, texts, bank } = document;
  const language = asked ?? document.language;
  const bytes = await press
    .pdf({
      kind: 'statement',
      ...{ seller, buyer, texts, bank, logo, language, currency },
      ...{ fromOn: from, toOn: to, atMs: Date.parse(to) },
      statement: { openingMinor, closingMinor, rows },
    })
    .catch(throwRefusal);
  const fileName = `${clientId}-statement-${from}-${to}-${language}.pdf`.replaceAll(
    /[^\p{L}\p{N}._-]+/gu,
    '-',
  );
  return fileResponse(c, { bytes, fileName, format: 'pdf', sha256: hexOf(documents.sha256(bytes)) });
}
