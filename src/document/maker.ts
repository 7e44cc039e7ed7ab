/** Makes the documents of issued invoices and of dunnings, and stores each once. */

import { hexOf } from '../invoice/seal.ts';
import type { Sha256 } from '../meter/chain/leaves.ts';
import { utcDateOf } from '../receivable/date.ts';
import type { Language } from '../seller/language.ts';
import { DocumentError } from './document-error.ts';
import type { DocumentInput } from './input.ts';
import type { ClaimBasis, DocumentFile, DocumentLedger, DocumentPress, DunningBasis } from './port.ts';
import {
  copiesOf,
  type DocumentKey,
  type DocumentVariant,
  documentFileName,
  subjectOfLetter,
  wantedDocuments,
} from './wanted.ts';

export interface MakerDeps {
  readonly ledger: DocumentLedger;
  readonly press: DocumentPress;
  readonly sha256: Sha256;
  readonly newId: () => string;
  /** Epoch milliseconds. */
  readonly nowMs: () => number;
}

export type MakeOutcome =
  /** `isNew` is false if the document was stored before. */
  | { readonly kind: 'made'; readonly document: DocumentFile; readonly isNew: boolean }
  /** There is no such subject, or its invoice is not issued or older than documents. */
  | { readonly kind: 'not_found' }
  | { readonly kind: 'no_such_copy'; readonly copies: number }
  /** A dunning letter is not an e-invoice. */
  | { readonly kind: 'pdf_only' }
  | { readonly kind: 'refused'; readonly key: DocumentKey; readonly error: DocumentError };

/** What documents of one subject are drawn from, and the names that they share. */
interface Source {
  readonly kind: 'invoice' | 'dunning';
  readonly displayNumber: string;
  readonly level: number | undefined;
  readonly copies: number;
  readonly wanted: readonly DocumentVariant[];
  readonly contentHash: string | null;
  draw(variant: DocumentVariant): Promise<Uint8Array>;
}

const SUBJECT = /^(invoices|dunnings)\/([^/]+)$/;

export class DocumentMaker {
  readonly #deps: MakerDeps;

  constructor(deps: MakerDeps) {
    this.#deps = deps;
  }

  /** Makes one document, or returns the stored one. A refusal is kept in the ledger too. */
  async make(subject: string, variant: DocumentVariant, by: string): Promise<MakeOutcome> {
    const source = await this.#sourceOf(subject);
    if (source === null) return { kind: 'not_found' };
    if (variant.copy > source.copies) return { kind: 'no_such_copy', copies: source.copies };
    if (source.kind === 'dunning' && variant.format !== 'pdf') return { kind: 'pdf_only' };
    return this.#make(source, { subject, kind: source.kind, ...variant }, by);
  }

