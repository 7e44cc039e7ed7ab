import { generateKeyPairSync } from 'node:crypto';
import type { JWK } from 'jose';
import { describe, expect, it, test } from 'vitest';
import { importSignatureKeys } from '../../../src/adapters/crypto/signature-keys.ts';

const ed25519 = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }) as JWK;
const rsa = (modulusLength: number) =>
  generateKeyPairSync('rsa', { modulusLength }).publicKey.export({ format: 'jwk' }) as JWK;

describe('keys of a directory', () => {
  it('are known by their thumbprints', async () => {
    const [key] = await importSignatureKeys([ed25519], true);
    expect(key).toMatchObject({ algorithm: 'ed25519', thumbprint: expect.stringMatching(/^[\w-]{43}$/) });
    const labelled = { ...ed25519, kid: key!.thumbprint };
    expect(await importSignatureKeys([labelled], true)).toHaveLength(1);
  });

  it('may have another name outside of well-known directories', async () => {
    const named = { ...ed25519, kid: 'key-1' };
    expect(await importSignatureKeys([named], true)).toEqual([]);
    expect(await importSignatureKeys([named], false)).toHaveLength(1);
  });

  it('have validity in seconds', async () => {
    const limited = { ...ed25519, nbf: 1_700_000_000, exp: 1_700_000_001 };
    const [key] = await importSignatureKeys([limited], true);
    expect(key).toMatchObject({ notBeforeMs: 1_700_000_000_000, notAfterMs: 1_700_000_001_000 });
  });

  test.each<[string, JWK]>([
    ['is private', { ...ed25519, d: 'AAAA' }],
    ['is a secret', { kty: 'oct', k: 'AAAA' }],
    ['is for encryption', { ...ed25519, use: 'enc' }],
    ['is of another algorithm', { ...ed25519, alg: 'ES256' }],
    ['is of an unknown curve', { ...ed25519, crv: 'X25519' }],
    ['cannot be read', { ...ed25519, x: 'AAAA' }],
    ['is RSA of 1,024 bits', rsa(1_024)],
  ])('leave out one that %s, and keep the others', async (_what, jwk) => {
    expect(await importSignatureKeys([jwk, ed25519], false)).toHaveLength(1);
  });
});
