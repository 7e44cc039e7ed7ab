import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { nodeSecrets } from '../../../src/adapters/crypto/secrets.ts';

const secret = Buffer.from('a secret of the ledger');
const box = nodeSecrets(secret);

test('keys and tokens are a prefix followed by 32 random bytes', () => {
  const made = Array.from({ length: 50 }, () => [box.newKey(), box.newToken()]).flat();
  expect(new Set(made).size).toBe(100);
  expect(made.every((text) => /^pm[kt]_[A-Za-z0-9_-]{43}$/.test(text))).toBe(true);
});

test('a key is hashed with the secret, a token without one', () => {
  expect(box.hashKey('k')).toBe(createHmac('sha256', secret).update('k').digest('hex'));
  expect(nodeSecrets(Buffer.from('another')).hashKey('k')).not.toBe(box.hashKey('k'));
  // FIPS 180-2, appendix B.1.
  expect(box.hashToken('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

test.each([
  ['a', 'a', true],
  ['a', 'b', false],
  ['a', 'ab', false],
  ['', '', true],
])('%j and %j are the same: %j', (a, b, same) => {
  expect(box.same(a, b)).toBe(same);
});
