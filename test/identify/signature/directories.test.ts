import { describe, expect, it, test } from 'vitest';
import { freshSeconds, readDirectory } from '../../../src/identify/signature/directory.ts';
import {
  type DirectoryAttempt,
  KnownDirectories,
  retryAfterMs,
} from '../../../src/identify/signature/known-directories.ts';
import { type Signer, signerOf } from '../../../src/identify/signature/signer.ts';
import { NOW_MS, testKey } from './signing.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const { key, thumbprint } = await testKey();
const signer = signerOf('https://signer.example')!;

function numbered(at: number): Signer {
  return signerOf(`https://signer-${at}.example`)!;
}

function attempt(changed: Partial<DirectoryAttempt> = {}): DirectoryAttempt {
  const good = {
    triedMs: NOW_MS,
    fetchedMs: NOW_MS,
    freshUntilMs: NOW_MS + HOUR_MS,
    keys: [key],
    failures: 0,
  };
  return { name: signer.name, ...good, ...changed };
}

function known(...attempts: DirectoryAttempt[]): KnownDirectories {
  const directories = new KnownDirectories(
    () => {},
    () => {},
  );
  for (const one of attempts) directories.learn(one);
  return directories;
}

/** What is found at a time, and whether a fetch is due then. */
function at(directories: KnownDirectories, nowMs: number, keyid = thumbprint): [string, boolean] {
  const found = directories.find(signer, keyid, 'caller', nowMs);
  return [found.kind === 'key' ? 'key' : found.reason, directories.take() !== null];
}

describe('a directory', () => {
  it('is fetched once it is named, and known from then on', () => {
    const directories = known();
    expect(at(directories, NOW_MS)).toEqual(['directory_unknown', true]);
    expect(at(directories, NOW_MS)).toEqual(['directory_unknown', false]);
    directories.finish(signer, attempt(), NOW_MS);
    expect(at(directories, NOW_MS)).toEqual(['key', false]);
  });

  it('is refreshed after 80 % of its freshness, and not used after it', () => {
    expect(at(known(attempt()), NOW_MS + 47 * MINUTE_MS)).toEqual(['key', false]);
    expect(at(known(attempt()), NOW_MS + 48 * MINUTE_MS)).toEqual(['key', true]);
    expect(at(known(attempt()), NOW_MS + HOUR_MS)).toEqual(['directory_unknown', true]);
  });

  it('keeps its keys for 7 days while it cannot be fetched', () => {
    const failing = (triedMs: number) => known(attempt({ triedMs, failures: 3 }));
    const sixDays = NOW_MS + 6 * 24 * HOUR_MS;
    expect(at(failing(sixDays), sixDays + MINUTE_MS)).toEqual(['key', false]);
    expect(at(failing(sixDays), sixDays + 4 * MINUTE_MS)).toEqual(['key', true]);
    const sevenDays = NOW_MS + 7 * 24 * HOUR_MS;
    expect(at(failing(sevenDays), sevenDays)).toEqual(['directory_failed', false]);
  });

  it('that lacks a key is fetched again after 5 minutes', () => {
    expect(at(known(attempt()), NOW_MS + 5 * MINUTE_MS - 1, 'x')).toEqual(['key_unknown', false]);
    expect(at(known(attempt()), NOW_MS + 5 * MINUTE_MS, 'x')).toEqual(['key_unknown', true]);
  });

  it('that resolves without a key takes it back', () => {
    const directories = known(attempt(), attempt({ triedMs: NOW_MS + 1, keys: [] }));
    expect(at(directories, NOW_MS + 2)).toEqual(['key_unknown', false]);
  });

  it('is not replaced by an older attempt of another process', () => {
    const directories = known(attempt(), attempt({ triedMs: NOW_MS - 1, keys: [] }));
    expect(at(directories, NOW_MS)).toEqual(['key', false]);
  });

  it('is tried again after 1, 2, 4, then 5 minutes', () => {
    expect([0, 1, 2, 3, 4, 5, 50].map((failures) => retryAfterMs(failures) / MINUTE_MS)).toEqual([
      0, 1, 2, 4, 5, 5, 5,
    ]);
    const failed = attempt({ fetchedMs: null, freshUntilMs: null, keys: [], failures: 2 });
    expect(at(known(failed), NOW_MS + 2 * MINUTE_MS - 1)).toEqual(['directory_failed', false]);
    expect(at(known(failed), NOW_MS + 2 * MINUTE_MS)).toEqual(['directory_failed', true]);
  });

  test.each([
    [{ notBeforeMs: NOW_MS + 1 }, 'key_not_valid_now'],
    [{ notAfterMs: NOW_MS - 1 }, 'key_not_valid_now'],
    [{ notBeforeMs: NOW_MS, notAfterMs: NOW_MS }, 'key'],
  ])('has keys that are valid for a time: %o', (validity, expected) => {
    expect(at(known(attempt({ keys: [{ ...key, ...validity }] })), NOW_MS)).toEqual([expected, false]);
  });
});

