import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postgresDirectories } from '../../../../src/adapters/postgres/rights/directories.ts';
import type { DirectoryStore, StoredDirectory } from '../../../../src/identify/signature/port.ts';
import { type EmptyLedger, emptyLedger, LEDGER_KINDS } from '../empty-ledger.ts';

const NOW_MS = Date.UTC(2026, 2, 1, 12, 0, 0, 123);

const good: StoredDirectory = {
  name: 'https://signer.example',
  triedMs: NOW_MS,
  fetchedMs: NOW_MS,
  freshUntilMs: NOW_MS + 3_600_000,
  keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'AAAA' }],
  failure: null,
  failures: 0,
};

describe.each(LEDGER_KINDS)('directories of signers on %s', (kind) => {
  let empty: EmptyLedger;
  let store: DirectoryStore;

  beforeAll(async () => {
    empty = await emptyLedger(kind, 'directories');
    store = postgresDirectories(empty.ledger.db);
  });

  afterAll(() => empty.drop());

  it('are claimed by one of several processes', async () => {
    const name = 'https://claimed.example';
    const claims = await Promise.all([1, 2, 3].map((at) => store.claim(name, NOW_MS + at, null)));
    expect(claims.filter(Boolean)).toHaveLength(1);
    const row = await store.read(name);
    expect(row).toMatchObject({ fetchedMs: null, keys: [], failures: 0 });
    const later = await Promise.all(
      [1, 2].map((at) => store.claim(name, NOW_MS + 60_000 + at, row!.triedMs)),
    );
    expect(later.filter(Boolean)).toHaveLength(1);
    expect(await store.claim(name, NOW_MS + 120_000, null)).toBe(false);
  });

  it('are read as they were saved', async () => {
    expect(await store.read(good.name)).toBeNull();
    await store.save(good);
    expect(await store.read(good.name)).toEqual(good);
    const failed = { ...good, triedMs: NOW_MS + 1, failure: 'no complete response within 3 s', failures: 1 };
    await store.save(failed);
    expect(await store.read(good.name)).toEqual(failed);
    const never = { ...failed, name: 'https://never.example', fetchedMs: null, freshUntilMs: null, keys: [] };
    await store.save(never);
    expect(await store.read(never.name)).toEqual(never);
  });

  it('are listed by their last attempt, and forgotten by it', async () => {
    const old = { ...good, name: 'https://old.example', triedMs: NOW_MS - 86_400_000 };
    await store.save(old);
    const names = async (fromMs: number) => (await store.triedSince(fromMs)).map(({ name }) => name);
    expect(await names(NOW_MS - 86_400_000)).toContain(old.name);
    expect(await names(NOW_MS - 86_399_999)).not.toContain(old.name);
    await store.forget(NOW_MS - 86_399_999);
    expect(await store.read(old.name)).toBeNull();
  });
});
