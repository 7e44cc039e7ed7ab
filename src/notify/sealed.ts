/** What a receiver keeps secret: its address and its signing secrets, as text that is encrypted before it is stored. */

export interface SigningSecret {
  /** `whsec_` and 32 bytes in base64 (Standard Webhooks). */
  readonly text: string;
  /** Epoch milliseconds; null for the present secret. */
  readonly validUntilMs: number | null;
}

export interface ReceiverSecrets {
  /** A URL or a mailbox. */
  readonly address: string;
  /** The present secret first. Empty for chat and mail. */
  readonly signing: readonly SigningSecret[];
}

/** How long the old secret still signs after a rotation. */
export const ROTATION_MS = 24 * 3_600_000;

/** Adds a secret. The present one signs for another day; older ones end at once. */
export function rotated(secrets: ReceiverSecrets, text: string, nowMs: number): ReceiverSecrets {
  const old = secrets.signing.filter(({ validUntilMs }) => validUntilMs === null);
  return {
    ...secrets,
    signing: [
      { text, validUntilMs: null },
      ...old.map((one) => ({ ...one, validUntilMs: nowMs + ROTATION_MS })),
    ],
  };
}

/** The secrets that sign a message now. */
export function validSecrets({ signing }: ReceiverSecrets, nowMs: number): string[] {
  return signing
    .filter(({ validUntilMs }) => validUntilMs === null || validUntilMs > nowMs)
    .map(({ text }) => text);
}

/** What lists show of an address: the host of a URL, or the mailbox. */
export function shownAddress(address: string): string {
  return URL.canParse(address) && address.includes('://') ? new URL(address).host : address;
}
