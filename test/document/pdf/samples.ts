/** Inputs of documents for tests: a breach of 1,234,567 posts, with everything that a document can show. */

import type {
  Claim,
  DocumentInput,
  DunningInput,
  InvoiceInput,
  LetterInput,
  StatementInput,
} from '../../../src/document/input.ts';
import type { Breach, Invoice, InvoiceLine } from '../../../src/invoice/model.ts';
import { DEFAULT_TARIFF, type Tariff } from '../../../src/tariff/tariff.ts';
import { CO_DEBTOR, documentOf } from '../issued.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
export const FROM_MS = Date.UTC(2026, 1, 10, 6, 15);
export const TO_MS = Date.UTC(2026, 1, 11, 9, 40);
const PEAK_MS = Date.UTC(2026, 1, 11, 3, 0);
export const ISSUED_MS = Date.UTC(2026, 2, 1, 9, 30);
const TARIFF_ID = '00000000-0000-7000-8000-000000000042';

const CLAUSE_TEXT = `Protecting our users' data and our system resources is important to us. You further agree that, to the extent permitted by applicable law, if you violate these Terms, or you induce or facilitate others to do so, in addition to all other legal remedies available to us, you will be jointly and severally liable to us for liquidated damages as follows for requesting, viewing, or accessing more than 1,000,000 posts (including reply posts, video posts, image posts, and any other posts) in any 24-hour period: $15,000 USD per 1,000,000 posts.
You agree that these amounts are (i) a reasonable estimate of our damages; (ii) not a penalty; and (iii) not otherwise limiting of our ability to recover from you or others under any legal or equitable theory or claim.`;

export function chargeLine(changes: Partial<InvoiceLine> = {}): InvoiceLine {
  return {
    ...{ kind: 'charge', offsetsInvoiceId: null, tariffVersionId: TARIFF_ID, description: 'Posts' },
    ...{ fromMs: FROM_MS, toMs: TO_MS, posts: 1_234_567, priceMinor: 1_500_000n, block: 1_000_000 },
    ...{ rounding: 'prorated', amountMinor: 1_851_851n, peakPosts: 1_198_004, peakAtMs: PEAK_MS },
    ...{ correctsLine: null, reason: null },
    ...changes,
  };
}

export function offsetLine(changes: Partial<InvoiceLine> = {}): InvoiceLine {
  return chargeLine({
    ...{ kind: 'offset', offsetsInvoiceId: 'first', posts: -1_234_567, priceMinor: 0n, block: 1 },
    ...{ amountMinor: -1_851_851n, peakPosts: null, peakAtMs: null },
    ...changes,
  });
}

export const DOCUMENT = documentOf(17, {
  ...{ displayNumber: 'PM-000017', net: '18518.51', tax: '0.00', payable: '18518.51' },
  seller: {
    ...documentOf(17).seller,
    ...{ legalName: 'X Corp.', street: '865 FM 1209, Building 2', postcode: '78602', city: 'Bastrop' },
    ...{ region: 'TX', country: 'US', email: 'receivables@x.example', phone: '+1 512 555 0100' },
    ...{ register: 'Nevada Secretary of State', registerId: 'E36278142023-4', taxId: '12-3456789' },
  },
  buyer: {
    ...documentOf(17).buyer,
    ...{ street: 'Keizersgracht 123', postcode: '1015 CJ', city: 'Amsterdam', country: 'NL' },
    ...{ vatId: 'NL123456789B01', buyerReference: 'AP-2026-7', orderNumber: null },
  },
  bank: {
    ...{ holder: 'X Corp.', iban: null, bic: 'CHASUS33', accountNumber: '000123456789' },
    ...{ routingNumber: '021000021', bankName: 'JPMorgan Chase Bank, N.A.' },
  },
  clause: {
    ...{ id: 'x-2026-01-15-us', variant: 'us', name: 'X Terms of Service, "Liquidated Damages"' },
    ...{ text: CLAUSE_TEXT, source: 'https://x.com/en/tos', validFrom: '2026-01-15' },
    law: 'State of Texas; courts of Tarrant County, Texas',
  },
  claimExpiries: [
    { label: { en: 'Federal claims', de: 'Ansprüche nach Bundesrecht' }, on: '2027-02-10' },
    { label: { en: 'State-law claims', de: 'Ansprüche nach Recht des Bundesstaats' }, on: '2028-02-10' },
  ],
  readings: [
    { name: 'as_billed', posts: 1_234_567, amount: '18518.51', isUsed: true },
    { name: 'basis_excess', posts: 234_567, amount: '3518.51', isUsed: false },
    { name: 'rounding_completed', posts: 1_234_567, amount: '15000.00', isUsed: false },
    { name: 'rounding_started', posts: 1_234_567, amount: '30000.00', isUsed: false },
    { name: 'calendar_days', posts: 1_102_410, amount: '16536.15', isUsed: false },
    { name: 'unique_posts', posts: 1_190_233, amount: '17853.50', isUsed: false },
  ],
});

