/**
 * Guesses of tokens and keys are slowed per peer and for no other peer, in bounded memory. Response times do not
 * help.
 */

import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodeSecrets } from '../../src/adapters/crypto/secrets.ts';
import { memoryFailureThrottle } from '../../src/adapters/memory/failure-throttle.ts';
import { type AdminEnv, authenticate } from '../../src/admin/auth.ts';
import type { TokenRecord } from '../../src/admin/port.ts';
import { sendError } from '../../src/admin/problem.ts';
import type { SessionStore } from '../../src/admin/sessions/port.ts';
import { createIdentify } from '../../src/identify/identify.ts';
import { identifySettingsSchema } from '../../src/identify/settings.ts';
import { type ApiRig, apiRig } from '../admin/api-rig.ts';

const ADMIN_TOKEN = 'the-one-of-the-environment';
const secrets = nodeSecrets(Buffer.from('keys the hashes of API keys'));
const GOOD = secrets.newToken();
const RECORD: TokenRecord = {
  id: 'id',
  name: 'ada',
  roles: ['viewer'],
  createdAtMs: 0,
  createdBy: 'test',
  revokedAtMs: null,
};

/** An app whose peer is in a header. It records what it compared and looked up. */
function door({ failures = 10, maxPeers = 10_000 } = {}) {
  const lookedUp: string[] = [];
  const compared: Array<readonly [string, string]> = [];
  const app = new Hono<AdminEnv>();
  const silent = { info() {}, warn() {}, error() {} };
  app.onError(
    sendError(
      silent,
      () => 'incident',
      () => false,
    ),
  );
  app.use(
    authenticate({
      adminToken: ADMIN_TOKEN,
      failures: memoryFailureThrottle({ failures, maxPeers }),
      peerOf: (c) => c.req.header('peer') ?? '192.0.2.1',
      secrets: {
        hashToken: secrets.hashToken,
        same: (a, b) => {
          compared.push([a, b]);
          return secrets.same(a, b);
        },
      },
      sessions: {} as SessionStore,
      sessionLimits: { idleMs: 1, maxMs: 1 },
      now: Date.now,
      store: {
        tokenByHash: async (hash) => {
          lookedUp.push(hash);
          await new Promise((resolve) => setTimeout(resolve, 5));
          return hash === secrets.hashToken(GOOD) ? RECORD : null;
        },
      },
    }),
  );
  app.get('/', (c) => c.text('in'));
  const knock = async (token: string, peer = '192.0.2.1') =>
    (await app.request('/', { headers: { authorization: `Bearer ${token}`, peer } })).status;
  return { knock, lookedUp, compared };
}

describe('guesses', () => {
  test('are slowed per peer, and no other peer is locked out', async () => {
    const { knock } = door();
    const guesses = [];
    for (let n = 0; n < 15; n++) guesses.push(await knock(`pmt_${n}`, '192.0.2.66'));
    expect(guesses).toEqual([...Array(10).fill(401), ...Array(5).fill(429)]);
    expect(await knock(GOOD, '192.0.2.66')).toBe(429);
    expect(await knock(GOOD, '192.0.2.67')).toBe(200);
    expect(await knock(ADMIN_TOKEN, '192.0.2.67')).toBe(200);
  });

  test('reveal no more if sent at once than one by one', async () => {
    const { knock } = door();
    const tokens = Array.from({ length: 200 }, (_, n) => (n === 150 ? GOOD : `pmt_${n}`));
    const statuses = await Promise.all(tokens.map((token) => knock(token)));
    expect(statuses.filter((status) => status === 401)).toHaveLength(10);
    expect(statuses[150]).toBe(429);
    expect(statuses.filter((status) => status === 429)).toHaveLength(190);
  });

  test('from all addresses of an IPv6 /56 count as one peer, and those of the next /56 do not', async () => {
    const { knock } = door();
    for (let n = 0; n < 10; n++) expect(await knock('pmt_no', `2001:db8:0:1::${n + 1}`)).toBe(401);
    expect(await knock(GOOD, '2001:db8:0:ff:ffff:ffff:ffff:ffff')).toBe(429);
    expect(await knock(GOOD, '2001:db8:0:100::1')).toBe(200);
    expect(await knock(GOOD, '::ffff:192.0.2.9')).toBe(200);
  });

  test('do not include correct tokens, or requests without one', async () => {
    const { knock } = door({ failures: 1 });
    for (let n = 0; n < 5; n++) {
      expect(await knock(GOOD)).toBe(200);
      expect(await knock('not a token')).toBe(401);
    }
    expect(await knock(GOOD)).toBe(200);
  });

  test('from very many peers take bounded memory, and lock out no other peer', async () => {
    const throttle = memoryFailureThrottle({ failures: 1, maxPeers: 100 });
    const peer = (n: number) => `2001:db8:${n.toString(16)}::1`;
    for (let n = 1; n <= 5_000; n++) await throttle.failed(peer(n));
    const blocked = await Promise.all(
      Array.from({ length: 5_000 }, async (_, n) => (await throttle.blockedSeconds(peer(n + 1))) > 0),
    );
    expect(blocked.filter(Boolean)).toHaveLength(100);
    expect(await throttle.blockedSeconds('192.0.2.1')).toBe(0);
  });

  test('do not extend the block of a peer if they continue', async () => {
    const throttle = memoryFailureThrottle({ failures: 1, seconds: 1 });
    expect(await throttle.failed('192.0.2.1')).toBe(0);
    expect(await throttle.failed('192.0.2.1')).toBe(1);
    // It never pauses, and yet one of its failures counts as the first again.
    await expect.poll(() => throttle.failed('192.0.2.1'), { interval: 10 }).toBe(0);
  });
});