  /** Makes what the subject needs. Returns one outcome for each document. */
  async makeWanted(subject: string, by: string): Promise<MakeOutcome[]> {
    const source = await this.#sourceOf(subject);
    if (source === null) return [{ kind: 'not_found' }];
    const outcomes: MakeOutcome[] = [];
    for (const variant of source.wanted) {
      outcomes.push(await this.#make(source, { subject, kind: source.kind, ...variant }, by));
    }
    return outcomes;
  }

  /**
   * Makes and stores the letter before action of a draft, a copy for each debtor. `answerBy` is a UTC date.
   * Throws `DocumentError`; nothing is stored then.
   */
  async makeLetters(
    { claim, logo }: ClaimBasis,
    {
      language,
      answerBy,
      by,
    }: { readonly language: Language; readonly answerBy: string; readonly by: string },
  ): Promise<DocumentFile[]> {
    const { press, ledger, nowMs } = this.#deps;
    const atMs = nowMs();
    const subject = subjectOfLetter(claim.invoice.id, atMs);
    const written = { claim, logo, language, atMs, answerBy, writtenOn: utcDateOf(atMs) };
    const drawn = [];
    for (let copy = 1; copy <= copiesOf(claim.document); copy++) {
      const key = { subject, kind: 'letter', format: 'pdf', language, copy } as const;
      drawn.push({ key, bytes: await press.pdf({ kind: 'letter', copy, ...written }) });
    }
    const files = [];
    for (const { key, bytes } of drawn) {
      const fileName = documentFileName(claim.invoice.clientId, key);
      files.push(await ledger.add(this.#file(key, bytes, { fileName, contentHash: null, by })));
    }
    return files;
  }

  /** Draws a stored document again, without storing it. Null if its subject is gone or another template drew it. */
  async again({ template, subject, format, language, copy }: DocumentFile): Promise<Uint8Array | null> {
    if (template !== this.#deps.press.template) return null;
    return (await this.#sourceOf(subject))?.draw({ format, language, copy }) ?? null;
  }

  async #make(source: Source, key: DocumentKey, by: string): Promise<MakeOutcome> {
    const { ledger, press, nowMs } = this.#deps;
    const stored = await ledger.find(key);
    if (stored?.template === press.template) return { kind: 'made', document: stored, isNew: false };
    let bytes: Uint8Array;
    try {
      bytes = await source.draw(key);
    } catch (error) {
      if (!(error instanceof DocumentError)) throw error;
      await ledger.fail({ ...key, code: error.code, detail: error.message, atMs: nowMs() });
      return { kind: 'refused', key, error };
    }
    const fileName = documentFileName(source.displayNumber, key, source.level);
    const made = this.#file(key, bytes, { fileName, contentHash: source.contentHash, by });
    const document = await ledger.add(made);
    return { kind: 'made', document, isNew: document.id === made.id };
  }

  #file(
    key: DocumentKey,
    bytes: Uint8Array,
    given: { readonly fileName: string; readonly contentHash: string | null; readonly by: string },
  ): DocumentFile {
    const { press, sha256, newId, nowMs } = this.#deps;
    const { subject, kind, format, language, copy } = key;
    const { fileName, contentHash, by } = given;
    return {
      ...{ subject, kind, format, language, copy, fileName, contentHash },
      ...{ id: newId(), template: press.template, madeAtMs: nowMs(), madeBy: by },
      ...{ bytes, size: bytes.length, sha256: hexOf(sha256(bytes)) },
    };
  }

  async #sourceOf(subject: string): Promise<Source | null> {
    const [, kind, id] = SUBJECT.exec(subject) ?? [];
    const { ledger, press } = this.#deps;
    if (kind === 'invoices') {
      const basis = await ledger.claim(id!);
      return basis && invoiceSource(basis, press);
    }
    if (kind !== 'dunnings') return null;
    const basis = await ledger.dunning(id!);
    return basis && dunningSource(basis, press);
  }
}

function invoiceSource({ claim, contentHash, logo }: ClaimBasis, press: DocumentPress): Source {
  const { document, invoice } = claim;
  return {
    ...{ kind: 'invoice', displayNumber: document.displayNumber, level: undefined, contentHash },
    copies: copiesOf(document),
    wanted: wantedDocuments(document),
    draw: async ({ format, language, copy }) => {
      if (format !== 'pdf') return new TextEncoder().encode(await press.eInvoice(format, claim));
      const facturX = document.eInvoice === 'facturx' && copy === 1 ? await facturXOf(press, claim) : null;
      const atMs = invoice.issuedAtMs!;
      return press.pdf({ kind: 'invoice', claim, isDraft: false, copy, facturX, language, logo, atMs });
    },
  };
}

/** Null if the invoice cannot be expressed as CII: the PDF is made without it, and making the CII itself is refused. */
async function facturXOf(press: DocumentPress, claim: ClaimBasis['claim']): Promise<string | null> {
  try {
    return await press.eInvoice('cii', claim);
  } catch (error) {
    if (error instanceof DocumentError) return null;
    throw error;
  }
}

function dunningSource({ input, texts, contentHash }: DunningBasis, press: DocumentPress): Source {
  const { document } = input;
  const copies = copiesOf(document);
  return {
    ...{ kind: 'dunning', displayNumber: document.displayNumber, level: input.level, contentHash, copies },
    wanted: wantedDocuments({ ...document, eInvoice: 'none' }),
    draw: ({ language, copy }) => {
      const { title, text } = texts[language] ?? { title: null, text: null };
      const drawn: DocumentInput = { ...input, language, copy, title, text };
      return press.pdf(drawn);
    },
  };
}
