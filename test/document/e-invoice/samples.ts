/** Issued invoices of all kinds, roundings, tax categories and languages, with up to 400 lines, as an e-invoice takes them. */

import type { Claim } from '../../../src/document/input.ts';
import type { IssuedDocument } from '../../../src/invoice/document.ts';
import { UNDOCUMENTED } from '../../../src/invoice/document.ts';
import type { Invoice, InvoiceKind, InvoiceLine } from '../../../src/invoice/model.ts';
import type { Language } from '../../../src/seller/language.ts';
import type { TaxCategory } from '../../../src/seller/model.ts';
import { formatMoney } from '../../../src/tariff/money.ts';
import { amountOf } from '../../../src/tariff/rating.ts';
import { DEFAULT_TARIFF, type Rounding } from '../../../src/tariff/tariff.ts';

interface SampleSpec {
  /** `manual`: a credit note by hand. */
  readonly kind: InvoiceKind | 'manual';
  readonly rounding: Rounding;
  readonly tax: readonly [TaxCategory, rateBp: number];
  readonly language: Language;
  readonly coDebtors: number;
  readonly lines: number;
  readonly currency: string;
}

interface Sample {
  readonly name: string;
  readonly claim: Claim;
}

const FROM_MS = Date.UTC(2026, 1, 10, 22, 5);
const HOUR_MS = 3_600_000;
const PRICE_MINOR = 1_500_000n;
const BLOCK = 1_000_000;

const KINDS = ['invoice', 'supplement', 'credit_note', 'manual'] as const;
const ROUNDINGS = ['prorated', 'completed', 'started'] as const;
const TAXES: ReadonlyArray<SampleSpec['tax']> = [
  ...([
    ['O', 0],
    ['S', 1900],
    ['E', 0],
    ['AE', 0],
  ] as const),
  ...([
    ['S', 770],
    ['G', 0],
    ['O', 0],
    ['K', 0],
    ['Z', 0],
  ] as const),
];
const LANGUAGES = ['en', 'de', 'fr', 'es'] as const;
const LINE_COUNTS = [1, 2, 3, 7, 20] as const;

/** Every kind with every rounding three times, each time with other terms, and four edges: 40 samples. */
export const SAMPLE_SPECS: readonly SampleSpec[] = [
  ...KINDS.flatMap((kind, k) =>
    ROUNDINGS.flatMap((rounding, r) =>
      [0, 1, 2].map((round): SampleSpec => {
        const at = (k * ROUNDINGS.length + r) * 3 + round;
        return {
          ...{ kind, rounding },
          tax: TAXES[at % TAXES.length]!,
          language: LANGUAGES[at % LANGUAGES.length]!,
          coDebtors: round,
          lines: LINE_COUNTS[at % LINE_COUNTS.length]!,
          currency: at % 2 === 0 ? 'EUR' : 'USD',
        };
      }),
    ),
  ),
  ...([400, 120] as const).map(
    (lines, at): SampleSpec => ({
      ...({ kind: 'invoice', rounding: 'prorated', language: 'de', coDebtors: 1, lines } as const),
      ...{ tax: TAXES[at]!, currency: 'EUR' },
    }),
  ),
  {
    ...({ kind: 'invoice', rounding: 'completed', tax: ['O', 0], language: 'en', coDebtors: 0 } as const),
    ...{ lines: 1, currency: 'JPY' },
  },
  {
    ...({
      kind: 'credit_note',
      rounding: 'prorated',
      tax: ['S', 2700],
      language: 'fr',
      coDebtors: 3,
    } as const),
    ...{ lines: 60, currency: 'EUR' },
  },
];

