/** Sends stored documents by mail or to a webhook. Each attempt is kept, whatever came of it. */

import type { IssuedDocument } from '../invoice/document.ts';
import type { Post, PostAnswer, Recipient, Sealer, SendMail } from '../notify/port.ts';
import { failureReason, openedSecrets, replyCodeOf, signedHeaders } from '../notify/signing.ts';
import { isoTimestamp } from '../report/timestamp.ts';
import { coveringLetter } from './covering-letter.ts';
import { mediaTypeOf } from './kind.ts';
import type { DocumentFile, DocumentLedger, Sending } from './port.ts';

export interface DocumentSenderDeps {
  readonly ledger: Pick<DocumentLedger, 'addSending'>;
  /** Null: this process sends no mail. */
  readonly mail: SendMail | null;
  readonly post: Post;
  readonly sealer: Sealer;
  readonly userAgent: string;
  readonly newId: () => string;
  /** Epoch milliseconds. */
  readonly nowMs: () => number;
}

export type Destination =
  | { readonly channel: 'mail'; readonly address: string }
  | { readonly channel: 'webhook'; readonly receiver: Recipient; readonly shownAddress: string };

type Names = Pick<IssuedDocument, 'displayNumber' | 'seller'>;

/** Bytes per call of `String.fromCharCode`, a multiple of three so that the parts of base64 join. */
const BASE64_PART = 24_576;

export class DocumentSender {
  readonly #deps: DocumentSenderDeps;

  constructor(deps: DocumentSenderDeps) {
    this.#deps = deps;
  }

  get hasMailer(): boolean {
    return this.#deps.mail !== null;
  }

  /** Makes one attempt and keeps it. Rejects only if the ledger cannot keep it. */
  async send(file: DocumentFile, to: Destination, names: Names, actor: string): Promise<Sending> {
    const { ledger, newId, nowMs } = this.#deps;
    const id = newId();
    const atMs = nowMs();
    const outcome = await this.#attempt(id, file, to, names, atMs).then(answered, (error: unknown) => ({
      outcome: 'failed' as const,
      status: replyCodeOf(error),
      detail: failureReason(error),
    }));
    const address = to.channel === 'mail' ? to.address : to.shownAddress;
    const sending = { id, documentId: file.id, channel: to.channel, address, atMs, actor, ...outcome };
    await ledger.addSending(sending);
    return sending;
  }

  async #attempt(
    id: string,
    file: DocumentFile,
    to: Destination,
    names: Names,
    atMs: number,
  ): Promise<PostAnswer> {
    const { mail, post, sealer, userAgent } = this.#deps;
    const contentType = mediaTypeOf(file.format);
    if (to.channel === 'mail') {
      if (mail === null) throw new Error('this process has no mailer');
      const attachments = [{ fileName: file.fileName, contentType, bytes: file.bytes }];
      return mail({
        to: to.address,
        messageId: `${id}@postmeter`,
        attachments,
        ...coveringLetter(file, names),
      });
    }
    const secrets = await openedSecrets(sealer, to.receiver.id, to.receiver.sealed);
    const body = webhookBodyOf(file, names, contentType, atMs);
    const headers = {
      ...{ 'content-type': 'application/json', 'user-agent': userAgent },
      ...signedHeaders(secrets, id, body, atMs),
    };
    return post(secrets.address, headers, body);
  }
}

function answered({ status, head }: PostAnswer): Pick<Sending, 'outcome' | 'status' | 'detail'> {
  return { outcome: status >= 200 && status < 300 ? 'sent' : 'failed', status, detail: head };
}

/** A body of Standard Webhooks with the file in base64. */
function webhookBodyOf(file: DocumentFile, names: Names, contentType: string, atMs: number): string {
  const { id, subject, kind, format, language, copy, fileName, sha256, contentHash, bytes } = file;
  return JSON.stringify({
    type: 'document.sent',
    timestamp: isoTimestamp(atMs),
    data: {
      ...{ document: id, subject, kind, format, language, copy, number: names.displayNumber },
      ...{ fileName, contentType, sha256, contentHash, content: base64(bytes) },
    },
  });
}

function base64(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += BASE64_PART) {
    parts.push(btoa(String.fromCharCode(...bytes.subarray(at, at + BASE64_PART))));
  }
  return parts.join('');
}