export function invoiceOf(changes: Partial<Invoice> = {}): Invoice {
  return {
    ...{ id: '0195a000-0000-7000-8000-000000000017', number: 17, kind: 'invoice', status: 'issued' },
    ...{ clientId: 'globex', breachId: 'breach', monthMs: null, correctsId: null, currency: 'USD' },
    ...{ amountMinor: 1_851_851n, lines: [chargeLine()], billTo: null, approvedBy: 'ada (finance)' },
    ...{ approvedAtMs: ISSUED_MS - HOUR_MS, issuedAtMs: ISSUED_MS, rejection: null },
    ...{ createdAtMs: TO_MS, updatedAtMs: ISSUED_MS, origin: 'billing', series: 'invoices' },
    ...{ sellerId: 'default', taxMinor: 0n, document: DOCUMENT, approverTokenId: null },
    ...changes,
  } as Invoice;
}

const BREACH: Breach = {
  ...{ id: 'breach', clientId: 'globex', stretchFromMs: FROM_MS, stretchToMs: TO_MS, fromMs: FROM_MS },
  ...{ toMs: TO_MS, posts: 1_234_567, billedPosts: 1_234_567, unbilledReason: null },
  ...{ peakPosts: 1_198_004, peakAtMs: PEAK_MS, amountMinor: 1_851_851n, currency: 'USD' },
  state: 'closed',
} as Breach;

export function tariffVersion(tariff: Tariff = DEFAULT_TARIFF) {
  return { id: TARIFF_ID, clientId: null, version: 1, validFromMs: 0, tariff };
}

/** Rises to the peak and falls back, a column every ten minutes. */
function series(): NonNullable<Claim['chart']> {
  const fromMs = FROM_MS - 12 * HOUR_MS;
  const toMs = TO_MS + 12 * HOUR_MS;
  const columns = [];
  for (let atMs = fromMs; atMs < toMs; atMs += 10 * MINUTE_MS) {
    const total = Math.round(1_198_004 * Math.exp(-(((atMs - PEAK_MS) / (9 * HOUR_MS)) ** 2)));
    columns.push({ atMs, min: total, max: total });
  }
  return {
    ...{ fromMs, toMs, columns, thresholds: [{ fromMs, toMs, threshold: 1_000_000 }] },
    ...{ over: [], breaches: [{ fromMs: FROM_MS, toMs: TO_MS }], gaps: [], tariffsMs: [] },
  };
}

export function claimOf(changes: Partial<Claim> = {}): Claim {
  return {
    ...{ invoice: invoiceOf(), document: DOCUMENT, tariffs: [tariffVersion()], breach: BREACH },
    seal: { contentHash: 'c0'.repeat(32), usageHash: 'a1'.repeat(32), chainsHash: '5e'.repeat(32) },
    chart: series(),
    identifiers: [
      { kind: 'api_key', hint: '9f3c', posts: 800_000 },
      { kind: 'cidr', hint: '203.0.113.0/24', posts: 434_567 },
    ],
    ...{ gaps: [], offsets: {}, issuedBy: 'grace (finance)', bucketSeconds: 60 },
    usage: Array.from({ length: 120 }, (_, at) => [FROM_MS + at * MINUTE_MS, 10_000 + at] as const),
    ...changes,
  };
}