/** The sample of a specification. `at` varies posts and numbers. */
export function sampleOf(spec: SampleSpec, at: number): Sample {
  const charges = Array.from({ length: spec.lines }, (_, line) => chargeLine(spec, at, line));
  const due = sumOf(charges);
  const lines = linesOf(spec, charges, due);
  const amountMinor = sumOf(lines);
  const taxMinor = taxOf(amountMinor, spec.tax[1]);
  const isManual = spec.kind === 'manual';
  const invoice: Invoice = {
    ...UNDOCUMENTED,
    ...{
      id: `invoice-${at}`,
      number: 100 + at,
      status: 'issued',
      clientId: 'globex',
      breachId: 'breach',
      monthMs: null,
    },
    kind: isManual ? 'credit_note' : (spec.kind as InvoiceKind),
    correctsId: spec.kind === 'invoice' ? null : 'corrected',
    ...{ currency: spec.currency, amountMinor, taxMinor, lines, origin: isManual ? 'manual' : 'billing' },
    ...{ billTo: null, approvedBy: 'ann', approvedAtMs: 1, issuedAtMs: 2, rejection: null },
    ...{ createdAtMs: 1, updatedAtMs: 2 },
  };
  const { kind, rounding, tax, language, currency } = spec;
  return {
    name: `${at}-${kind}-${rounding}-${tax.join('')}-${language}-${spec.lines}-${currency}`,
    claim: {
      invoice,
      document: documentOf(spec, at, invoice),
      seal: { contentHash: 'a1'.repeat(32), usageHash: 'b2'.repeat(32), chainsHash: 'c3'.repeat(32) },
      ...{
        breach: null,
        chart: null,
        identifiers: [],
        gaps: [],
        issuedBy: 'ben',
        usage: [],
        bucketSeconds: 60,
      },
      tariffs: [
        {
          id: 'v1',
          clientId: null,
          version: 1,
          validFromMs: 0,
          tariff: { ...DEFAULT_TARIFF, rounding, currency },
        },
      ],
      offsets: {
        corrected: { displayNumber: 'PM-000012', kind: 'invoice', issuedOn: '2026-02-20' },
        later: { displayNumber: 'PM-C-000003', kind: 'credit_note', issuedOn: '2026-02-25' },
      },
    },
  };
}

function sumOf(lines: readonly InvoiceLine[]): bigint {
  return lines.reduce((sum, line) => sum + line.amountMinor, 0n);
}

/** Half up on the size of the net amount. */
function taxOf(net: bigint, rateBp: number): bigint {
  const size = net < 0n ? -net : net;
  const tax = (2n * size * BigInt(rateBp) + 10_000n) / 20_000n;
  return net < 0n ? -tax : tax;
}

function chargeLine({ rounding, currency }: SampleSpec, at: number, line: number): InvoiceLine {
  const posts = 1 + (((at + 1) * 1_234_577 + line * 700_001) % 9_000_000);
  const fromMs = FROM_MS + line * HOUR_MS;
  return {
    ...{ kind: 'charge', offsetsInvoiceId: null, tariffVersionId: 'v1', description: 'Posts in a breach' },
    ...{ fromMs, toMs: fromMs + HOUR_MS, posts, priceMinor: PRICE_MINOR, block: BLOCK, rounding },
    amountMinor: amountOf(posts, { priceMinor: PRICE_MINOR, block: BLOCK, rounding, currency }),
    ...{ peakPosts: posts, peakAtMs: fromMs, correctsLine: null, reason: null },
  };
}

/** A supplement deducts less than is due, a credit note more. */
function linesOf({ kind, tax }: SampleSpec, charges: readonly InvoiceLine[], due: bigint): InvoiceLine[] {
  const [first] = charges;
  if (kind === 'invoice') return [...charges];
  if (kind === 'manual') {
    return charges.map((line, at) => ({
      ...{ ...line, kind: 'credit', posts: 0, amountMinor: -(line.amountMinor / 3n + 1n) },
      ...{ correctsLine: at, reason: `Settlement of 2026-03-28, line ${at + 1}: A & B <agreed>` },
    }));
  }
  const offset = (id: string, amountMinor: bigint): InvoiceLine => ({
    ...{ ...first!, kind: 'offset', offsetsInvoiceId: id, description: `Less ${id}`, posts: -1_000_000 },
    ...{ priceMinor: 0n, block: 1, rounding: 'prorated', amountMinor, peakPosts: null, peakAtMs: null },
  });
  const earlier = kind === 'supplement' ? due / 2n : due + 123_457n + BigInt(tax[1]);
  return [...charges, offset('corrected', -earlier - 500n), offset('later', 500n)];
}

const NO_PARTS = { street2: null, region: null, electronicAddress: null, electronicScheme: null };

