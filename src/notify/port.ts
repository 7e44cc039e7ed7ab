/** What sending needs from outside: the outbox in the ledger, the ways out, and encryption. */

import type { NotifyEvent } from './event.ts';
import type { AfterAttempt, AttemptResult } from './plan.ts';
import type { ReceiverKind, Subscription } from './receiver.ts';

/** A receiver as the sender needs it. */
export interface Recipient extends Subscription {
  readonly name: string;
  readonly kind: ReceiverKind;
  readonly sealed: Uint8Array;
}

export interface DueMessage {
  readonly id: string;
  readonly event: NotifyEvent;
  /** Attempts so far, and those under the present plan. */
  readonly attempts: number;
  readonly tries: number;
}

/** One attempt, as the log keeps it. */
export interface MessageAttempt extends AttemptResult {
  readonly atMs: number;
  readonly durationMs: number;
  /** Why there was no response; null if there was one. */
  readonly error: string | null;
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly requestBody: string;
  /** First 2 KB of the response. */
  readonly responseHead: string;
}

/** An attempt with the message that it was for and what follows. */
export interface MadeAttempt {
  readonly message: DueMessage;
  readonly attempt: MessageAttempt;
  readonly next: AfterAttempt;
}

/** The messages in the ledger. Several processes may send at once; each receiver is sent to by one of them at a time. */
export interface Outbox {
  /**
   * Takes the turns of at most `limit` receivers with due messages, those that waited longest first. Until `leaseMs` from
   * now no other process takes them.
   */
  claim(
    kinds: readonly ReceiverKind[],
    nowMs: number,
    leaseMs: number,
    limit: number,
  ): Promise<readonly Recipient[]>;
  /** Due messages of a receiver in the order in which they are due. */
  due(receiverId: string, nowMs: number, limit: number): Promise<readonly DueMessage[]>;
  /**
   * Writes attempts with their consequences in one transaction, and extends the lease. A message that is given up is
   * reported to other receivers by an event. After `gone` the receiver is off and its messages are skipped.
   */
  record(recipient: Recipient, made: readonly MadeAttempt[], leaseUntilMs: number): Promise<void>;
  /** Ends a turn; the next one may begin at `turnAtMs`. */
  release(receiverId: string, turnAtMs: number): Promise<void>;
  /** All receivers that are on. */
  recipients(): Promise<readonly Recipient[]>;
  /** When the next turn of a receiver of these kinds is due, epoch milliseconds; null if no message waits. */
  nextDueMs(kinds: readonly ReceiverKind[]): Promise<number | null>;
  /** Writes an event that was sent while the ledger was away, with its attempts. */
  addSent(
    event: NotifyEvent,
    sent: ReadonlyArray<{ readonly recipient: Recipient; readonly made: MadeAttempt }>,
  ): Promise<void>;
}

export interface PostAnswer {
  readonly status: number;
  /** The field `Retry-After`. */
  readonly retryAfter: string | null;
  /** First 2 KB of the body. */
  readonly head: string;
}

/** Posts a body. Does not follow redirects, reads at most 64 KB, and rejects after 15 s or for a refused address. */
export type Post = (
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
) => Promise<PostAnswer>;

export interface MailAttachment {
  readonly fileName: string;
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** Absent from a mail of plain text. */
  readonly html?: string;
  /** Without angle brackets. */
  readonly messageId: string;
  readonly attachments?: readonly MailAttachment[];
}

/** Sends a mail; resolves with the reply of the server. An error has the reply code as `responseCode` if there was one. */
export type SendMail = (mail: Mail) => Promise<PostAnswer>;

/** Encrypts what receivers keep secret. `context` binds the result to one receiver. */
export interface Sealer {
  seal(context: string, text: string): Promise<Uint8Array>;
  /** Rejects if the text was sealed with another secret or for another context. */
  open(context: string, sealed: Uint8Array): Promise<string>;
}
