/** What every attempt to send needs: the secrets of a receiver, the signature of a webhook, and the words of a failure. */

import { Webhook } from 'standardwebhooks';
import type { Sealer } from './port.ts';
import { type ReceiverSecrets, validSecrets } from './sealed.ts';

/** The headers of Standard Webhooks. During a rotation both secrets sign. */
export function signedHeaders(
  secrets: ReceiverSecrets,
  id: string,
  body: string,
  nowMs: number,
): Record<string, string> {
  const at = new Date(nowMs);
  const signatures = validSecrets(secrets, nowMs).map((secret) => new Webhook(secret).sign(id, at, body));
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(nowMs / 1000)),
    'webhook-signature': signatures.join(' '),
  };
}

/** Rejects if the secrets were encrypted with another POSTMETER_SECRET. */
export async function openedSecrets(
  sealer: Sealer,
  receiverId: string,
  sealed: Uint8Array,
): Promise<ReceiverSecrets> {
  try {
    return JSON.parse(await sealer.open(receiverId, sealed));
  } catch (error) {
    throw new Error(
      'the address and secret of this receiver were encrypted with another POSTMETER_SECRET; set both again',
      {
        cause: error,
      },
    );
  }
}

/** The reply code of a mail server that refused; null for another error. */
export function replyCodeOf(error: unknown): number | null {
  const code = error instanceof Error && 'responseCode' in error ? error.responseCode : null;
  return typeof code === 'number' ? code : null;
}

const MAX_REASON = 500;

/** The message of an error, at most 500 characters. */
export function failureReason(error: unknown): string {
  return (error instanceof Error ? error.message || error.name : String(error)).slice(0, MAX_REASON);
}
