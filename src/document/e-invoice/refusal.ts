/** The error of an e-invoice that cannot be made. */

import type { FieldError } from '../../tariff/terms.ts';
import type { XmlFormat } from './tree.ts';

export class EInvoiceRefusal extends Error {
  readonly code = 'e_invoice_refused';
  readonly faults: readonly FieldError[];

  constructor(format: XmlFormat, faults: readonly FieldError[], options?: ErrorOptions) {
    const list = faults.map(({ field, reason, hint }) => `${field} ${reason} (${hint})`);
    super(`No e-invoice in the format ${format} can be made: ${list.join('; ')}.`, options);
    this.name = 'EInvoiceRefusal';
    this.faults = faults;
  }
}
