/** Sends due messages: five receivers at once, and one message after another for each receiver. */

import { chatBody, mailText, webhookBody } from './bodies.ts';
import { type AttemptResult, nextStep } from './plan.ts';
import type {
  DueMessage,
  MadeAttempt,
  MessageAttempt,
  Outbox,
  Post,
  PostAnswer,
  Recipient,
  Sealer,
  SendMail,
} from './port.ts';
import { dataForClient, isMailKind, RECEIVER_KINDS, type ReceiverKind } from './receiver.ts';
import type { ReceiverSecrets } from './sealed.ts';
import { failureReason, openedSecrets, replyCodeOf, signedHeaders } from './signing.ts';

export interface SenderDeps {
  readonly outbox: Outbox;
  readonly sealer: Sealer;
  readonly post: Post;
  /** Null: this process has no mailer, and leaves mail to others. */
  readonly mail: SendMail | null;
  /** Where the console is, for links; null: no links. */
  readonly consoleUrl: string | null;
  readonly userAgent: string;
  /** Epoch milliseconds. */
  readonly nowMs: () => number;
  /** From 0 to 1. */
  readonly chance: () => number;
  readonly onError: (error: unknown) => void;
}

/** Receivers to which a process sends at once. */
const MAX_RECEIVERS = 5;
/** Longer than an attempt takes. A process that died leaves its receivers to others after this. */
const LEASE_MS = 60_000;
/** Messages of one turn, so that a busy receiver does not keep a slot. */
const MAX_TURN = 20;
/** A mail has all that is due, and the next one comes at least this much later. */
const MAIL_EVERY_MS = 300_000;
const MAX_MAIL_EVENTS = 50;
const ABOVE_OK = 300;

export class Sender {
  readonly #deps: SenderDeps;
  readonly #turns = new Set<Promise<void>>();

  constructor(deps: SenderDeps) {
    this.#deps = deps;
  }

  get kinds(): readonly ReceiverKind[] {
    return RECEIVER_KINDS.filter((kind) => this.#deps.mail !== null || !isMailKind(kind));
  }

  /** Begins the turns of receivers with due messages, as far as slots are free. Never rejects. */
  async look(): Promise<void> {
    const free = MAX_RECEIVERS - this.#turns.size;
    if (free <= 0) return;
    const { outbox, nowMs, onError } = this.#deps;
    try {
      for (const recipient of await outbox.claim(this.kinds, nowMs(), LEASE_MS, free)) this.#begin(recipient);
    } catch (error) {
      onError(error);
    }
  }

  /** Resolves when no turn is running. */
  async idle(): Promise<void> {
    while (this.#turns.size > 0) await Promise.all(this.#turns);
  }

  /** Makes one attempt outside the outbox, for events that the ledger cannot take now. */
  async sendNow(recipient: Recipient, message: DueMessage): Promise<MadeAttempt> {
    const [made] = await this.#attempt(recipient, [message]);
    return made!;
  }

  #begin(recipient: Recipient): void {
    const turn = this.#turn(recipient)
      .catch((error: unknown) => {
        this.#deps.onError(error);
        return false;
      })
      .then((hasSentAll) => {
        this.#turns.delete(turn);
        return hasSentAll ? this.look() : undefined;
      });
    this.#turns.add(turn);
  }

  /**
   * Ends after a failure, so that a receiver that hangs leaves its slot to others. Returns whether it sent everything
   * that it tried; then more may be due, for this receiver or for one without a slot.
   */
  async #turn(recipient: Recipient): Promise<boolean> {
    const { outbox, nowMs } = this.#deps;
    const isMail = isMailKind(recipient.kind);
    const due = await outbox.due(recipient.id, nowMs(), isMail ? MAX_MAIL_EVENTS : MAX_TURN);
    const batches = isMail ? [due] : due.map((message) => [message]);
    let hasSentAll = due.length > 0;
    for (const batch of batches) {
      if (batch.length === 0 || !hasSentAll) break;
      const made = await this.#attempt(recipient, batch);
      await outbox.record(recipient, made, nowMs() + LEASE_MS);
      hasSentAll = made.every(({ next }) => next.kind === 'sent');
    }
    await outbox.release(recipient.id, nowMs() + (isMail ? MAIL_EVERY_MS : 0));
    return hasSentAll;
  }

  /** One attempt for all messages of the batch. */
  async #attempt(recipient: Recipient, batch: readonly DueMessage[]): Promise<MadeAttempt[]> {
    const { nowMs, chance } = this.#deps;
    const atMs = nowMs();
    const request = { headers: {} as Record<string, string>, body: '' };
    let outcome: AttemptResult & Pick<MessageAttempt, 'error' | 'responseHead'>;
    try {
      const answer = await this.#deliver(recipient, batch, request);
      const isTaken = answer.status >= 200 && answer.status < ABOVE_OK;
      const { status, retryAfter, head } = answer;
      outcome = { status, isTaken, retryAfter, error: null, responseHead: head };
    } catch (error) {
      outcome = {
        status: replyCodeOf(error),
        isTaken: false,
        retryAfter: null,
        error: failureReason(error),
        responseHead: '',
      };
    }
    const endMs = nowMs();
    const sent = {
      atMs,
      durationMs: Math.max(0, Math.round(endMs - atMs)),
      requestHeaders: request.headers,
      requestBody: request.body,
    };
    return batch.map((message) => ({
      message,
      attempt: { ...outcome, ...sent },
      next: nextStep(outcome, message.tries + 1, endMs, chance()),
    }));
  }

  /** Fills in `request` before it sends, so that the log has it even if sending fails. */
  async #deliver(
    { id, kind, sealed }: Recipient,
    batch: readonly DueMessage[],
    request: { headers: Record<string, string>; body: string },
  ): Promise<PostAnswer> {
    const { sealer, post, mail, consoleUrl, userAgent, nowMs } = this.#deps;
    const [first] = batch;
    const secrets: ReceiverSecrets = await openedSecrets(sealer, id, sealed);
    if (isMailKind(kind)) {
      const events = batch.map(({ event }) => event);
      const text =
        kind === 'client'
          ? mailText(
              events.map((event) => ({ ...event, data: dataForClient(event.data) })),
              null,
            )
          : mailText(events, consoleUrl);
      const messageId = `${first!.id}@postmeter`;
      Object.assign(request, {
        headers: { subject: text.subject, 'message-id': `<${messageId}>` },
        body: text.text,
      });
      if (mail === null) throw new Error('this process has no mailer');
      return mail({ to: secrets.address, messageId, ...text });
    }
    request.body = (kind === 'chat' ? chatBody : webhookBody)(first!.event, consoleUrl);
    request.headers = { 'content-type': 'application/json', 'user-agent': userAgent };
    if (kind === 'webhook')
      Object.assign(request.headers, signedHeaders(secrets, first!.id, request.body, nowMs()));
    return post(secrets.address, request.headers, request.body);
  }
}
