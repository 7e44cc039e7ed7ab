/** Ed25519 keys in files, and evidence signed with one as a JWS (RFC 7515, RFC 8037). */

import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { CompactSign, calculateJwkThumbprint, compactVerify, exportJWK } from 'jose';

const TYPE = 'postmeter-evidence+jws';
const ALGORITHM = 'EdDSA';

export interface WrittenKey {
  readonly publicFile: string;
  /** SPKI as PEM. */
  readonly publicKey: string;
  /** RFC 7638. */
  readonly thumbprint: string;
}

/** Writes the private key (PKCS#8, mode 0600) and, beside it, the public one. Throws where `file` is there already. */
export async function createKey(file: string): Promise<WrittenKey> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const publicFile = `${file}.pub`;
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const secret = privateKey.export({ type: 'pkcs8', format: 'pem' });
  writeFileSync(file, secret, { mode: 0o600, flag: 'wx' });
  writeFileSync(publicFile, pem, { flag: 'wx' });
  return { publicFile, publicKey: pem, thumbprint: await thumbprintOf(publicKey) };
}

/** Throws where the file holds no private key of Ed25519. */
export function readPrivateKey(file: string): KeyObject {
  return ed25519(createPrivateKey(readFileSync(file)));
}

/** PEM (SPKI) or JWK. Throws where the file holds no key of Ed25519; a private one is refused. */
export function readPublicKey(file: string): KeyObject {
  const text = readFileSync(file, 'utf8');
  if (/PRIVATE KEY/.test(text)) throw new TypeError('it is a private key: hand out the public one alone');
  if (!text.trimStart().startsWith('{')) return ed25519(createPublicKey(text));
  return ed25519(createPublicKey({ key: JSON.parse(text), format: 'jwk' }));
}

export async function sign(payload: string, key: KeyObject): Promise<string> {
  const kid = await thumbprintOf(createPublicKey(key));
  return new CompactSign(new TextEncoder().encode(payload))
    .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid })
    .sign(key);
}

export type SignatureResult =
  | { readonly ok: true; readonly payload: string; readonly thumbprint: string }
  | { readonly ok: false; readonly reason: string };

/** The payload, where the key has signed it as evidence. */
export async function openSigned(text: string, key: KeyObject): Promise<SignatureResult> {
  try {
    const { payload, protectedHeader } = await compactVerify(text, key, { algorithms: [ALGORITHM] });
    if (protectedHeader.typ !== TYPE) return { ok: false, reason: `its type is ${protectedHeader.typ}` };
    const thumbprint = await thumbprintOf(key);
    if (protectedHeader.kid !== thumbprint) return { ok: false, reason: 'it names another key' };
    return { ok: true, payload: new TextDecoder('utf-8', { fatal: true }).decode(payload), thumbprint };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

async function thumbprintOf(key: KeyObject): Promise<string> {
  return calculateJwkThumbprint(await exportJWK(key));
}

function ed25519(key: KeyObject): KeyObject {
  if (key.asymmetricKeyType === 'ed25519') return key;
  throw new TypeError(`it is a key of ${key.asymmetricKeyType}, not of Ed25519`);
}
