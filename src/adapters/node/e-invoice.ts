/**
 * Writes e-invoices with @e-invoice-eu/core. The library is loaded with the first e-invoice: it takes 0.5 s and 60 MB,
 * and 0.2 s of CPU for each e-invoice. It runs on Node only.
 */

import type { Invoice as LibraryInvoice } from '@e-invoice-eu/core';
import { DocumentError } from '../../document/document-error.ts';
import { eInvoiceTree } from '../../document/e-invoice/build.ts';
import { completedCii } from '../../document/e-invoice/complete-cii.ts';
import { inexactFigures } from '../../document/e-invoice/exact.ts';
import type { Tree } from '../../document/e-invoice/tree.ts';
import type { Claim } from '../../document/input.ts';
import type { EInvoiceSyntax } from '../../invoice/issuing/e-invoice-facts.ts';
import { eInvoiceFaults } from '../../invoice/issuing/e-invoice-needs.ts';

const LIBRARY_FORMATS: Readonly<Record<EInvoiceSyntax, string>> = {
  cii: 'CII',
  ubl: 'UBL',
  'xrechnung-cii': 'XRECHNUNG-CII',
  'xrechnung-ubl': 'XRECHNUNG-UBL',
};
const REFUSED = 'e_invoice_refused';
const SILENT = { log() {}, warn() {}, error() {} };

/**
 * Returns the XML. The text of `cii` is also the `factur-x.xml` of a PDF.
 *
 * Throws an `DocumentError` if the invoice lacks what the format demands.
 */
export async function eInvoiceOf(format: EInvoiceSyntax, claim: Claim): Promise<string> {
  const faults = eInvoiceFaults(format, claim);
  if (faults.length > 0) throw new DocumentError(REFUSED, faults);
  const tree = eInvoiceTree(format, claim);
  const inexact = inexactFigures(tree);
  if (inexact.length > 0) throw new Error(`The figures of an e-invoice do not agree: ${inexact.join('; ')}.`);
  const xml = await writtenByLibrary(format, tree);
  return format.endsWith('cii') ? completedCii(xml, claim.document) : xml;
}

async function writtenByLibrary(format: EInvoiceSyntax, tree: Tree): Promise<string> {
  const { InvoiceService } = await import('@e-invoice-eu/core');
  try {
    // The library checks the tree against its schema, so its type adds nothing here.
    const invoice = tree as unknown as LibraryInvoice;
    const xml = await new InvoiceService(SILENT).generate(invoice, {
      format: LIBRARY_FORMATS[format],
      lang: 'en',
    });
    return xml as string;
  } catch (error) {
    throw refusalOfSchema(error) ?? error;
  }
}

/** A value outside a code list, such as an unknown country. Null: the error is not one of the schema. */
function refusalOfSchema(error: unknown): DocumentError | null {
  const { errors } = error as { errors?: ReadonlyArray<{ instancePath: string; message?: string }> };
  if (!Array.isArray(errors)) return null;
  const faults = errors.map(({ instancePath, message }) => ({
    field: instancePath.replace(/^\/ubl:Invoice\//, ''),
    reason: message ?? 'is refused by the schema of e-invoices',
    hint: 'use a code of the list that EN 16931 names',
  }));
  return new DocumentError(REFUSED, faults, { cause: error });
}