function documentOf(spec: SampleSpec, at: number, invoice: Invoice): IssuedDocument {
  const { currency, amountMinor, taxMinor } = invoice;
  const [category, rateBp] = spec.tax;
  const isCorrection = spec.kind !== 'invoice';
  const text = (minor: bigint) => formatMoney(minor, currency);
  return {
    ...{ version: 1, language: spec.language, issuedOn: '2026-03-01', dueOn: '2026-03-31' },
    ...{ displayNumber: `PM-${String(100 + at).padStart(6, '0')}`, paymentReference: `RF30PM${100 + at}` },
    ...{ net: text(amountMinor), tax: text(taxMinor), payable: text(amountMinor + taxMinor) },
    taxRule: {
      ...{ appliesTo: at % 3 === 0 ? 'licence' : 'damages', buyerScope: 'any', category, rateBp },
      exemptionCode: category === 'O' ? 'VATEX-EU-O' : null,
      reason: category === 'S' || category === 'Z' ? {} : { en: 'No tax is due.', de: 'Nicht steuerbar.' },
    },
    seller: {
      ...{
        ...NO_PARTS,
        id: 'default',
        legalName: 'Example Posts GmbH',
        address: null,
        street: 'Beispielweg 1',
      },
      ...{ postcode: '10115', city: 'Berlin', country: 'DE', email: 'billing@seller.example' },
      ...{ phone: '+49 30 1234567', contact: 'Billing', vatId: 'DE123456789', taxId: '29/123/45678' },
      ...{ register: 'Amtsgericht Charlottenburg', registerId: 'HRB 123456 B' },
    },
    texts: {},
    logo: null,
    bank: bankOf(currency),
    buyer: {
      ...{ ...NO_PARTS, clientId: 'globex', legalName: 'Globex & Söhne <BV>', street: null },
      ...{
        address: '1 Example Street\nBuilding 7\nFloor 3',
        postcode: '1011 AA',
        city: 'Amsterdam',
        country: 'NL',
      },
      ...{ email: 'ap@globex.example', phone: null, contact: null, vatId: 'NL123456789B01', taxId: null },
      ...{ register: null, registerId: null, buyerReference: at % 4 === 3 ? '04011000-12345-34' : 'dept 7' },
      orderNumber: at % 2 === 0 ? null : `PO-${at}`,
    },
    coDebtors: Array.from({ length: spec.coDebtors }, (_, number) => ({
      ...{
        ...NO_PARTS,
        id: `co-${number}`,
        legalName: `Globex Proxy ${number} Ltd`,
        ground: 'Uses the same keys',
      },
      ...{
        address: 'London',
        street: null,
        postcode: null,
        city: null,
        country: 'GB',
        email: null,
        phone: null,
      },
      ...{ contact: null, vatId: null, taxId: null, register: null, registerId: null },
      ...{ clientId: 'globex', buyerReference: null, orderNumber: null },
    })),
    clause: {
      ...{
        id: 'x-2026-01-15-us',
        variant: 'us',
        name: "X's terms of service, Liquidated Damages",
        text: 'Quoted.',
      },
      ...{ source: 'https://x.example/tos', law: 'Texas', validFrom: '2026-01-15' },
    },
    claimExpiries: [{ label: { en: 'Federal claims' }, on: '2027-02-10' }],
    readings: isCorrection
      ? []
      : [
          { name: 'as_billed', posts: 2_000_001, amount: text(amountMinor), isUsed: true },
          { name: 'basis_excess', posts: 1, amount: text(2n), isUsed: false },
        ],
    corrects: isCorrection ? { id: 'corrected', displayNumber: 'PM-000012', issuedOn: '2026-02-20' } : null,
    eInvoice: 'cii',
  };
}

function bankOf(currency: string): IssuedDocument['bank'] {
  const holder = 'Example Posts GmbH';
  if (currency === 'EUR') {
    const bank = { iban: 'DE02120300000000202051', bic: 'BYLADEM1001', bankName: null };
    return { holder, ...bank, accountNumber: null, routingNumber: null };
  }
  return {
    holder,
    iban: null,
    bic: null,
    accountNumber: '000123456789',
    routingNumber: '021000021',
    bankName: 'Example Bank',
  };
}

export const SAMPLES: readonly Sample[] = SAMPLE_SPECS.map(sampleOf);