export function invoiceInput(changes: Partial<InvoiceInput> = {}): InvoiceInput {
  return {
    ...{ kind: 'invoice', language: 'en', logo: null, atMs: ISSUED_MS, claim: claimOf() },
    ...{ isDraft: false, copy: 1, facturX: null },
    ...changes,
  };
}

export function letterInput(changes: Partial<LetterInput> = {}): LetterInput {
  const draft = invoiceOf({ status: 'draft', number: null, issuedAtMs: null, approvedBy: null });
  const document = { ...DOCUMENT, displayNumber: '', paymentReference: '' };
  const claim = claimOf({ invoice: draft, document, seal: null, issuedBy: null });
  return {
    ...{ kind: 'letter', language: 'en', logo: null, atMs: ISSUED_MS, claim, copy: 1 },
    ...{ writtenOn: '2026-02-14', answerBy: '2026-02-28' },
    ...changes,
  };
}

export function dunningInput(changes: Partial<DunningInput> = {}): DunningInput {
  const common = { invoiceId: 'x', reversesId: null, atMs: ISSUED_MS, actor: 'ada', reason: null };
  return {
    ...{ kind: 'dunning', language: 'en', logo: null, atMs: ISSUED_MS, invoice: invoiceOf() },
    ...{ document: DOCUMENT, copy: 1, level: 2, title: null, text: null, writtenOn: '2026-04-14' },
    entries: [
      {
        ...common,
        id: 1,
        kind: 'charge',
        amountMinor: 1_851_851n,
        paymentId: null,
        creditNoteId: null,
        effectiveOn: '2026-03-01',
      },
      {
        ...common,
        id: 2,
        kind: 'payment',
        amountMinor: -500_000n,
        paymentId: 'p',
        creditNoteId: null,
        effectiveOn: '2026-03-20',
      },
    ],
    balanceMinor: 1_351_851n,
    ...changes,
  };
}

export function statementInput(changes: Partial<StatementInput> = {}): StatementInput {
  const row = { atMs: ISSUED_MS, id: 'x', text: null, dueOn: null };
  return {
    ...{ kind: 'statement', language: 'en', logo: null, atMs: ISSUED_MS, seller: DOCUMENT.seller },
    ...{ buyer: DOCUMENT.buyer, texts: {}, bank: DOCUMENT.bank, currency: 'USD' },
    ...{ fromOn: '2026-01-01', toOn: '2026-03-31' },
    statement: {
      openingMinor: 0n,
      rows: [
        {
          ...row,
          kind: 'invoice',
          on: '2026-03-01',
          number: 'PM-000017',
          dueOn: '2026-03-31',
          amountMinor: 1_851_851n,
          balanceMinor: 1_851_851n,
        },
        {
          ...row,
          kind: 'payment',
          on: '2026-03-20',
          number: null,
          text: 'RF30PM000017',
          amountMinor: -500_000n,
          balanceMinor: 1_351_851n,
        },
        {
          ...row,
          kind: 'credit_note',
          on: '2026-03-25',
          number: 'PM-000018',
          amountMinor: -100_000n,
          balanceMinor: 1_251_851n,
        },
      ],
      closingMinor: 1_251_851n,
    },
    ...changes,
  };
}

export const WITH_CO_DEBTORS = {
  ...DOCUMENT,
  coDebtors: [CO_DEBTOR, { ...CO_DEBTOR, id: 'b', legalName: 'Globex Holding SA' }],
};

const CORRECTS = { id: 'first', displayNumber: 'PM-000017', issuedOn: '2026-03-01' };
const OFFSETS = { first: { displayNumber: 'PM-000017', kind: 'invoice' as const, issuedOn: '2026-03-01' } };

/** Charges 1,300,000 posts instead of 1,234,567. */
export function supplementInput(changes: Partial<InvoiceInput> = {}): InvoiceInput {
  const document = {
    ...DOCUMENT,
    ...{ displayNumber: 'PM-000018', net: '981.49', payable: '981.49', corrects: CORRECTS },
  };
  const lines = [chargeLine({ posts: 1_300_000, amountMinor: 1_950_000n }), offsetLine()];
  const invoice = invoiceOf({ kind: 'supplement', number: 18, amountMinor: 98_149n, lines, document });
  return invoiceInput({ claim: claimOf({ document, invoice, offsets: OFFSETS }), ...changes });
}

