/**
 * Checks what the official rules do not: they tolerate differences below 1.00, never compare an amount with quantity
 * and price, and accept a credit note that is negative or names no invoice.
 */

import type { Tree, TreeValue } from './tree.ts';

/** Decimal places that every amount, price and quantity of an e-invoice fits into. */
const PLACES = 4;

/** Returns a sentence for each difference; empty if all figures agree to the minor unit. */
export function inexactFigures(tree: Tree): string[] {
  const invoice = tree['ubl:Invoice'] as Tree;
  const lines = invoice['cac:InvoiceLine'] as readonly Tree[];
  const totals = invoice['cac:LegalMonetaryTotal'] as Tree;
  const net = scaled(totals['cbc:TaxExclusiveAmount']);
  const payable = scaled(totals['cbc:PayableAmount']);
  const [taxTotal] = invoice['cac:TaxTotal'] as readonly Tree[];
  const tax = scaled(taxTotal!['cbc:TaxAmount']);
  const [breakdown] = taxTotal!['cac:TaxSubtotal'] as readonly Tree[];
  const sum = lines.reduce((total, line) => total + scaled(line['cbc:LineExtensionAmount']), 0n);
  const isCredit = invoice['cbc:InvoiceTypeCode'] === '381';
  return [
    ...lines.flatMap(lineFaults),
    ...unless(sum === net, 'the lines do not add up to the net amount'),
    ...unless(
      scaled(totals['cbc:LineExtensionAmount']) === net,
      'the sum of the lines is not the net amount',
    ),
    ...unless(scaled(breakdown!['cbc:TaxableAmount']) === net, 'the taxable amount is not the net amount'),
    ...unless(scaled(breakdown!['cbc:TaxAmount']) === tax, 'the tax of the breakdown is not the tax'),
    ...unless(
      scaled(totals['cbc:TaxInclusiveAmount']) === net + tax,
      'net and tax do not add up to the total',
    ),
    ...unless(payable === net + tax, 'the payable amount is not the total'),
    ...unless(payable >= 0n, 'the payable amount is negative'),
    ...unless(!isCredit || invoice['cac:BillingReference'] !== undefined, 'the credit note names no invoice'),
    ...unless(isCredit || invoice['cbc:DueDate'] !== undefined, 'the invoice has no due date'),
  ];
}

function unless(holds: boolean, fault: string): string[] {
  return holds ? [] : [fault];
}

function lineFaults(line: Tree): string[] {
  const id = String(line['cbc:ID']);
  const price = line['cac:Price'] as Tree;
  const base = scaled(price['cbc:BaseQuantity'] ?? '1') / 10n ** BigInt(PLACES);
  const unit = price['cbc:PriceAmount'] as string;
  if (unit.startsWith('-')) return [`the price of line ${id} is negative`];
  const quantity = scaled(line['cbc:InvoicedQuantity']) / 10n ** BigInt(PLACES);
  const amount = line['cbc:LineExtensionAmount'] as string;
  const step = 10n ** BigInt(PLACES - fractionOf(amount).length);
  const exact = roundedQuotient(quantity * scaled(unit), base * step) * step;
  return unless(exact === scaled(amount), `the amount of line ${id} is not quantity times price`);
}

/** Half away from zero, as the rating rounds posts that are not negative. */
function roundedQuotient(dividend: bigint, divisor: bigint): bigint {
  const size = dividend < 0n ? -dividend : dividend;
  const rounded = (2n * size + divisor) / (2n * divisor);
  return dividend < 0n ? -rounded : rounded;
}

function fractionOf(text: string): string {
  return text.split('.')[1] ?? '';
}

/** Decimal text in units of 10^-PLACES. */
function scaled(value: TreeValue | undefined): bigint {
  const text = String(value);
  const digits = text.replace(/^-/, '').replace('.', '');
  const size = BigInt(digits + '0'.repeat(PLACES - fractionOf(text).length));
  return text.startsWith('-') ? -size : size;
}
