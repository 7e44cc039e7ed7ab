/** Sends mail by SMTP. Only Node has it: a Worker cannot open the connections that it needs. */

import { createTransport } from 'nodemailer';
import type { PostAnswer, SendMail } from '../../../notify/port.ts';

export interface MailerOptions {
  /** `smtp://user:password@host:587` or `smtps://...`. */
  readonly url: string;
  /** The sender's mailbox. */
  readonly from: string;
}

const TIMEOUT_MS = 15_000;

/** A refusal rejects with nodemailer's error, which has the reply as `responseCode`. */
export function smtpMailer({ url, from }: MailerOptions): SendMail {
  const times = { connectionTimeout: TIMEOUT_MS, greetingTimeout: TIMEOUT_MS, socketTimeout: TIMEOUT_MS };
  const transport = createTransport({ url, ...times, disableFileAccess: true, disableUrlAccess: true });
  return async ({ to, subject, text, html, messageId, attachments = [] }): Promise<PostAnswer> => {
    const { response } = await transport.sendMail({
      ...{ from, subject, text, messageId: `<${messageId}>` },
      ...(html === undefined ? {} : { html }),
      attachments: attachments.map(({ fileName, contentType, bytes }) => ({
        ...{ filename: fileName, contentType, content: Buffer.from(bytes) },
      })),
      to: { name: '', address: to },
    });
    return { status: Number.parseInt(response, 10) || 250, retryAfter: null, head: response.slice(0, 2_048) };
  };
}