/** A manual credit of 5,000 USD. */
export function creditNoteInput(changes: Partial<InvoiceInput> = {}): InvoiceInput {
  const document = {
    ...{ ...DOCUMENT, displayNumber: 'PM-000019', net: '-5000.00', payable: '-5000.00' },
    ...{ corrects: CORRECTS, readings: [], claimExpiries: [] },
  };
  const credit = { kind: 'credit', posts: 0, amountMinor: -500_000n, correctsLine: 0 } as const;
  const lines = [
    chargeLine({ ...credit, reason: 'Settlement of 20 March 2026', peakPosts: null, peakAtMs: null }),
  ];
  const invoice = invoiceOf({
    kind: 'credit_note',
    amountMinor: -500_000n,
    lines,
    document,
    origin: 'manual',
  });
  return invoiceInput({ claim: claimOf({ document, invoice, usage: [] }), ...changes });
}

const CONTRACT: Tariff = {
  ...{ kind: 'licence', included: 5_000_000, count: 'unique', priceMinor: 1_200n, block: 1_000 },
  ...{ rounding: 'started', currency: 'EUR' },
};

/** A licence month in euros, with VAT of 19 %, an IBAN and a seller in Germany. */
export function licenceInput(changes: Partial<InvoiceInput> = {}): InvoiceInput {
  const document = {
    ...{ ...DOCUMENT, displayNumber: 'DE-2026-0004', net: '1440.00', tax: '273.60', payable: '1713.60' },
    ...{ clause: null, claimExpiries: [], readings: [] },
    taxRule: {
      ...DOCUMENT.taxRule,
      appliesTo: 'licence',
      category: 'S',
      rateBp: 1900,
      exemptionCode: null,
      reason: {},
    },
    seller: {
      ...DOCUMENT.seller,
      legalName: 'Müller & Söhne GmbH',
      country: 'DE',
      region: null,
      city: 'Köln',
      postcode: '50667',
      vatId: 'DE123456789',
    },
    bank: {
      ...DOCUMENT.bank!,
      iban: 'DE89370400440532013000',
      bic: 'COBADEFFXXX',
      accountNumber: null,
      routingNumber: null,
    },
  } as const;
  const [fromMs, toMs] = [Date.UTC(2026, 1, 1), Date.UTC(2026, 2, 1)];
  const line = chargeLine({
    posts: 119_500,
    priceMinor: 1_200n,
    block: 1_000,
    rounding: 'started',
    amountMinor: 144_000n,
  });
  const lines = [{ ...line, fromMs, toMs, peakPosts: null, peakAtMs: null }];
  const invoice = invoiceOf({
    ...{
      breachId: null,
      monthMs: fromMs,
      currency: 'EUR',
      amountMinor: 144_000n,
      taxMinor: 27_360n,
      lines,
      document,
    },
  });
  const claim = claimOf({ invoice, document, tariffs: [tariffVersion(CONTRACT)], breach: null, chart: null });
  return invoiceInput({ claim, ...changes });
}

/** One document of each kind and language. */
export function sampleInputs(): Record<string, DocumentInput> {
  const coDebtors = claimOf({ document: WITH_CO_DEBTORS });
  return {
    'invoice-en': invoiceInput(),
    'invoice-de': invoiceInput({ language: 'de' }),
    'invoice-fr': invoiceInput({ language: 'fr' }),
    'invoice-es': invoiceInput({ language: 'es' }),
    draft: invoiceInput({ isDraft: true }),
    copy: invoiceInput({ copy: 2, claim: coDebtors }),
    facturx: invoiceInput({ facturX: '<?xml version="1.0"?><rsm:CrossIndustryInvoice/>' }),
    supplement: supplementInput(),
    'credit-note': creditNoteInput(),
    licence: licenceInput({ language: 'de' }),
    dunning: dunningInput(),
    statement: statementInput(),
    letter: letterInput(),
  };
}
