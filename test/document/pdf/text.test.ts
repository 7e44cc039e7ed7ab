import { beforeAll, describe, expect, it } from 'vitest';
import { readDocumentFonts } from '../../../src/adapters/node/documents/fonts.ts';
import { minorMoney, numberText } from '../../../src/document/format.ts';
import type { Claim, DocumentFonts, DocumentInput, InvoiceInput } from '../../../src/document/input.ts';
import { renderPdf } from '../../../src/document/pdf/render.ts';
import { DOCUMENT_TEXTS } from '../../../src/document/texts/language-texts.ts';
import { LANGUAGES, type Language } from '../../../src/seller/language.ts';
import { isInstalled } from '../../support/services/installed.ts';
import { layoutText, wordsOf } from './poppler.ts';
import * as samples from './samples.ts';

const { chargeLine, claimOf, DOCUMENT, invoiceInput, invoiceOf } = samples;

/** A busy machine draws the first document of a process in seconds. */
const MAX_DRAWING_MS = 30_000;

let fonts: DocumentFonts;
beforeAll(async () => {
  fonts = await readDocumentFonts();
});

const draw = (input: DocumentInput) => renderPdf(input, fonts);

/** The decimal numbers of a text in the signs of a language, as they are in the input. */
function figuresOf(text: string, language: Language): Set<string> {
  const { group, decimal } = DOCUMENT_TEXTS[language].signs;
  const separator = group === '\u00a0' ? ' ' : group;
  const number = new RegExp(
    `\\d{1,3}(?:\\${separator}\\d{3})+(?:\\${decimal}\\d+)?|\\d+(?:\\${decimal}\\d+)?`,
    'g',
  );
  const found = [...text.matchAll(number)].map(([figure]) =>
    figure.replaceAll(separator, '').replace(decimal, '.'),
  );
  return new Set(found);
}

/** Every number and amount that a claim must show. */
function figuresOfClaim({ invoice, document }: Claim): string[] {
  const amounts = [document.net, document.payable, ...document.readings.map(({ amount }) => amount!)];
  return [
    ...amounts.map((amount) => amount.replace('-', '')),
    ...document.readings.map(({ posts }) => String(posts)),
    ...invoice.lines.flatMap(({ posts, peakPosts }) =>
      [posts, peakPosts].filter((count) => count).map(String),
    ),
  ].map((figure) => figure.replace('-', ''));
}

describe.runIf(isInstalled('pdftotext'))('the text of a document', { timeout: MAX_DRAWING_MS }, () => {
  it.each(LANGUAGES)('has every figure of the claim, parsed back from %s', async (language) => {
    const input = invoiceInput({ language });
    const text = layoutText(await draw(input));
    const figures = figuresOf(text, language);
    expect(figuresOfClaim(input.claim).filter((figure) => !figures.has(figure))).toEqual([]);
    for (const fact of [
      DOCUMENT.displayNumber,
      DOCUMENT.paymentReference,
      'Globex BV',
      'X Corp.',
      '1015 CJ Amsterdam',
    ]) {
      expect(text).toContain(fact);
    }
    for (const hash of Object.values(input.claim.seal!)) expect(text).toContain(hash);
    for (const name of ['usage.csv', 'evidence.txt', '021000021', 'AP-2026-7', '2027', '2028']) {
      expect(text).toContain(name);
    }
  });

  it.each(LANGUAGES)(
    'has the line of the copy, the draft mark and the letter\u2019s notice in %s',
    async (language) => {
      const words = DOCUMENT_TEXTS[language].invoice;
      const flat = (text: string) => text.replaceAll(/\s+/g, ' ');
      const shared = claimOf({ document: samples.WITH_CO_DEBTORS });
      const copy = flat(layoutText(await draw(invoiceInput({ language, claim: shared, copy: 2 }))));
      expect(copy).toContain(flat(words.jointly));
      expect(copy).toContain(flat(words.copyOf(2, 3, 'Globex Proxy Ltd')));
      const draft = layoutText(await draw(invoiceInput({ language, isDraft: true })));
      expect(draft).toContain(words.draftMark);
      const letter = flat(layoutText(await draw(samples.letterInput({ language }))));
      expect(letter).toContain(flat(words.letterNotice));
      expect(letter).not.toContain(DOCUMENT.paymentReference);
    },
  );

  it('has the entries and the balance of a dunning letter and of a statement', async () => {
    const dunning = layoutText(await draw(samples.dunningInput({ language: 'de' })));
    for (const text of ['Zweite Mahnung', '18.518,51 USD', '−5.000,00 USD', '13.518,51 USD']) {
      expect(dunning).toContain(text);
    }
    const own = layoutText(await draw(samples.dunningInput({ title: 'Pay now', text: 'First.\n\nSecond.' })));
    expect(own).toMatch(/Pay now[\s\S]*First\.[\s\S]*Second\./);
    const statement = layoutText(await draw(samples.statementInput({ language: 'es' })));
    for (const text of ['Saldo inicial', '0,00 USD', 'PM-000018', '12.518,51 USD', 'RF30PM000017']) {
      expect(statement).toContain(text);
    }
  });

  it('has the tax with its rate, and the bank account by IBAN', async () => {
    const text = layoutText(await draw(samples.licenceInput({ language: 'de' })));
    for (const part of [
      '19 %',
      '1.440,00 EUR',
      '273,60 EUR',
      '1.713,60 EUR',
      'DE89 3704 0044 0532 0130 00',
    ]) {
      expect(text).toContain(part);
    }
    expect(text).not.toContain('Kontonummer');
  });

  it('has labels of the rendered language, whatever the language at issue', async () => {
    const gaps = [{ fromMs: samples.FROM_MS, toMs: samples.FROM_MS + 3_600_000 }];
    const chart = { ...claimOf().chart!, gaps };
    const text = layoutText(
      await draw(invoiceInput({ language: 'de', claim: claimOf({ gaps, chart }) })),
    ).replaceAll(/\s+/g, ' ');
    expect(text).toContain('Ansprüche nach Bundesrecht: Der Anspruch erlischt am 10. Februar 2027.');
    expect(text).toContain('Nicht gezählt');
    expect(text).toContain('10.02.2026, 06:15 - 10.02.2026, 07:15');
  });

  it('says what to pay without an account, and how many posts of the breach are charged', async () => {
    const breach = { ...claimOf().breach!, billedPosts: 1_000_000 };
    const claim = claimOf({ document: { ...DOCUMENT, bank: null }, breach });
    const text = layoutText(await draw(invoiceInput({ claim }))).replaceAll(/\s+/g, ' ');
    expect(text).toContain(
      'Please pay USD 18,518.51 by 31 March 2026. Bank details for this currency are available',
    );
    expect(text).toContain('The breach comprises 1,234,567 posts, of which 1,000,000 are charged.');
  });

  it('has 400 lines over pages with repeated heads', async () => {
    const lines = Array.from({ length: 400 }, (_, at) =>
      chargeLine({ posts: 10_000 + at, amountMinor: BigInt(at) }),
    );
    const { signs } = DOCUMENT_TEXTS.en;
    const bytes = await draw(invoiceInput({ claim: claimOf({ invoice: invoiceOf({ lines }) }) }));
    const text = layoutText(bytes);
    const missing = lines.filter(
      ({ posts, amountMinor }) =>
        !text.includes(numberText(posts, signs)) ||
        !text.includes(minorMoney(amountMinor, 'USD', signs).replaceAll('\u00a0', ' ')),
    );
    expect(missing).toEqual([]);
    const pages = text.split('\f').filter((page) => page.includes('Posts delivered'));
    expect(pages.length).toBeGreaterThan(20);
    expect(pages.filter((page) => !/No\.\s+Item\s+Posts\s+Price\s+Amount/.test(page))).toEqual([]);
  });
});

