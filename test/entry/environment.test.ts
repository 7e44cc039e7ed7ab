import { describe, expect, it } from 'vitest';
import { readEnvironment } from '../../src/entry/environment.ts';
import { secretsIn, withoutSecrets } from '../../src/report/redaction.ts';

const base64 = (bytes: number) => Buffer.alloc(bytes, 7).toString('base64');

describe('RIGHTS_WEBHOOK_SECRET', () => {
  it.each([24, 25, 26, 32, 64])('may have %i bytes, and is removed from printed text', (bytes) => {
    const secret = `whsec_${base64(bytes)}`;
    const variables = readEnvironment({ RIGHTS_WEBHOOK_SECRET: secret });
    expect(variables.RIGHTS_WEBHOOK_SECRET).toBe(secret);
    expect(withoutSecrets(`with ${secret}`, secretsIn(variables))).toBe('with [redacted]');
  });

  it.each([base64(32), `whsec_${base64(16)}`, `whsec_${base64(32)}!`, 'whsec_'])(
    'of another form is refused without showing it: %s',
    (secret) => {
      expect(() => readEnvironment({ RIGHTS_WEBHOOK_SECRET: secret })).toThrow(
        /^environment variable RIGHTS_WEBHOOK_SECRET: must be whsec_ and at least 24 bytes in base64$/,
      );
    },
  );

  it('is unset if it is empty', () => {
    expect(readEnvironment({ RIGHTS_WEBHOOK_SECRET: '' }).RIGHTS_WEBHOOK_SECRET).toBeUndefined();
  });
});
