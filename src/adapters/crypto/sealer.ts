/** Encrypts what receivers keep secret with a key derived from the product's secret (HKDF, AES-256-GCM, WebCrypto). */

import type { Sealer } from '../../notify/port.ts';

const { subtle } = globalThis.crypto;
const NONCE_BYTES = 12;
const PURPOSE = new TextEncoder().encode('postmeter receivers');

/** @param secret POSTMETER_SECRET, or the secret that the ledger keeps. */
export function sealerOf(secret: Uint8Array): Sealer {
  const key = keyFrom(secret);
  // A rejection is reported by each use of the key.
  key.catch(() => {});
  return {
    async seal(context, text) {
      const nonce = globalThis.crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
      const sealed = await subtle.encrypt(
        algorithm(nonce, context),
        await key,
        new TextEncoder().encode(text),
      );
      return Buffer.concat([nonce, new Uint8Array(sealed)]);
    },
    async open(context, sealed) {
      const nonce = Uint8Array.from(sealed.subarray(0, NONCE_BYTES));
      const rest = Uint8Array.from(sealed.subarray(NONCE_BYTES));
      return new TextDecoder().decode(await subtle.decrypt(algorithm(nonce, context), await key, rest));
    },
  };
}

function algorithm(iv: Uint8Array<ArrayBuffer>, context: string) {
  return { name: 'AES-GCM', iv, additionalData: new TextEncoder().encode(context) };
}

async function keyFrom(secret: Uint8Array) {
  const material = await subtle.importKey('raw', Uint8Array.from(secret), 'HKDF', false, ['deriveKey']);
  const hkdf = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: PURPOSE };
  return subtle.deriveKey(hkdf, material, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}