describe('the limits of fetches', () => {
  it('are 5 new directories an hour for a caller', () => {
    let dropped = 0;
    const directories = new KnownDirectories(
      () => {},
      () => {
        dropped += 1;
      },
    );
    const named = (count: number, caller: string, nowMs: number) => {
      for (let i = 0; i < count; i++) directories.find(numbered(i), thumbprint, caller, nowMs);
      let taken = 0;
      for (let next = directories.take(); next !== null; next = directories.take()) {
        directories.finish(next, null, nowMs - HOUR_MS);
        taken += 1;
      }
      return taken;
    };
    expect(named(9, 'a', NOW_MS)).toBe(5);
    expect(dropped).toBe(4);
    expect(named(9, 'b', NOW_MS)).toBe(5);
    expect(named(9, 'a', NOW_MS + HOUR_MS)).toBe(5);
  });

  it('are 8 at once, and one for a host', () => {
    const directories = known();
    for (let i = 0; i < 12; i++) directories.find(numbered(i), thumbprint, `caller ${i}`, NOW_MS);
    const inFlight = Array.from({ length: 12 }, () => directories.take()).filter((one) => one !== null);
    expect(inFlight).toHaveLength(8);
    directories.finish(inFlight[0]!, null, NOW_MS);
    expect(directories.take()).not.toBeNull();

    const oneHost = known();
    for (const path of ['a', 'b'])
      oneHost.find(signerOf(`https://signer.example/${path}`)!, thumbprint, 'a', NOW_MS);
    expect([oneHost.take()?.name, oneHost.take()]).toEqual(['https://signer.example/a', null]);
  });

  it('are 10,000 directories, of which failed ones make room', () => {
    const directories = known();
    const failed = { fetchedMs: null, freshUntilMs: null, keys: [], failures: 1 };
    for (let i = 0; i < 10_000; i++)
      directories.learn(attempt({ name: numbered(i).name, ...(i === 7 ? failed : {}) }));
    expect(at(directories, NOW_MS)).toEqual(['directory_unknown', false]);
    expect(at(directories, NOW_MS + 2 * MINUTE_MS)).toEqual(['directory_unknown', true]);
    directories.finish(signer, attempt(), NOW_MS);
    expect(directories.size).toBe(10_000);
  });
});

describe('a document', () => {
  const type = 'application/http-message-signatures-directory+json';
  const read = (text: string, isWellKnown = true, contentType: string | null = type) =>
    readDirectory({ contentType, cacheControl: null, body: Buffer.from(text) }, isWellKnown);

  it('holds keys', () => {
    expect(read('{"keys":[{"kty":"OKP"},7,null]}', true, `${type}; charset=utf-8`)).toEqual({
      kind: 'keys',
      keys: [{ kty: 'OKP' }],
    });
    expect(read('{"jwks":{"keys":[]}}', false, null)).toEqual({ kind: 'keys', keys: [] });
    expect(read('{"jwks_uri":"https://a.example/k"}', false)).toEqual({
      kind: 'elsewhere',
      url: 'https://a.example/k',
    });
  });

  test.each([
    ['{"keys":[]}', 'application/json', 'media_type'],
    ['{"keys":[]}', null, 'media_type'],
    ['<html>', type, 'not_json'],
    ['null', type, 'no_keys'],
    ['{"jwks_uri":"https://a.example/k"}', type, 'no_keys'],
    [`{"keys":[${Array(33).fill('{}').join()}]}`, type, 'too_many_keys'],
  ])('%s as %s is refused', (text, contentType, reason) => {
    expect(read(text, true, contentType)).toEqual({ kind: 'fault', reason });
  });

  test.each([
    [null, 3_600],
    ['public, max-age=7200', 7_200],
    ['max-age=1', 300],
    ['max-age=9999999999', 86_400],
    ['no-store, max-age=7200', 300],
    ['max-age=x', 3_600],
  ])('with Cache-Control %s is fresh for %i s', (cacheControl, seconds) => {
    expect(freshSeconds(cacheControl)).toBe(seconds);
  });
});