describe('timing reveals nothing', () => {
  test('a token is found by its hash, and the hashes are compared over their whole length', async () => {
    const { knock, lookedUp, compared } = door({ failures: 1_000 });
    const near = ADMIN_TOKEN.slice(0, -1);
    const guesses = ['x', near, `${ADMIN_TOKEN}x`, 'y'.repeat(500), 'pmt_', `${GOOD.slice(0, -1)}_`, GOOD];
    for (const guess of guesses) await knock(guess);
    expect(compared).toHaveLength(guesses.length);
    for (const [given, known] of compared) {
      expect(given).toMatch(/^[0-9a-f]{64}$/);
      expect(known).toMatch(/^[0-9a-f]{64}$/);
    }
    // SHA-256 hides how close a guess was.
    expect(compared[1]![0].slice(0, 8)).not.toBe(compared[1]![1].slice(0, 8));
    expect(lookedUp).toEqual(guesses.filter((guess) => guess.startsWith('pmt_')).map(secrets.hashToken));
  });

  test('an API key is looked up only by its keyed hash', () => {
    const asked: string[] = [];
    const hashed: string[] = [];
    const directory = {
      byKeyHash: (hash: string) => void asked.push(hash),
      byAddress: () => undefined,
    };
    const identify = createIdentify({
      settings: identifySettingsSchema.parse({}),
      trustedProxies: [],
      hashKey: (key) => {
        hashed.push(key);
        return secrets.hashKey(key);
      },
    } as Parameters<typeof createIdentify>[0]);
    for (const key of ['pmk_a', 'pmk_b']) {
      const facts = { peer: '192.0.2.1', rawHeaders: ['X-API-Key', key], target: '/', nowMs: 0 };
      const found = identify(facts, directory as unknown as Parameters<typeof identify>[1]);
      expect(found.kind).toBe('bad_credential');
    }
    expect(hashed).toEqual(['pmk_a', 'pmk_b']);
    expect(asked).toEqual(hashed.map(secrets.hashKey));
    for (const hash of asked) expect(hash).toMatch(/^[0-9a-f]{64}$/);
  });

  test('secrets of different lengths are compared without an exception, and differ', () => {
    expect(secrets.same('a', 'aa')).toBe(false);
    expect(secrets.same('ab', 'aa')).toBe(false);
    expect(secrets.same('aa', 'aa')).toBe(true);
  });
});

describe('a copy of the database', () => {
  let rig: ApiRig;
  beforeAll(async () => {
    rig = await apiRig('pglite', 'security-dump');
  });
  afterAll(() => rig.close());

  test('contains no token, no key, and no hash that can be tried without our secret', async () => {
    await rig.call('POST', '/v1/clients', { json: { id: 'acme', name: 'ACME' } });
    const added = await rig.call('POST', '/v1/clients/acme/identifiers', { json: { kind: 'api_key' } });
    const token = await rig.tokenWith('finance');
    const tables = ['identifiers', 'tokens', 'audit', 'clients'];
    const dump = await Promise.all(
      tables.map(async (table) => JSON.stringify(await rig.db.execute(`select * from ${table}`))),
    );
    expect(added.json.key).toMatch(/^pmk_/);
    for (const text of dump) {
      expect(text).not.toContain(added.json.key);
      expect(text).not.toContain(token);
      expect(text).not.toContain(secrets.hashToken(added.json.key));
    }
    expect(dump.join()).toContain(secrets.hashToken(token));
  });
});