describe.runIf(isInstalled('pdftotext'))('the words of a document', { timeout: MAX_DRAWING_MS }, () => {
  const long = 'Very Long Holding Name of Many Words and Subsidiaries '.repeat(6).slice(0, 300);
  const address = Array.from(
    { length: 12 },
    (_, at) => `Line ${at + 1} of the address of a remote place`,
  ).join('\n');
  const party = {
    legalName: long,
    address,
    street: null,
    street2: null,
    postcode: null,
    city: null,
    region: null,
  };
  const crowded: InvoiceInput = invoiceInput({
    claim: claimOf({
      document: {
        ...DOCUMENT,
        ...{ displayNumber: 'PREFIX-OF-A-LONG-SERIES-2026-000000017' },
        seller: { ...DOCUMENT.seller, ...party },
        buyer: { ...DOCUMENT.buyer, ...party, buyerReference: 'X'.repeat(120) },
        coDebtors: [{ ...DOCUMENT.buyer, ...party, id: 'c', ground: long }],
        texts: { en: { title: long, intro: long, footer: long, paymentNote: long } },
        bank: { ...DOCUMENT.bank!, holder: long, bankName: long },
      },
    }),
  });

  it.each([
    ['long names and addresses', crowded],
    [
      'the longest amounts',
      invoiceInput({
        language: 'fr',
        claim: claimOf({ document: { ...DOCUMENT, payable: '123456789012.34' } }),
      }),
    ],
    ...Object.entries(samples.sampleInputs()).filter(([name]) => name !== 'draft'),
  ] as const)('neither overlap nor leave the page: %s', async (_name, input) => {
    const { pages, words } = wordsOf(await draw(input));
    expect(words.length).toBeGreaterThan(80);
    const outside = words.filter(({ page, left, right, top, bottom }) => {
      const { width, height } = pages[page - 1]!;
      return left < 50 || right > width - 50 || top < 30 || bottom > height - 20;
    });
    expect(outside).toEqual([]);
    const overlapping = words.flatMap((one, at) =>
      words
        .slice(at + 1)
        .filter((other) => other.page === one.page && overlap(one, other))
        .map((other) => [one.text, other.text]),
    );
    expect(overlapping).toEqual([]);
  });
});

type Box = { left: number; right: number; top: number; bottom: number };

/** Boxes have the full height of the font, so lines may touch by a part of it. */
function overlap(one: Box, other: Box): boolean {
  const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
  const down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
  return across > 0.5 && down > 2.5;
}
