/** What making, keeping and sending documents needs from outside: the ledger, the renderers, and the ways out. */

import type { IssuedDocument } from '../invoice/document.ts';
import type { DocumentRefusal } from '../invoice/outcome.ts';
import type { Claim, DocumentInput, DunningInput } from './input.ts';
import type { DocumentFormat } from './kind.ts';
import type { DocumentKey } from './wanted.ts';

/** A stored document without its bytes. */
export interface DocumentRecord extends DocumentKey {
  readonly id: string;
  readonly template: number;
  readonly fileName: string;
  /** Hex, of the bytes. */
  readonly sha256: string;
  readonly size: number;
  /** Of the invoice; null for a document of no single invoice, and for a letter from a draft. */
  readonly contentHash: string | null;
  readonly madeAtMs: number;
  readonly madeBy: string;
}

export interface DocumentFile extends DocumentRecord {
  readonly bytes: Uint8Array;
}

/** Why a document could not be made the last time. */
export interface DocumentFailure extends DocumentKey {
  readonly code: string;
  readonly detail: string;
  readonly atMs: number;
}

export type SendingChannel = 'mail' | 'webhook';

/** One attempt to send a document. */
export interface Sending {
  readonly id: string;
  readonly documentId: string;
  readonly channel: SendingChannel;
  /** The mailbox, or the host of the receiver's URL. */
  readonly address: string;
  readonly atMs: number;
  readonly actor: string;
  readonly outcome: 'sent' | 'failed';
  /** Reply code of the mail server, or status of the response; null without one. */
  readonly status: number | null;
  /** Why it failed, or the reply. */
  readonly detail: string;
}

/** An issued invoice with what its documents are drawn from. */
export interface ClaimBasis {
  readonly claim: Claim;
  readonly contentHash: string | null;
  readonly logo: DocumentInput['logo'];
}

/** A draft as issue would document it now, or what issue needs and is missing. */
export type DraftBasis = (ClaimBasis & { readonly kind: 'draft' }) | DocumentRefusal;

/** What the newest document of a client says of the parties. */
export interface PartiesBasis {
  readonly document: IssuedDocument;
  readonly logo: DocumentInput['logo'];
}

/** A dunning letter before its language and copy are chosen. Title and text are chosen by `language`. */
export interface DunningBasis {
  readonly input: Omit<DunningInput, 'language' | 'copy' | 'title' | 'text'>;
  readonly texts: Readonly<Partial<Record<string, { readonly title: string; readonly text: string }>>>;
  readonly contentHash: string | null;
}

export interface DocumentLedger {
  /** Null if there is no such issued invoice, or if it is older than documents. */
  claim(invoiceId: string): Promise<ClaimBasis | null>;
  /** Null if there is no such invoice, or if it is neither a draft nor approved. */
  draft(invoiceId: string, bucketSeconds: number, nowMs: number): Promise<DraftBasis | null>;
  /** Null if there is no such dunning, or if its invoice is older than documents. */
  dunning(dunningId: string): Promise<DunningBasis | null>;
  /** The newest issued invoice of a client in a currency: what it says of the parties. Null if there is none. */
  parties(clientId: string, currency: string): Promise<PartiesBasis | null>;
  /** Documents of the subject and of those below it, oldest first. */
  list(subject: string): Promise<readonly DocumentRecord[]>;
  failures(subject: string): Promise<readonly DocumentFailure[]>;
  /** The newest template's document; null if there is none. */
  find(key: DocumentKey): Promise<DocumentFile | null>;
  byId(documentId: string): Promise<DocumentFile | null>;
  /** At most `limit` ids of documents after the id `after`, in order; null starts at the first. */
  ids(after: string | null, limit: number): Promise<readonly string[]>;
  /** Stores the document and deletes its failure. Returns the document that was stored first, this one or an equal one. */
  add(made: DocumentFile): Promise<DocumentFile>;
  /** Keeps the latest failure of the document. */
  fail(failure: DocumentFailure): Promise<void>;
  /**
   * Subjects that lack documents, oldest first: invoices issued and dunnings written at `sinceMs` or later, and subjects
   * whose last failure is older than `retryBeforeMs`.
   */
  unmade(sinceMs: number, retryBeforeMs: number, limit: number): Promise<readonly string[]>;
  addSending(sending: Sending): Promise<void>;
  /** Of the documents of the subject and of those below it, oldest first. */
  sendings(subject: string): Promise<readonly Sending[]>;
}

/** The renderers. They reject with `DocumentError` for input that they cannot draw. */
export interface DocumentPress {
  /** Version of the program text that draws: the same template draws the same bytes. */
  readonly template: number;
  pdf(input: DocumentInput): Promise<Uint8Array>;
  /** The text of the e-invoice. */
  eInvoice(format: Exclude<DocumentFormat, 'pdf'>, claim: Claim): Promise<string>;
}
